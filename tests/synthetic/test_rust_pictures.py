"""The bundled rust set: drawn from a seed, masks that fit, rust and no rust."""

import numpy as np
import pytest
from PIL import Image

from inspection.common.errors import DatasetError
from inspection.course import paths
from inspection.datasets import mask_pairs
from inspection.datasets.images import image_file
from inspection.synthetic.rust import dataset, scene

RUST = paths.ROOT / "data/rust"
SEED = 5  # of the bundled set


@pytest.fixture(scope="module")
def bundled():
    return mask_pairs.read_pairs(RUST / "images", RUST / "masks")


def test_bundled_set_is_what_the_generator_draws(bundled):
    for number in (0, 7):
        image, mask = scene.draw(SEED, number)
        stored, drawn = bundled[number].read()
        # libraries of other processors may round a few pixels another way
        assert np.mean(drawn != (mask > 0)) < 0.002
        assert np.abs(stored.astype(int) - image).mean() < 10  # JPEG, and its grain


def test_bundled_set_shows_rust_and_none(bundled):
    shares = np.array([pair.read()[1].mean() for pair in bundled])
    assert len(bundled) == 200
    assert 0.55 < np.mean(shares > 0) < 0.75
    assert shares[shares > 0].min() >= scene.LEAST
    size = sum(path.stat().st_size for path in RUST.rglob("*.*"))
    assert size < 6e6


def test_bundled_lists_share_no_picture(bundled):
    splits = mask_pairs.split_pairs(bundled, splits=RUST / "splits")
    assert {split: len(pairs) for split, pairs in splits.items()} == {
        "train": 120,
        "val": 30,
        "test": 50,
    }
    assert len({p.stem for pairs in splits.values() for p in pairs}) == 200
    for pairs in splits.values():
        rusty = np.mean([pair.read()[1].any() for pair in pairs])
        assert 0.55 < rusty < 0.75


def test_rust_is_redder_than_what_is_around_it(bundled):
    differences = []
    for pair in bundled[:60]:
        image, mask = pair.read()
        if mask.any():
            reddish = image[..., 0].astype(int) - image[..., 2]
            differences.append(reddish[mask == 1].mean() - reddish[mask == 0].mean())
    assert np.mean(np.array(differences) > 0) > 0.85


def test_set_is_written_whole_and_repeats(tmp_path):
    shares = dataset.make_rust(tmp_path / "ü set", 8, seed=3)
    for number in (0, 5):
        assert shares[f"rust_00{number}"] == (scene.draw(3, number)[1] > 0).mean()
    for name, share in shares.items():
        mask = np.array(Image.open(tmp_path / "ü set/masks" / f"{name}.png"))
        assert set(np.unique(mask)) <= {0, 255}
        assert (mask > 0).mean() == share
        image = image_file.read_rgb(tmp_path / "ü set/images" / f"{name}.jpg")
        assert image.shape == (*mask.shape, 3)


def test_other_files_are_not_mixed_in(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images/mine.jpg").write_bytes(b"")
    with pytest.raises(DatasetError, match="1 other files"):
        dataset.make_rust(tmp_path, 8, seed=1)
    with pytest.raises(DatasetError, match="too few"):
        dataset.make_rust(tmp_path, 3, seed=1)
