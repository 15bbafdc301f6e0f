"""check_dataset.py --fix on masks and class folders."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from helpers.commands import run_command
from helpers.images import encode, encode_oriented, sample_image
from helpers.sets.mask_sets import SIZE, MaskSet, square
from inspection.datasets.checking.check_masks import check_masks
from inspection.datasets.class_folders import read_class_folders
from inspection.datasets.images.image_file import image_size, read_rgb
from inspection.datasets.mask_pairs import read_pairs
from inspection.datasets.splitting.split_lists import read_splits


@pytest.fixture
def made(tmp_path):
    return MaskSet(tmp_path, count=3)


@pytest.fixture
def fix(tmp_path, monkeypatch, capsys):
    def fix(folder, *arguments):
        """Return (status, output, folder of the copy)."""
        target = tmp_path / "mended"
        places = ("check_dataset", folder, "--fix", target)
        status, out, _ = run_command(monkeypatch, capsys, *places, *arguments)
        return status, out, target

    return fix


def pair_of(target, stem):
    pairs = read_pairs(target / "images", target / "masks")
    (pair,) = (pair for pair in pairs if pair.stem == stem)
    return pair.read()


def test_a_good_set_is_copied_byte_for_byte(made, fix):
    made.write_lists(train=["p0"], val=["p1"], test=["p2"])
    status, out, target = fix(made.root, "--strict")
    assert status == 0 and "nothing, it needed no mend" in out
    for folder in ("images", "masks", "splits"):
        for path in (made.root / folder).iterdir():
            assert (target / folder / path.name).read_bytes() == path.read_bytes()
    assert read_splits([target / "splits"])["test"] == ["p2"]


def test_masks_shrink_with_their_pictures(made, fix):
    mask = square((2560, 1920), high=87)
    mask[500:1500, 400:1600] = 87
    made.add("big", mask, size=(2560, 1920))
    status, out, target = fix(made.root, "--foreground", "all")
    assert status == 0
    assert "masks shrunk as their pictures: 1" in out
    with Image.open(target / "masks/big.png") as small:
        assert small.size == image_size(target / "images/big.jpg") == (1280, 960)
        assert set(np.unique(np.asarray(small))) == {0, 87}
        marked = (np.asarray(small) > 0).mean()
    assert marked == pytest.approx((mask > 0).mean(), abs=0.001)


def test_palettes_keep_their_places(made, fix):
    for path in made.masks.iterdir():
        path.unlink()
    for number in range(3):
        places = Image.fromarray((square((1600, 1200)) > 0).astype(np.uint8), "P")
        places.paste(2, (600, 300, 1200, 900))
        places.putpalette([0, 0, 0, 128, 0, 0, 0, 128, 0])
        places.save(made.masks / f"p{number}.png")
        sample_image(number, (1600, 1200)).save(made.images / f"p{number}.jpg")
    status, _, target = fix(made.root, "--foreground", "2", "--max_side", "800")
    assert status == 0
    with Image.open(target / "masks/p0.png") as small:
        assert small.mode == "P" and small.size == (800, 600)
        assert small.getpalette()[3:9] == [128, 0, 0, 0, 128, 0]
        assert (np.asarray(small) == 2).mean() == pytest.approx(0.1875, abs=0.002)


def test_thin_lines_are_not_lost(made, fix):
    line = np.zeros((1500, 3000), np.uint8)
    line[:, 700] = 255
    made.add("thin", line, size=(3000, 1500))
    status, out, target = fix(made.root)
    assert status == 0
    assert "thin lines of their masks would not last: 1" in out
    name = "masks/thin.png"
    assert (target / name).read_bytes() == (made.root / name).read_bytes()
    assert image_size(target / "images/thin.jpg") == (3000, 1500)
    assert "note: large picture" in out.split("left for you")[1]


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_a_mask_drawn_on_the_lying_picture_is_turned_along(made, fix, orientation):
    mask = square()
    scene = np.repeat(mask[..., None], 3, axis=2)
    made.add("x", mask, encode_oriented(scene, orientation, quality=95))
    status, out, target = fix(made.root)
    assert status == 0 and "masks turned: 1" in out
    image, turned = pair_of(target, "x")
    assert image.shape[:2] == turned.shape == SIZE
    assert np.array_equal(image[..., 0] > 127, turned > 0)


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_mask_drawn_on_the_upright_picture_stays(made, fix, orientation):
    upright = square() if orientation == 3 else np.ascontiguousarray(square().T)
    made.add("x", upright, encode_oriented(sample_image(9, SIZE), orientation))
    status, _, target = fix(made.root)
    assert status == 0
    name = "masks/x.png"
    assert (target / name).read_bytes() == (made.root / name).read_bytes()
    before, after = (read_rgb(root / "images/x.jpg") for root in (made.root, target))
    assert np.abs(before.astype(int) - after).mean() < 3


def test_what_does_not_fit_is_carried_over(made, fix):
    made.add("size", square()[:30], size=(2000, 1500))
    made.add("lonely")
    (made.masks / "p1.png").write_bytes(b"no picture")
    status, out, target = fix(made.root)
    assert status == 1
    for name in ("images/size.jpg", "masks/size.png", "masks/p1.png"):
        assert (target / name).read_bytes() == (made.root / name).read_bytes()
    left = out.split("left for you")[1]
    for text in ("another size", "without a mask", "cannot be read as one"):
        assert text in left


def test_a_picture_of_several_masks_stays_as_large(made, fix):
    made.add("big", square((2000, 1500)), size=(2000, 1500))
    for name in ("big_mask", "big_seg"):
        Image.fromarray(square((2000, 1500))).save(made.masks / f"{name}.png")
    status, out, target = fix(made.root)
    assert status == 1 and "shrunk" not in out
    assert image_size(target / "images/big.jpg") == (2000, 1500)


def test_pieces_and_one_folder_become_two(tmp_path, fix):
    both = MaskSet(tmp_path)
    both.masks = both.images
    for number in range(3):
        both.add(f"p{number}", seed=number)
        Image.fromarray(square()).save(both.images / f"p{number}_mask.png")
        Image.fromarray(square()[::-1]).save(both.images / f"p{number}_mask_1.png")
    status, _, target = fix(both.images)
    assert status == 0
    assert len(read_pairs(target / "images", target / "masks")) == 3
    report = check_masks(target / "images", target / "masks")
    assert report.faults == []


def test_the_tasks_of_label_studio_come_along(made, fix):
    tasks = []
    for number, path in enumerate(sorted(made.masks.iterdir())):
        path.rename(made.masks / f"task-{number}-annotation-1-by-1-tag-rust-0.png")
        tasks.append({"id": number, "data": {"image": f"/upload/{path.stem}.jpg"}})
    (made.masks / "project.json").write_text(json.dumps(tasks))
    status, _, target = fix(made.root)
    assert status == 0
    assert len(read_pairs(target / "images", target / "masks")) == 3


@pytest.fixture
def walls(tmp_path):
    for split in ("train", "valid"):
        for number, name in enumerate(("clean", "crack")):
            folder = tmp_path / "walls" / split / name
            folder.mkdir(parents=True)
            for i in range(5):
                seed = 100 * number + 10 * (split == "train") + i
                (folder / f"{i}.jpg").write_bytes(encode(sample_image(seed), "JPEG"))
    return tmp_path / "walls"


def test_class_folders_keep_their_places(walls, fix):
    inner = walls / "train/crack/site 2"
    inner.mkdir()
    sample_image(900, (2000, 1000)).save(inner / "big.jpg")
    (inner / "turned.jpg").write_bytes(encode_oriented(sample_image(901), 6))
    (inner / "png.jpg").write_bytes(encode(sample_image(902), "PNG"))
    (inner / "cut.jpg").write_bytes(encode(sample_image(903), "JPEG")[:-400])
    (inner / "Thumbs.db").write_bytes(b"")
    status, out, target = fix(walls)
    assert status == 1 and "files of another kind, not copied: 1" in out
    for text in ("shrunk to at most 1280", "turned upright", "named after their"):
        assert f"pictures {text}" in out
    inner = target / "train/crack/site 2"
    assert image_size(inner / "big.jpg") == (1280, 640)
    assert (inner / "png.png").is_file()
    same = "valid/clean/0.jpg"
    assert (target / same).read_bytes() == (walls / same).read_bytes()
    (inner / "cut.jpg").unlink()
    found = read_class_folders(target)
    assert (len(found), found.splits.count("val")) == (23, 10)
    assert not any("EXIF" in note or "PNG" in note for note in found.notes)


def test_names_of_folders_become_utf8(walls, fix):
    (walls / "train/clean").rename(walls / "train/caf\udce9")
    (walls / "valid/clean").rename(walls / "valid/caf\udce9")
    shutil.move(walls / "train/caf\udce9/0.jpg", walls / "train/caf\udce9/\udce9.jpg")
    status, out, target = fix(walls)
    assert status == 0 and "names made UTF-8: 1" in out
    assert (target / "train/caf_e9/_e9.jpg").is_file()
