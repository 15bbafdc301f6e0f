"""Pictures find their masks; what has no partner or another size is named."""

import numpy as np
import pytest
from PIL import Image

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
