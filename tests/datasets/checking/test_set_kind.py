"""Which kind of set lies in a folder, and what is refused by name."""

import shutil

import pytest

from helpers.commands import run_command
from helpers.sets.mask_sets import MaskSet, square
from helpers.sets.voc_sets import VocSet
from inspection.common.errors import DatasetError
from inspection.datasets.checking.set_kind import find_set


def test_boxes_in_two_folders_or_one(tmp_path):
    made = VocSet(tmp_path, count=2)
    found = find_set(made.root)
    assert (found.kind, found.images, found.labels) == (
        "boxes",
        made.images,
        made.annotations,
    )
    for path in made.annotations.iterdir():
        shutil.move(path, made.images)
    assert find_set(made.images).kind == "boxes"
    assert find_set(made.root).labels == made.images


@pytest.mark.parametrize(
    ("images", "masks"), [("JPEGImages", "SegmentationClass"), ("Images", "gt")]
)
def test_masks_by_the_names_of_tools(tmp_path, images, masks):
    made = MaskSet(tmp_path, count=2)
    made.write_lists(train=["p0"], val=["p1"])
    made.images.rename(made.root / images)
    made.masks.rename(made.root / masks)
    found = find_set(made.root)
    assert (found.kind, found.images.name, found.labels.name) == (
        "masks",
        images,
        masks,
    )
    assert found.splits == made.root / "splits"


def test_masks_beside_their_pictures(tmp_path):
    made = MaskSet(tmp_path)
    made.masks = made.images
    made.add("p0_mask", None)
    made.add("p0", square(), seed=1)
    assert find_set(made.images).kind == "masks"


def test_lists_of_pascal_voc_are_taken(tmp_path):
    made = VocSet(tmp_path, count=3)
    made.images.rename(made.root / "JPEGImages")
    made.annotations.rename(made.root / "Annotations")
    lists = made.root / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("pipe_00\n")
    assert find_set(made.root).splits == lists


def test_a_set_in_parts_is_no_set_of_classes(tmp_path):
    made = VocSet(tmp_path, count=2)
    for name in ("train", "valid"):
        shutil.copytree(made.images, made.root / name)
        shutil.copy(made.annotations / "pipe_00.xml", made.root / name)
    shutil.rmtree(made.images)
    shutil.rmtree(made.annotations)
    with pytest.raises(DatasetError, match="there is XML in train/, valid/"):
        find_set(made.root)
    assert find_set(made.root / "train").kind == "boxes"


def test_two_folders_of_other_names_are_classes(tmp_path):
    made = MaskSet(tmp_path, count=2)
    made.masks.rename(made.root / "crack")
    found = find_set(made.root)
    assert (found.kind, found.images, found.labels) == ("classes", made.root, None)


def test_a_kind_that_is_not_there_is_refused(tmp_path):
    made = MaskSet(tmp_path, count=2)
    with pytest.raises(DatasetError, match="holds no set of boxes"):
        find_set(made.root, "boxes")
    with pytest.raises(DatasetError, match="nowhere is not a folder"):
        find_set(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="no set of boxes, classes or masks"):
        find_set(tmp_path / "empty")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "name one set"),
        (("a", "-x", "b"), "name one set"),
        (("-x", "a", "--masks", "b"), "name one set"),
        (("-x", "a", "--kind", "masks"), "-x names boxes, not --kind masks"),
        (("-x", "a", "--classes", "b"), "--classes is not for boxes"),
        (("-i", "a", "--masks", "b", "-l", "c"), "--labels_path is not for masks"),
    ],
)
def test_flags_that_do_not_belong_together(monkeypatch, capsys, arguments, text):
    status, out, err = run_command(monkeypatch, capsys, "check_dataset", *arguments)
    assert (status, out) == (2, "")
    assert err.startswith("error: ") and text in err


def test_the_kind_stands_in_the_first_line(tmp_path, monkeypatch, capsys):
    made = MaskSet(tmp_path, count=2)
    for kind, first in (
        (None, "masks: masks in "),
        ("classes", "classes: class folders in "),
    ):
        chosen = ("--kind", kind) if kind else ()
        arguments = ("check_dataset", made.root, *chosen)
        out = run_command(monkeypatch, capsys, *arguments)[1]
        assert out.startswith(first)
