"""Three ways to make an image small, and what each of them sees."""

import numpy as np
import pytest
from PIL import Image

from inspection.datasets.images.resizing import (
    letterbox_sampling,
    resize_antialiased,
    resize_area,
    resize_sampling,
)

WAYS = (resize_antialiased, resize_area, resize_sampling)


def lines(period=8, size=(40, 64)):
    """Return a black image with white upright lines, one pixel wide, from the left."""
    image = np.zeros((*size, 3), np.uint8)
    image[:, ::period] = 255
    return image


@pytest.mark.parametrize("way", WAYS)
def test_size_is_height_and_width(way):
    small = way(lines(), (5, 8))
    assert small.shape == (5, 8, 3) and small.dtype == np.uint8
    assert (way(lines(), (40, 64)) == lines()).all()


def test_a_line_counts_by_its_share_of_the_area():
    assert (resize_area(lines(), (5, 8)) == 32).all()  # 255 / 8
    found = resize_antialiased(lines(), (5, 8))
    assert found[:, 1:-1].mean() == pytest.approx(32, abs=2) and found.max() < 64


def test_between_samples_nothing_is_seen():
    assert (resize_sampling(lines(), (5, 8)) == 255).all()
    beside = np.roll(lines(), 3, axis=1)
    assert (resize_sampling(beside, (5, 8)) == 0).all()


def test_a_pillow_image_is_taken_as_it_is_opened():
    image = np.random.default_rng(0).integers(0, 256, (30, 50, 3), np.uint8)
    found = resize_antialiased(Image.fromarray(image), (7, 9))
    assert (found == resize_antialiased(image, (7, 9))).all()


def test_a_mask_becomes_shares():
    mask = np.zeros((4, 4), np.float32)
    mask[0] = 1
    assert resize_area(mask, (2, 2)).tolist() == [[0.5, 0.5], [0, 0]]


@pytest.mark.parametrize("shape", [(1, 2000, 3), (2000, 1, 3), (2, 40_000, 3)])
def test_a_line_of_pixels_keeps_one(shape):
    image = np.full(shape, 200, np.uint8)
    padded = letterbox_sampling(image, (32, 32), (0, 0, 0))
    seen = padded[0] if shape[1] > shape[0] else padded[:, 0]
    assert (seen == 200).all() and padded.sum() == 200 * 3 * 32
    for way in WAYS:
        assert (way(image, (32, 32)) == 200).all()
