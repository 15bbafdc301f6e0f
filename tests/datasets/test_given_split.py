"""A split that was given shows what our own guarantees, wherever it is given."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.sets.voc_sets import VocSet
from inspection.common.errors import DatasetError
from inspection.datasets import voc
from inspection.datasets.checking import given_split
from inspection.datasets.class_folders import read_class_folders
from inspection.datasets.mask_pairs import read_pairs, split_pairs
from inspection.datasets.splitting import class_split
from inspection.detection.records.record_sources import select_split


def sample_image(seed, size=(80, 60)):
    noise = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def fill(folder, counts, start=0):
    for offset, (name, count) in enumerate(counts.items()):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            image = sample_image(start + 1000 * offset + number)
            image.save(folder / name / f"{start}_{number}.png")
    return folder


def write_lists(folder, **lists):
    folder.mkdir(exist_ok=True)
    for split, names in lists.items():
        (folder / f"{split}.txt").write_text("\n".join(names) + "\n")
    return folder


def saved_anew(path, quality, scale=1.0):
    """Return the bytes of a picture as a JPEG of another quality and size."""
    buffer = io.BytesIO()
    with Image.open(path) as image:
        size = [round(side * scale) for side in image.size]
        image.convert("RGB").resize(size).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@pytest.fixture
def parted(tmp_path):
    fill(tmp_path / "set/train", {"clean": 8, "crack": 8})
    fill(tmp_path / "set/val", {"clean": 2, "crack": 2}, 100)
    fill(tmp_path / "set/test", {"clean": 4, "crack": 4}, 200)
    return tmp_path / "set"


def test_a_split_without_copies_is_taken(parted, capsys):
    assert len(read_class_folders(parted)) == 28
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("quality", "scale"), [(90, 1.0), (60, 0.5)])
def test_a_picture_saved_anew_on_the_other_side_is_refused(parted, quality, scale):
    data = saved_anew(parted / "train/crack/0_3.png", quality, scale)
    (parted / "test/crack/other name.jpg").write_bytes(data)
    with pytest.raises(DatasetError) as error:
        read_class_folders(parted)
    assert "1 picture of" in str(error.value)
    assert "0_3.png: in train; other name.jpg in test" in str(error.value)


def test_neighbours_are_said_and_not_refused(tmp_path, capsys):
    rng = np.random.default_rng(0)
    frame = np.asarray(sample_image(1)).astype(float)
    paths = {"train": [tmp_path / "a.png"], "test": [tmp_path / "b.png"]}
    sample_image(1).save(tmp_path / "a.png")
    other = frame + 0.35 * (np.asarray(sample_image(2)) - 128.0) + rng.normal(0, 1)
    Image.fromarray(np.clip(other, 0, 255).astype(np.uint8)).save(tmp_path / "b.png")
    given_split.refuse_copies(paths, "set")
    assert "note: 1 group of pictures nearly alike" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["eval", "Evaluation", "valid", "dev"])
def test_every_name_of_a_validation_part_is_known(parted, name):
    (parted / "val").rename(parted / name)
    splits = class_split.split_images(read_class_folders(parted))
    assert {s: len(i) for s, i in splits.items()} == {"train": 16, "val": 4, "test": 8}


def test_a_folder_beside_a_split_is_named(parted):
    (parted / "val").rename(parted / "old pictures")
    with pytest.raises(DatasetError, match="test, train, which .* it old pictures"):
        read_class_folders(parted)


def test_a_class_may_be_called_train(tmp_path):
    found = read_class_folders(fill(tmp_path, {"bus": 3, "train": 3}))
    assert found.class_names == ("bus", "train")


def test_a_class_that_val_taken_from_train_lacks_is_refused(tmp_path):
    fill(tmp_path / "train", {"clean": 9, "crack": 1})
    fill(tmp_path / "test", {"clean": 4, "crack": 4}, 200)
    with pytest.raises(DatasetError, match="val holds no crack|train holds no crack"):
        class_split.split_images(read_class_folders(tmp_path))


@pytest.fixture
def masked(tmp_path):
    """Return pairs a to f with a square on each."""
    for folder in ("images", "masks"):
        (tmp_path / folder).mkdir()
    square = np.zeros((60, 80), np.uint8)
    square[10:40, 10:50] = 255
    for number, name in enumerate("abcdef"):
        sample_image(number).save(tmp_path / f"images/{name}.png")
        Image.fromarray(square).save(tmp_path / f"masks/{name}.png")
    return tmp_path


def pairs_of(folder):
    return read_pairs(folder / "images", folder / "masks")


def test_masks_whose_lists_overlap_are_refused(masked):
    lists = write_lists(masked / "splits", train="abc", val="d", test="cbe")
    with pytest.raises(DatasetError) as error:
        split_pairs(pairs_of(masked), splits=lists)
    assert "2 names of" in str(error.value)
    assert "b: listed in train and test" in str(error.value)


def test_masks_with_a_copy_in_another_list_are_refused(masked):
    lists = write_lists(masked / "splits", train="abc", val="d", test="ef")
    assert len(split_pairs(pairs_of(masked), splits=lists)["test"]) == 2
    (masked / "images/e.png").unlink()
    copy = saved_anew(masked / "images/a.png", 85)
    (masked / "images/e.jpg").write_bytes(copy)
    with pytest.raises(DatasetError, match=r"a\.png: in train; e\.jpg in test"):
        split_pairs(pairs_of(masked), splits=lists)


def test_records_of_lists_that_overlap_are_refused(tmp_path):
    data = VocSet(tmp_path, count=5)
    sources = voc.list_annotations(data.annotations)
    lists = write_lists(data.root / "splits", train=["pipe_00", "pipe_01"])
    write_lists(lists, test=["pipe_01", "pipe_02"], notes=["pipe_00"])
    for split in ("train", "test"):
        with pytest.raises(DatasetError, match="pipe_01: listed in train and test"):
            select_split(sources, lists / f"{split}.txt")
    # another name is no part of the split
    assert len(select_split(sources, lists / "notes.txt")) == 1


def test_records_of_copies_are_refused(tmp_path):
    data = VocSet(tmp_path, count=5)
    copy = saved_anew(data.images / "pipe_00.jpg", 80)
    data.add("again", copy)
    sources = voc.list_annotations(data.annotations)
    lists = write_lists(data.root / "splits", train=["pipe_00", "pipe_01"])
    write_lists(lists, val=["pipe_02"], test=["again"])
    assert len(select_split(sources, lists / "val.txt")) == 1
    with pytest.raises(
        DatasetError, match=r"pipe_00\.jpg: in train; again\.jpg in test"
    ):
        select_split(sources, lists / "val.txt", data.images)


def test_given_splits_of_real_sets(shared_data, capsys):
    cases = shared_data / "cases" / "classify" / "11_given_split_reencoded"
    if not cases.is_dir():
        pytest.skip("needs ../shared/data/cases/classify, which is not here")
    with pytest.raises(DatasetError, match="12 pictures of"):
        read_class_folders(cases)
    xml, images = shared_data / "bccd/annotations", shared_data / "bccd/images"
    sources = voc.list_annotations(xml)
    select_split(sources, shared_data / "bccd/splits/val.txt", images)
    assert "note: 1 group of pictures nearly alike" in capsys.readouterr().out
