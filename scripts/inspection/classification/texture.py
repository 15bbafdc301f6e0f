"""A baseline without a network: texture measured by hand, then logistic regression.

Local binary patterns (Ojala, Pietikainen and Maenpaa, 2002) count the small edges and
corners, grey level co-occurrence (Haralick, 1973) how greys change over a few pixels. If
a network is not better than this, it is not worth its price.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from skimage.feature import graycomatrix, graycoprops, local_binary_pattern
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from inspection.classification.batches import read_resized
from inspection.common.progress import bar

RADII = (1, 2, 4)  # of the patterns, in pixels
POINTS = 8
STEPS = (1, 3, 6)  # of the co-occurrence, in pixels
ANGLES = (0, np.pi / 4, np.pi / 2, 3 * np.pi / 4)
GREYS = 16
PROPERTIES = ("contrast", "homogeneity", "energy", "correlation")
SHARES = (0.5, 1, 2, 5, 25, 75, 98)  # percentiles of light: cracks are few, dark pixels


def texture_vector(image):
    """Return float64 [N]: the texture of a uint8 RGB picture."""
    grey = np.asarray(image, np.float64).mean(axis=-1)
    patterns = [_pattern_shares(grey.astype(np.uint8), radius) for radius in RADII]
    light = np.percentile(grey, SHARES) - np.median(grey)
    return np.concatenate([*patterns, _co_occurrence(grey), light])


def texture_vectors(paths, size):
    """Return the textures [N, F] of picture files, read at one size."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = pool.map(lambda path: texture_vector(read_resized(path, size)), paths)
        return np.stack(list(bar(rows, "texture", len(paths))))


def train(textures, labels, strength=0.1):
    """Return a scikit-learn model of textures [N, F]; `predict_proba` gives scores."""
    regression = LogisticRegression(C=strength, max_iter=5000)
    return make_pipeline(StandardScaler(), regression).fit(textures, labels)


def count_parameters(model):
    """Return how many numbers the regression of `train` has learned."""
    regression = model[-1]
    return regression.coef_.size + regression.intercept_.size


def _pattern_shares(grey, radius):
    codes = local_binary_pattern(grey, POINTS, radius, "uniform")
    return np.bincount(codes.astype(int).ravel(), minlength=POINTS + 2) / codes.size


def _co_occurrence(grey):
    # spread over the greys that are there, so that exposure does not count
    low, high = grey.min(), max(grey.max(), grey.min() + 1)
    levels = ((grey - low) / (high - low) * (GREYS - 1)).astype(np.uint8)
    matrix = graycomatrix(levels, STEPS, ANGLES, GREYS, symmetric=True, normed=True)
    values = [graycoprops(matrix, name) for name in PROPERTIES]
    # mean and spread over the directions: a crack has one, a rough wall has none
    return np.concatenate([np.r_[v.mean(axis=1), v.std(axis=1)] for v in values])
