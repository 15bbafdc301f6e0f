"""The methods of the course on one set of pictures, fitted alike, timed alike."""

import time

import numpy as np

from inspection.datasets.mask_pairs import warn_of_lost_lines
from inspection.segmentation.texture_forest import TextureForest
from inspection.segmentation.thresholds import Adaptive, ColorBox, Otsu
from inspection.segmentation.watershed import Watershed


def classical_methods():
    """Return {name: method} of those that fit a few numbers to the training pictures."""
    return {
        "Otsu": Otsu(),
        "adaptive": Adaptive(),
        "HSV limits": ColorBox("HSV"),
        "Lab limits": ColorBox("Lab"),
        "watershed": Watershed(),
    }


def fit_all(methods, images, masks):
    """Fit each method to training pictures; return {name: seconds}."""
    seconds = {}
    for name, method in methods.items():
        started = time.perf_counter()
        method.fit(images, masks)
        seconds[name] = time.perf_counter() - started
    return seconds


def fit_forest(train, val, seed=0):
    """Return a `TextureForest` of training pictures, its threshold from validation.

    train, val: (images, masks).
    """
    return TextureForest(seed=seed).fit(*train).choose_threshold(*val)


def apply_all(functions, images):
    """Return ({name: results}, {name: median milliseconds an image}).

    functions: {name: function of a picture}.
    """
    results, milliseconds = {}, {}
    for name, function in functions.items():
        function(images[0])  # the first call builds what later ones reuse
        results[name], spent = [], []
        for image in images:
            started = time.perf_counter()
            results[name].append(function(image))
            spent.append(time.perf_counter() - started)
        milliseconds[name] = 1000 * float(np.median(spent))
    return results, milliseconds


def read_arrays(pairs, size):
    """Return (images, masks) of pairs as lists, all resized to a square."""
    warn_of_lost_lines(pairs, size)
    arrays = [pair.read((size, size)) for pair in pairs]
    return [image for image, _ in arrays], [mask for _, mask in arrays]
