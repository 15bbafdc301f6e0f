"""Thresholds, watershed and preprocessing on pictures whose answer is known."""

import cv2
import numpy as np
import pytest

from inspection.imaging import color
from inspection.segmentation import thresholds, watershed
from inspection.segmentation.methods import apply_all, classical_methods, fit_all
from inspection.segmentation.metrics import count


def steel(seed, color=(140, 70, 30), light=0.0):
    """Return grey steel with a brown disc, and the disc's mask."""
    rng = np.random.default_rng(seed)
    mask = np.zeros((64, 64), np.uint8)
    cv2.circle(mask, tuple(rng.integers(20, 44, 2).tolist()), 12, 1, -1)
    image = np.where(mask[..., None] > 0, color, (150, 152, 155)).astype(float)
    slope = 1 + light * (np.arange(64) / 63 - 0.5)
    image = image * slope[None, :, None] + rng.normal(0, 6, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8), mask


def sample(count, **options):
    return zip(*(steel(seed, **options) for seed in range(count)), strict=True)


@pytest.mark.parametrize("name", classical_methods())
def test_every_method_finds_a_brown_disc_on_another_picture(name):
    images, masks = map(list, sample(4))
    method = classical_methods()[name]
    method.fit(images[:3], masks[:3])
    found = method.segment(images[3])
    assert found.dtype == np.uint8 and set(np.unique(found)) == {0, 1}
    assert count(masks[3], found).iou > 0.8


def test_limits_of_one_channel_are_the_best_of_all():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (400, 3))
    ground_truth = (pixels[:, 0] > 60) & (pixels[:, 0] < 150) ^ (rng.random(400) > 0.9)
    low, high = thresholds._best_range(pixels, ground_truth, [(0, 255)] * 3, 0)

    def iou(low, high):
        found = (pixels[:, 0] >= low) & (pixels[:, 0] <= high)
        return np.sum(found & ground_truth) / np.sum(found | ground_truth)

    others = [iou(a, b) for a in range(0, 256, 5) for b in range(a, 256, 5)]
    assert iou(low, high) >= max(others) > 0.5


def test_a_box_of_colours_needs_both_hues_of_red():
    # rust has hues on both sides of 0; turned by a third they lie side by side
    image = np.zeros((8, 16, 3), np.uint8)
    image[:, :8], image[:, 8:] = (150, 60, 50), (150, 50, 60)
    hues = color.channel(image, "hue")
    assert abs(int(hues[0, 0]) - int(hues[0, 15])) < 12
    assert 70 < hues.min() and hues.max() < 100


@pytest.mark.parametrize("name", classical_methods())
def test_plain_steel_is_empty(name):
    images, masks = map(list, sample(3))
    method = classical_methods()[name]
    method.fit(images, masks)
    plain = np.full((20, 20, 3), (150, 152, 155), np.uint8)
    assert method.segment(plain).tolist() == [[0] * 20] * 20


def test_adaptive_asks_for_a_difference_of_its_offset():
    image = np.full((9, 9, 3), 100, np.uint8)
    image[4, 4] = 118  # 16 above the mean of the nine pixels around it
    for offset, count_of_pixels in ((15, 1), (17, 0)):
        method = thresholds.Adaptive("grey", side=0.3, offset=offset)
        assert method.segment(image).sum() == count_of_pixels
    below = thresholds.Adaptive("grey", above=False, side=0.3, offset=1)
    assert below.segment(image).sum() == 8  # its neighbours, 2 below their mean


def test_even_light_takes_a_slope_away_and_keeps_colour():
    image, _ = steel(0, light=0.8)
    even = color.even_light(image)
    columns = even.astype(float).mean(axis=(0, 2))
    before = image.astype(float).mean(axis=(0, 2))
    assert np.ptp(cv2.blur(columns, (1, 15))) < 0.6 * np.ptp(cv2.blur(before, (1, 15)))
    assert even.dtype == np.uint8


def test_even_light_leaves_a_plain_image_as_it_is():
    for value in range(1, 255, 2):
        plain = np.full((8, 8, 3), value, np.uint8)
        assert np.array_equal(color.even_light(plain), plain)


def test_normalise_and_fit_size():
    image, _ = steel(0)
    values = color.normalise(image)
    assert np.allclose(values.mean(axis=(0, 1)), 0, atol=1e-4)
    assert np.allclose(values.std(axis=(0, 1)), 1, atol=1e-4)
    wide = np.zeros((100, 400, 3), np.uint8)
    assert color.fit_size(wide, 200).shape == (50, 200, 3)
    assert color.fit_size(wide, 1000) is wide


def test_watershed_floods_to_the_edge_from_a_smaller_core():
    image, mask = steel(1)
    sure = np.full(mask.shape, 0, np.int32)
    sure[cv2.erode(mask, np.ones((9, 9), np.uint8)) > 0] = watershed.RUST
    sure[cv2.dilate(mask, np.ones((13, 13), np.uint8)) == 0] = watershed.SOUND
    flooded = watershed.flood(image, sure)
    assert (sure == watershed.RUST).sum() < 0.6 * mask.sum()
    assert count(mask, flooded).iou > 0.85


def test_watershed_without_one_kind_of_marker():
    image, _ = steel(0)
    none = np.full((64, 64), watershed.SOUND, np.int32)
    assert watershed.flood(image, none).sum() == 0
    assert watershed.flood(image, none * 0 + watershed.RUST).all()


def test_timing_returns_results_of_each_function():
    images, masks = map(list, sample(2))
    methods = {"Lab limits": thresholds.ColorBox("Lab")}
    assert set(fit_all(methods, images, masks)) == {"Lab limits"}
    results, times = apply_all({n: m.segment for n, m in methods.items()}, images)
    assert len(results["Lab limits"]) == 2 and times["Lab limits"] > 0
