"""Sets of good parts, as they come: what is learnt from, what is measured on."""

import numpy as np
import pytest
from PIL import Image

from inspection.common.errors import DatasetError
from inspection.datasets import good_parts


def put(path, size=(8, 6), value=200):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size[1], size[0], 3), value, np.uint8)).save(path)
    return path


@pytest.fixture
def mvtec(tmp_path):
    for name in ("000", "001"):
        put(tmp_path / f"train/good/{name}.png")
        put(tmp_path / f"test/good/{name}.png")
        put(tmp_path / f"test/cut/{name}.png")
        put(tmp_path / f"ground_truth/cut/{name}_mask.png")
    return tmp_path


def test_a_set_in_the_layout_of_mvtec(mvtec):
    assert [p.name for p in good_parts.find_good(mvtec)] == ["000.png", "001.png"]
    parts = good_parts.find_test(mvtec)
    assert list(parts.bad) == ["cut"] and len(parts.all()) == 4
    assert parts.masks[mvtec / "test/cut/001.png"].name == "001_mask.png"


def test_a_plain_folder_is_one_of_good_parts(tmp_path):
    put(tmp_path / "a.png")
    assert good_parts.find_good(tmp_path) == [tmp_path / "a.png"]


@pytest.mark.parametrize("where", ["train", "."])
def test_bad_parts_are_not_learnt_as_good(tmp_path, where):
    put(tmp_path / where / "good/a.png")
    put(tmp_path / where / "broken/b.png")
    with pytest.raises(DatasetError, match="only good parts"):
        good_parts.find_good(tmp_path)


def test_a_picture_without_mask_is_named(mvtec):
    (mvtec / "ground_truth/cut/001_mask.png").unlink()
    with pytest.raises(DatasetError, match="1 pictures have no mask") as error:
        good_parts.find_test(mvtec)
    assert error.value.faults == ["cut/001.png"]


def test_a_set_without_masks_is_measured_by_picture(mvtec):
    for mask in (mvtec / "ground_truth/cut").iterdir():
        mask.unlink()
    (mvtec / "ground_truth/cut").rmdir()
    (mvtec / "ground_truth").rmdir()
    assert good_parts.find_test(mvtec).masks == {}


def test_folders_in_place_of_a_set(tmp_path):
    put(tmp_path / "ok/a.png")
    put(tmp_path / "nok/b.png")
    parts = good_parts.gather_test(tmp_path / "ok", tmp_path / "nok")
    assert list(parts.bad) == ["bad"] and parts.bad["bad"] == [tmp_path / "nok/b.png"]
    put(tmp_path / "kinds/hole/c.png")
    put(tmp_path / "masks/hole/c.png")
    parts = good_parts.gather_test(
        tmp_path / "ok", tmp_path / "kinds", tmp_path / "masks"
    )
    assert list(parts.bad) == ["hole"] and len(parts.masks) == 1


def test_a_mask_of_another_size_is_refused(tmp_path):
    mask = put(tmp_path / "m.png", (4, 4))
    with pytest.raises(DatasetError, match="save the mask in the size"):
        good_parts.read_defect(mask, (6, 8))


def test_a_folder_without_test_is_told_what_it_lacks(tmp_path):
    put(tmp_path / "a.png")
    with pytest.raises(DatasetError, match="--good and --bad"):
        good_parts.find_test(tmp_path)
