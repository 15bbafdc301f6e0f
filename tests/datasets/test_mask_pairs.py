"""Pictures find their masks; what has no partner or another size is named."""

import json
import unicodedata

import numpy as np
import pytest
from PIL import Image

from inspection.common import notices
from inspection.common.errors import DatasetError
from inspection.datasets import mask_pairs
from inspection.datasets.mask_pairs import read_pairs, split_pairs


@pytest.fixture
def folders(tmp_path):
    image_dir, mask_dir = tmp_path / "bilder ü", tmp_path / "my masks"
    image_dir.mkdir()
    mask_dir.mkdir()
    return image_dir, mask_dir


def add(folders, name, mask=None, size=(60, 40), mask_size=None, seed=0):
    image_dir, mask_dir = folders
    rng = np.random.default_rng([seed, sum(map(ord, name))])
    pixels = rng.integers(0, 256, (4, 6, 3), np.uint8)
    Image.fromarray(pixels).resize(size).save(image_dir / f"{name}.jpg")
    if mask is not None:
        square = np.zeros((mask_size or size)[::-1], np.uint8)
        square[5:20, 5:25] = 255
        Image.fromarray(square).save(mask_dir / mask)


def test_partners_by_name_whatever_extension_case_and_ending(folders):
    add(folders, "a", "a.png")
    add(folders, "B", "b.PNG")
    add(folders, "pipe.v2", "pipe.v2_mask.png")
    pairs = read_pairs(*folders)
    assert {p.image.name: p.mask.name for p in pairs} == {
        "B.jpg": "b.PNG",
        "a.jpg": "a.png",
        "pipe.v2.jpg": "pipe.v2_mask.png",
    }
    image, mask = pairs[0].read()
    assert image.shape == (40, 60, 3) and mask.sum() == 15 * 20


def test_all_faults_in_one_error(folders):
    add(folders, "good", "good.png")
    add(folders, "lonely")
    add(folders, "small", "small.png", mask_size=(30, 20))
    add(folders, "other", "mask of nobody.png")
    (folders[0] / "other.jpg").unlink()
    (folders[0] / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")
    (folders[1] / "cut.png").write_bytes((folders[1] / "good.png").read_bytes())
    with pytest.raises(DatasetError, match="4 faults") as error:
        read_pairs(*folders)
    text = str(error.value)
    assert "lonely.jpg: has no mask" in text
    assert "small.jpg: is 60x40, its mask 30x20" in text
    assert "mask of nobody.png: is a mask without a picture" in text
    assert "cut.jpg" in text


def test_mask_drawn_on_a_picture_that_lies_on_its_side(folders):
    add(folders, "a", "a.png")
    image = Image.open(folders[0] / "a.jpg")
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(folders[0] / "a.jpg", exif=exif)
    with pytest.raises(DatasetError, match="40x60, its mask 60x40.*EXIF"):
        read_pairs(*folders)


@pytest.mark.parametrize(
    "image, mask",
    [
        ("same_seg", "same_seg.png"),
        ("p0_gt", "p0_gt_mask.png"),
        ("P0", "P0_Mask.PNG"),
        ("p0", "p0_segmentation.png"),
        ("p0", "p0_groundtruth.png"),
        ("p0", "p0_all_objects.png"),
        ("p0", "p0.jpg.png"),
        ("p0", "p0.mask.png"),
        ("p0", "mask_p0.png"),
        ("p0_image", "p0_mask.png"),
        ("p0_jpg.rf.0a1b", "p0_jpg.rf.0a1b_mask.png"),
        ("benign (3)", "benign (3)_mask.png"),
        (
            unicodedata.normalize("NFC", "küche"),
            unicodedata.normalize("NFD", "küche.png"),
        ),
        (
            unicodedata.normalize("NFD", "küche"),
            unicodedata.normalize("NFC", "küche.png"),
        ),
    ],
)
def test_names_of_annotation_tools(folders, image, mask):
    add(folders, "other", "other.png")
    add(folders, image, mask)
    pairs = {pair.image.name: pair.mask.name for pair in read_pairs(*folders)}
    assert pairs == {"other.jpg": "other.png", f"{image}.jpg": mask}


def test_the_longest_name_wins(folders):
    add(folders, "p0", "p0_mask.png")
    add(folders, "p0_gt", "p0_gt.png")
    add(folders, "p0_1", "p0_1.png")
    pairs = {pair.stem: pair.mask.name for pair in read_pairs(*folders)}
    assert pairs == {"p0": "p0_mask.png", "p0_gt": "p0_gt.png", "p0_1": "p0_1.png"}


def test_one_folder_of_pictures_and_masks(folders):
    both = (folders[0], folders[0])
    add(both, "p0_jpg.rf.0a", "p0_jpg.rf.0a_mask.png")
    add(both, "p1_jpg.rf.0b", "p1_jpg.rf.0b_mask.png")
    (folders[0] / "_classes.csv").write_text("Pixel Value, Class\n0, background\n")
    pairs = read_pairs(*both)
    assert [pair.stem for pair in pairs] == ["p0_jpg.rf.0a", "p1_jpg.rf.0b"]
    assert pairs[0].read()[1].sum() == 15 * 20


def test_numbered_masks_are_pieces_of_one(folders):
    add(folders, "a", "a_mask.png")
    piece = np.zeros((40, 60), np.uint8)
    piece[30:35, 30:50] = 255
    Image.fromarray(piece).save(folders[1] / "a_mask_1.png")
    (pair,) = read_pairs(*folders)
    assert pair.read()[1].sum() == 15 * 20 + 5 * 20
    assert pair.read((20, 30))[1].mean() == pytest.approx(400 / 2400, abs=0.03)


def label_studio(folders, count=3):
    for i in range(count):
        name = f"task-{7 + i}-annotation-{i}-by-1-tag-rust-0.png"
        add(folders, f"p{count - i}", name, seed=i)


def test_label_studio_by_its_json(folders):
    label_studio(folders)
    with pytest.raises(DatasetError, match="Label Studio.*as JSON"):
        read_pairs(*folders)
    tasks = [
        {"id": 7 + i, "data": {"image": f"/data/upload/1/0a1b2c3d-p{3 - i}.jpg"}}
        for i in range(3)
    ]
    (folders[1] / "project-1.json").write_text(json.dumps(tasks), encoding="utf-8")
    found = {pair.stem: pair.mask.name.split("-")[1] for pair in read_pairs(*folders)}
    assert found == {"p3": "7", "p2": "8", "p1": "9"}
    square = Image.open(next(folders[1].glob("task-7-*")))
    square.save(folders[1] / "task-7-annotation-0-by-1-tag-dent-0.png")
    with pytest.raises(DatasetError, match=r"several tags \(dent, rust\)"):
        read_pairs(*folders)


@pytest.mark.parametrize(
    "document, words",
    [
        (
            {"shapes": [], "imagePath": "a.jpg"},
            "labelme.*convert_annotations.py .* --to masks",
        ),
        (
            {"images": [], "annotations": []},
            "COCO.*convert_annotations.py .* --to masks",
        ),
    ],
)
def test_polygons_are_named_with_the_way_to_convert(folders, document, words):
    add(folders, "a")
    (folders[1] / "a.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DatasetError, match=f"0 pictures found in .*{words}"):
        read_pairs(*folders)


def test_an_array_is_named(folders):
    add(folders, "a", "a.png")
    add(folders, "b")
    np.save(folders[1] / "b.npy", np.zeros((40, 60), np.uint8))
    with pytest.raises(DatasetError, match="b.jpg: has no mask; b.npy is an array"):
        read_pairs(*folders)


def test_lines_that_vanish_are_warned_of(folders, capsys, monkeypatch):
    monkeypatch.setattr(notices, "_said", set())
    for name in "abc":
        add(folders, name, f"{name}.png", size=(400, 400))
    mask_pairs.warn_of_lost_lines(read_pairs(*folders), 100)
    assert capsys.readouterr().err == ""
    line = np.zeros((400, 400), np.uint8)
    line[:, 200] = 255
    Image.fromarray(line).save(folders[1] / "a.png")
    mask_pairs.warn_of_lost_lines(read_pairs(*folders), 100)
    assert "at 100x100 more than half" in (said := capsys.readouterr().err)
    assert "1 of 3 masks" in said


def test_every_set_of_an_annotation_tool(shared_data):
    folder = shared_data / "cases/data/13_masks"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data/cases, which is not here")
    for made in sorted(set(folder.iterdir()) - {folder / "labelstudio"}):
        places = [made / "img", made / "masks"]
        if not places[0].is_dir():
            places = [made / "JPEGImages", made / "SegmentationClass"]
        if not places[0].is_dir():
            places = [made, made]
        pairs = read_pairs(*places)
        assert len(pairs) == 8 and all(pair.read()[1].any() for pair in pairs), made


def test_two_masks_of_one_picture(folders):
    add(folders, "a", "a.png")
    add(folders, "a", "a_mask.png")
    with pytest.raises(DatasetError, match="a.png, a_mask.png"):
        read_pairs(*folders)


def test_empty_folders_are_an_error(folders):
    with pytest.raises(DatasetError, match="0 pictures found"):
        read_pairs(*folders)
    with pytest.raises(DatasetError, match="is not a folder"):
        read_pairs(folders[0] / "nowhere", folders[1])


def test_resized_mask_stays_two_valued_and_keeps_its_area():
    mask = np.zeros((90, 120), np.uint8)
    mask[30:60, 40:80] = 1
    image = np.zeros((90, 120, 3), np.uint8)
    small, half = mask_pairs.resize(image, mask, (45, 60))
    assert small.shape == (45, 60, 3)
    assert set(np.unique(half)) == {0, 1} and half.sum() == mask.sum() / 4


def test_split_keeps_copies_together_and_repeats(folders):
    for i in range(20):
        add(folders, f"p{i}", f"p{i}.png", seed=i)
    for i in range(4):
        add(folders, f"p{i}_aug_1", f"p{i}_aug_1.png", seed=i)
    pairs = read_pairs(*folders)
    splits = split_pairs(pairs, {"val": 0.2, "test": 0.2}, seed=3)
    names = {split: {p.stem for p in chosen} for split, chosen in splits.items()}
    for i in range(4):
        (split,) = [split for split in names if f"p{i}" in names[split]]
        assert f"p{i}_aug_1" in names[split]
    assert sum(map(len, names.values())) == 24
    assert splits == split_pairs(pairs, {"val": 0.2, "test": 0.2}, seed=3)


def test_split_lists_round_trip_and_are_checked(folders, tmp_path):
    for name in "abc":
        add(folders, name, f"{name}.png")
    pairs = read_pairs(*folders)
    splits = {"train": pairs[:1], "val": pairs[1:2], "test": pairs[2:]}
    mask_pairs.write_split_lists(splits, tmp_path)
    assert split_pairs(pairs, splits=tmp_path / "splits") == splits
    (tmp_path / "splits/test.txt").write_text("nobody\n")
    with pytest.raises(DatasetError, match="nobody: is in test.txt"):
        split_pairs(pairs, splits=tmp_path / "splits")


def test_real_rust_masks_split_without_near_duplicates(shared_data):
    folder = shared_data / "rust_masks"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data/rust_masks, which is not here")
    pairs = read_pairs(folder / "images", folder / "masks")
    assert len(pairs) == 320 and pairs[0].levels.threshold == 255
