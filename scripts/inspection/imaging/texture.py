"""Texture in numbers: co-occurrence of grey levels, and local binary patterns.

GLCM: Haralick, Shanmugam and Dinstein, "Textural Features for Image Classification",
1973. LBP: Ojala, Pietikainen and Maenpaa, 2002. Both from scikit-image for a whole
region; `texture_maps.py` computes the same for every window of a picture.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from skimage.feature import graycomatrix, graycoprops, local_binary_pattern

PROPERTIES = ("contrast", "homogeneity", "energy", "correlation")
DISTANCES = (1, 3)
ANGLES = (0, np.pi / 4, np.pi / 2, 3 * np.pi / 4)
LEVELS = 8  # grey levels that are told apart
POINTS, RADIUS = 8, 1  # neighbours of a local binary pattern, and their distance


def to_grey(image):
    """Return a picture as grey uint8 [H, W]."""
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)


def quantise(grey, levels=LEVELS):
    """Return grey values 0..255 as `levels` even steps, 0 to levels - 1."""
    return (grey.astype(np.uint16) * levels // 256).astype(np.uint8)


def glcm_features(
    image: np.ndarray,
    distances: Sequence[int] = DISTANCES,
    angles: Sequence[float] = ANGLES,
    levels: int = LEVELS,
) -> dict[str, float]:
    """Return {"contrast 1": ..., "energy 3": ...}, each the mean over the angles.

    image: uint8, grey or RGB, at least as wide as the largest distance.

    >>> plain = np.full((32, 32), 90, np.uint8)
    >>> float(glcm_features(plain)["contrast 1"])
    0.0
    """
    matrix = graycomatrix(
        quantise(to_grey(image), levels),
        distances,
        angles,
        levels,
        symmetric=True,
        normed=True,
    )
    return {
        f"{name} {distance}": float(row.mean())
        for name in PROPERTIES
        for distance, row in zip(distances, graycoprops(matrix, name), strict=True)
    }


def lbp_codes(image, points=POINTS, radius=RADIUS):
    """Return the uniform, rotation-invariant code of each pixel, 0 to points + 1.

    Code k stands for k neighbours in one run that are no darker than the pixel: 0 is a
    bright dot, `points` a dark one or a plain. The last code holds all other patterns.
    """
    return local_binary_pattern(to_grey(image), points, radius, "uniform").astype(int)


def lbp_histogram(
    image: np.ndarray, points: int = POINTS, radius: int = RADIUS
) -> np.ndarray:
    """Return the share of each code, points + 2 numbers that add up to 1.

    >>> plain = np.full((32, 32), 90, np.uint8)
    >>> round(float(lbp_histogram(plain).sum()), 6)
    1.0
    """
    codes = lbp_codes(image, points, radius)
    return np.bincount(codes.ravel(), minlength=points + 2) / codes.size


def color_features(image):
    """Return {"mean L": ..., "spread a": ...} of the picture in Lab, 0..255."""
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).reshape(-1, 3).astype(np.float32)
    names = ("L", "a", "b")
    means = {f"mean {n}": float(v) for n, v in zip(names, lab.mean(0), strict=True)}
    spreads = {f"spread {n}": float(v) for n, v in zip(names, lab.std(0), strict=True)}
    return means | spreads


def texture_features(image):
    """Return all of the above of a picture or region under their names."""
    shares = lbp_histogram(image)
    patterns = {f"pattern {code}": float(share) for code, share in enumerate(shares)}
    return glcm_features(image) | patterns | color_features(image)
