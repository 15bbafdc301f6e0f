"""Sets of masks and of class folders as the web has them, found by one path."""

import pytest

from helpers.images import encode, sample_image
from helpers.sets.public_sets import (
    MASK_SETS,
    add_litter,
    add_mask,
    lay_out_masks,
    zip_folder,
)
from inspection.common.errors import DatasetError
from inspection.datasets.class_folders import read_class_folders
from inspection.datasets.layouts.opening import open_masks
from inspection.datasets.mask_pairs import read_pairs, split_pairs


@pytest.fixture
def opened(tmp_path):
    """Return a function that opens a set and splits its pairs: {split: stems}, pairs."""

    def opened(*settings):
        found = open_masks(*settings, into=tmp_path / "into")
        pairs = read_pairs(found.images, found.partners)
        if not found.splits:
            return {}, pairs
        splits = split_pairs(pairs, splits=found.splits)
        return {
            s: [pair.stem for pair in chosen] for s, chosen in splits.items()
        }, pairs

    return opened


@pytest.mark.parametrize("layout", MASK_SETS)
def test_the_split_of_a_zip_is_taken(layout, tmp_path, opened, capsys):
    dealt = lay_out_masks(tmp_path / "set", layout)
    add_litter(tmp_path / "set")
    (tmp_path / "set/_classes.csv").write_text("Pixel Value, Class\n0, background\n")
    lists, pairs = opened(zip_folder(tmp_path / "set", tmp_path / "rust.zip"))
    assert lists == dealt
    assert len(pairs) == 12
    columns = {pair.stem: pair.read_mask()[0].argmax() for pair in pairs}
    assert [columns[name] for name in dealt["train"]] == [10, 11, 12, 13, 14, 15]
    assert capsys.readouterr().out == (
        "rust.zip: 12 pictures, 12 masks; its own split is taken: train 6, val 3, test 3\n"
    )


@pytest.mark.parametrize("layout", MASK_SETS)
def test_names_that_begin_anew_in_each_part_keep_apart(layout, tmp_path, opened):
    lay_out_masks(tmp_path / "set", layout, same_names=True)
    lists, pairs = opened(tmp_path / "set")
    assert lists["val"] == ["val_rust000", "val_rust001", "val_rust002"]
    assert len(pairs) == 12


def test_a_zip_of_images_and_masks_without_split(tmp_path, opened):
    for n in range(4):
        add_mask(tmp_path / "set/images", tmp_path / "set/masks", f"r{n}", n)
    lists, pairs = opened(zip_folder(tmp_path / "set", tmp_path / "rust.zip"))
    assert (lists, len(pairs)) == ({}, 4)


def test_one_folder_of_both_is_read_as_before(tmp_path, opened):
    for n in range(4):
        add_mask(tmp_path / "set", tmp_path / "set", f"r{n}", n, "{stem}_mask.png")
    lists, pairs = opened(tmp_path / "set", tmp_path / "set")
    assert (lists, len(pairs)) == ({}, 4)


@pytest.mark.parametrize(
    ("images", "masks", "stem", "name"),
    [
        ("PNGImages", "PedMasks", "FudanPed00001", "{stem}_mask.png"),
        ("train", "train", "123_sat", "123_mask.png"),
        ("images", "annotations/trimaps", "Abyssinian_1", "{stem}.png"),
        ("Images", "Ground Truth", "a", "{stem}_gt.png"),
    ],
)
def test_folders_and_names_of_known_sets(tmp_path, opened, images, masks, stem, name):
    for letter in "xy":
        named = name.replace("123", f"{letter}123")
        of_image = letter + stem
        add_mask(
            tmp_path / "set" / images, tmp_path / "set" / masks, of_image, 1, named
        )
    lists, pairs = opened(tmp_path / "set")
    assert (lists, len(pairs)) == ({}, 2)


def test_devkit_of_segmentation(tmp_path, opened, capsys):
    top = tmp_path / "set/VOCdevkit/VOC2012"
    for n in range(6):
        add_mask(top / "JPEGImages", top / "SegmentationClass", f"2007_{n:06}", n)
        add_mask(
            top / "JPEGImages", top / "SegmentationObject", f"2007_{n:06}", n, left=20
        )
    (top / "JPEGImages/2008_000001.jpg").write_bytes(encode(sample_image(99), "JPEG"))
    lists = {"train": range(3), "val": range(3, 5), "test": range(5, 6)}
    folder = top / "ImageSets/Segmentation"
    folder.mkdir(parents=True)
    for split, numbers in lists.items():
        (folder / f"{split}.txt").write_text("".join(f"2007_{n:06}\n" for n in numbers))
    found, pairs = opened(tmp_path / "set")
    assert {split: len(names) for split, names in found.items()} == dict(
        train=3, val=2, test=1
    )
    assert all(pair.read_mask()[0].argmax() == 10 for pair in pairs)
    assert "left out: 1 picture in none of its lists" in capsys.readouterr().out


def test_a_part_without_masks_is_left_out_and_drawn(tmp_path, opened, capsys):
    parts = {"train": 12, "val": 3}
    lay_out_masks(tmp_path / "set", "images and masks", parts=parts)
    (tmp_path / "set/test/images").mkdir(parents=True)
    picture = tmp_path / "set/test/images/9.jpg"
    picture.write_bytes(encode(sample_image(500), "JPEG"))
    lists, _ = opened(tmp_path / "set")
    assert {s: len(names) for s, names in lists.items()} == dict(train=9, val=3, test=3)
    out = capsys.readouterr().out
    assert "left out: 1 picture of test without masks" in out
    assert "(test drawn from its train)" in out


def test_single_pictures_without_masks_are_refused(tmp_path, opened):
    lay_out_masks(tmp_path / "set", "images and masks")
    picture = tmp_path / "set/train/images/alone.jpg"
    picture.write_bytes(encode(sample_image(500), "JPEG"))
    with pytest.raises(DatasetError, match="alone.jpg: has no mask"):
        opened(tmp_path / "set")


def test_what_is_not_understood_is_shown(tmp_path, opened):
    (tmp_path / "set/photos").mkdir(parents=True)
    (tmp_path / "set/photos/a.jpg").write_bytes(encode(sample_image(1), "JPEG"))
    with pytest.raises(DatasetError) as error:
        opened(tmp_path / "set")
    text = str(error.value)
    assert "no pictures with masks found in this layout" in text
    assert "photos/  1 .jpg" in text and "images/ and masks/" in text


def test_outlines_of_other_formats_are_named_with_the_command(tmp_path, opened):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/a.json").write_text('{"shapes": [], "imagePath": "a.jpg"}')
    with pytest.raises(DatasetError, match="convert_annotations.py .* --to masks"):
        opened(tmp_path / "set")
    with pytest.raises(
        DatasetError, match="0 pictures .*convert_annotations.py .*masks"
    ):
        read_pairs(tmp_path / "set", tmp_path / "set")


def fill(folder, *classes, count=4, start=0):
    for place, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for n in range(count):
            data = encode(sample_image(start + 100 * place + n), "JPEG")
            (folder / name / f"{n}.jpg").write_bytes(data)


@pytest.mark.parametrize("shell", ["archive/archive", "walls/dataset", "walls/Data"])
def test_class_folders_below_a_doubled_folder(shell, tmp_path):
    fill(tmp_path / shell, "clean", "crack")
    add_litter(tmp_path / shell.split("/")[0])
    found = read_class_folders(tmp_path / shell.split("/")[0])
    assert found.class_names == ("clean", "crack") and len(found) == 8


def test_class_folders_of_doubled_parts(tmp_path):
    for start, part in enumerate(["train", "valid", "test"]):
        fill(tmp_path / f"{part}_zip/{part}", "clean", "crack", start=1000 * start)
    found = read_class_folders(tmp_path)
    assert found.class_names == ("clean", "crack")
    assert [found.splits.count(split) for split in ("train", "val", "test")] == [
        8,
        8,
        8,
    ]


def test_the_sites_of_one_class_are_no_classes(tmp_path):
    fill(tmp_path / "walls/crack", "site1", "site2")
    with pytest.raises(DatasetError, match="classes: crack"):
        read_class_folders(tmp_path / "walls")
    found = read_class_folders(tmp_path / "walls", ["site1", "site2"])
    assert len(found) == 8


def test_the_sites_of_a_class_of_a_part_are_no_classes(tmp_path):
    for start, part in enumerate(["train", "test"]):
        fill(tmp_path / part / "crack", "site1", "site2", start=1000 * start)
        fill(tmp_path / part, "clean", start=1000 * start + 500)
    assert read_class_folders(tmp_path).class_names == ("clean", "crack")
