"""The bundled flanges: drawn from a seed, masks that fit, good and bad."""

import numpy as np
import pytest

from inspection.common.errors import DatasetError
from inspection.course import paths
from inspection.datasets import good_parts
from inspection.datasets.images.image_file import read_rgb
from inspection.synthetic.parts import dataset, scene
from inspection.synthetic.parts.defects import KINDS

PARTS = paths.ROOT / "data/parts"
SEED = 1  # of the bundled set


@pytest.fixture(scope="module")
def bundled():
    return good_parts.find_test(PARTS)


def test_bundled_set_is_what_the_generator_draws(bundled):
    for kind in ("crack", "rust"):
        image, mask = scene.draw(SEED, kind, 0)
        path = bundled.bad[kind][0]
        stored = good_parts.read_defect(bundled.masks[path], mask.shape)
        # libraries of other processors may round a few pixels another way
        assert np.mean(stored != (mask > 0)) < 0.002
        assert np.abs(read_rgb(path).astype(int) - image).mean() < 10  # JPEG


def test_bundled_set_holds_all_kinds(bundled):
    assert len(good_parts.find_good(PARTS)) == 150 and len(bundled.good) == 60
    assert {kind: len(found) for kind, found in bundled.bad.items()} == dict.fromkeys(
        KINDS, 12
    )
    assert sum(path.stat().st_size for path in PARTS.rglob("*.*")) < 4e6


@pytest.mark.parametrize("kind", KINDS)
def test_a_defect_changes_what_its_mask_marks(kind):
    for number in range(3):
        image, mask = scene.draw(SEED, kind, number)
        assert 20 < (mask > 0).sum() < 0.1 * mask.size
        assert image.shape == (*mask.shape, 3) and image.dtype == np.uint8


def test_good_parts_have_empty_masks_and_differ():
    (one, mask), (other, _) = (scene.draw(3, scene.GOOD, number) for number in (0, 1))
    assert not mask.any()
    assert np.abs(one.astype(int) - other).mean() > 1
    assert np.array_equal(one, scene.draw(3, scene.GOOD, 0)[0])


def test_a_set_is_laid_out_as_sets_of_good_parts_are(tmp_path):
    assert dataset.make_parts(tmp_path / "set", 2, 1, 1, seed=4) == 3 + len(KINDS)
    parts = good_parts.find_test(tmp_path / "set")
    assert len(parts.masks) == len(KINDS) and len(parts.good) == 1
    assert len(good_parts.find_good(tmp_path / "set")) == 2
    with pytest.raises(DatasetError, match="not empty"):
        dataset.make_parts(tmp_path / "set", 2, 1, 1, seed=4)
