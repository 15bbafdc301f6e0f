"""One listing of pictures for all commands."""

import pytest

from inspection.common.errors import DatasetError
from inspection.datasets.images.image_folder import (
    find_same_names,
    list_images,
    output_names,
)

FILES = (
    *("b.jpg", "a.PNG", "notes.txt", "._a.png", ".hidden/x.jpg"),
    *("walls/a.png", "walls/deep ü/c.webp", "out/annotated/b.jpg"),
)


@pytest.fixture
def folder(tmp_path):
    for name in FILES:
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"not looked into")
    return tmp_path / "set"


def below(folder, paths):
    return [path.relative_to(folder).as_posix() for path in paths]


def test_a_folder_stands_for_all_below_it(folder):
    assert below(folder, list_images([folder], leave_out=[folder / "out"])) == [
        *("a.PNG", "b.jpg", "walls/a.png", "walls/deep ü/c.webp")
    ]
    assert "out/annotated/b.jpg" in below(folder, list_images([folder]))


def test_folders_inside_are_left_out_where_it_is_asked_for(folder):
    assert below(folder, list_images([folder], recursive=False)) == ["a.PNG", "b.jpg"]


def test_files_and_folders_mix_and_each_picture_comes_once(folder):
    found = list_images(
        [folder / "walls", folder / "b.jpg", str(folder / "walls/a.png")]
    )
    assert below(folder, found) == ["b.jpg", "walls/a.png", "walls/deep ü/c.webp"]


def test_a_file_that_is_named_is_taken_whatever_its_ending(folder):
    assert list_images([folder / "notes.txt"]) == [folder / "notes.txt"]


def test_sources_that_are_not_there_are_all_named(folder, tmp_path):
    with pytest.raises(
        DatasetError, match="one, .*two.jpg is neither file nor folder;"
    ):
        list_images([folder, tmp_path / "one", tmp_path / "two.jpg"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="0 pictures found in .*empty"):
        list_images([tmp_path / "empty"])
    with pytest.raises(DatasetError, match="0 pictures found in"):
        list_images([folder / "out"], leave_out=[folder])


def test_results_lie_as_their_pictures_do(folder):
    sources = [folder, folder / "walls/a.png"]
    names = output_names(list_images(sources), sources)
    assert names[folder / "walls/a.png"].as_posix() == "walls/a.png"
    assert find_same_names(names) == []
    alone = output_names([folder / "walls/a.png"], [folder / "walls/a.png"])
    assert [name.as_posix() for name in alone.values()] == ["a.png"]


def test_results_of_one_name_are_faults(folder):
    sources = [folder / "a.PNG", folder / "b.jpg", folder / "walls"]
    faults = find_same_names(output_names(list_images(sources), sources))
    assert [fault.file for fault in faults] == ["a.PNG", "a.png"]
