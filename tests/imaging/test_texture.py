"""GLCM and LBP against hand-worked examples; maps against scikit-image, window by window."""

import cv2
import numpy as np
import pytest

from inspection.imaging import texture, texture_maps
from inspection.segmentation.texture_forest import TextureForest

# the example of Haralick et al. (1973), page 613: four grey levels
HARALICK = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 2, 2, 2], [2, 2, 3, 3]], np.uint8)


def noise(shape, seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    return cv2.GaussianBlur(pixels, (0, 0), 1.5)


def test_glcm_of_haralicks_example_by_hand():
    # to the right, both directions: (0,0) 4, (0,1) 2+2, (0,2) 1+1, (1,1) 4, (2,2) 6,
    # (2,3) 1+1, (3,3) 2; 24 pairs
    matrix = np.array([[4, 2, 1, 0], [2, 4, 0, 0], [1, 0, 6, 1], [0, 0, 1, 2]]) / 24
    i, j = np.indices((4, 4))
    mean = (i * matrix).sum()
    expected = {
        "contrast 1": (matrix * (i - j) ** 2).sum(),
        "homogeneity 1": (matrix / (1 + (i - j) ** 2)).sum(),
        "energy 1": np.sqrt((matrix**2).sum()),
        "correlation 1": (matrix * (i - mean) * (j - mean)).sum()
        / (matrix * (i - mean) ** 2).sum(),
    }
    found = texture.glcm_features(HARALICK * 64, (1,), (0,), levels=4)
    assert found == pytest.approx(expected)
    assert found["contrast 1"] == pytest.approx(14 / 24)


def test_quantise_cuts_the_range_evenly():
    values = np.arange(256, dtype=np.uint8)
    assert np.array_equal(np.bincount(texture.quantise(values, 8)), [32] * 8)


def test_lbp_codes_by_hand():
    dot = np.full((5, 5), 50, np.uint8)
    dot[2, 2] = 200
    codes = texture.lbp_codes(dot)
    assert codes[2, 2] == 0  # brighter than all its neighbours
    dot[2, 2] = 10
    assert texture.lbp_codes(dot)[2, 2] == 8  # darker than all
    edge = np.full((5, 5), 10, np.uint8)
    edge[:, 2:] = 90
    assert texture.lbp_codes(edge)[2, 2] == 5  # its own column and the bright side
    assert texture.lbp_histogram(edge).sum() == pytest.approx(1)


def test_maps_are_what_each_window_gives_alone():
    image = noise((80, 64, 3))
    windows = texture_maps.Windows(80, 64, 32, 16)
    maps = texture_maps.glcm_maps(image, windows)
    colors = texture_maps.color_maps(image, windows)
    assert windows.shape == (4, 3)
    for row, top in enumerate(windows.tops):
        for column, left in enumerate(windows.lefts):
            part = image[top : top + 32, left : left + 32]
            alone = texture.glcm_features(part)
            assert {n: m[row, column] for n, m in maps.items()} == pytest.approx(alone)
            alone = texture.color_features(part)
            here = {n: m[row, column] for n, m in colors.items()}
            assert here == pytest.approx(alone, abs=1e-3)


def test_pattern_maps_add_up_to_one():
    image = noise((64, 64, 3))
    windows = texture_maps.Windows(64, 64, 16, 8)
    maps = texture_maps.lbp_maps(image, windows)
    assert np.allclose(sum(maps.values()), 1)


def test_plain_windows_have_no_nan():
    windows = texture_maps.Windows(40, 40, 16, 8)
    maps = texture_maps.texture_maps(np.full((40, 40, 3), 70, np.uint8), windows)
    assert all(np.isfinite(values).all() for values in maps.values())
    assert np.allclose(maps["correlation 1"], 1)  # as scikit-image has it


def test_a_map_lies_where_its_windows_do():
    windows = texture_maps.Windows(64, 48, 16, 8)
    centres = windows.tops[:, None] + 7.5 + 0 * windows.lefts[None]
    spread = windows.spread_out(centres)
    assert spread.shape == (64, 48)
    rows = np.arange(64)[:, None] + 0 * np.arange(48)[None]
    assert np.allclose(spread[8:56], rows[8:56], atol=0.51)


def two_textures(seed):
    """Return a grey picture whose right half is coarse, and the mask of that half."""
    fine = np.random.default_rng(seed).normal(128, 40, (64, 64))
    coarse = cv2.GaussianBlur(fine, (0, 0), 3) - 128
    fine[:, 32:] = 128 + 40 * coarse[:, 32:] / coarse.std()
    mask = np.zeros((64, 64), np.uint8)
    mask[:, 32:] = 1
    return np.repeat(np.clip(fine, 0, 255).astype(np.uint8)[..., None], 3, 2), mask


def test_forest_tells_two_textures_of_one_brightness():
    images, masks = zip(*(two_textures(seed) for seed in range(6)), strict=True)
    forest = TextureForest(trees=20, color=False).fit(images[:4], masks[:4])
    forest.choose_threshold(images[4:5], masks[4:5])
    right = forest.segment(images[5]) == masks[5]
    assert right.mean() > 0.9
