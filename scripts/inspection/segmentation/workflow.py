"""From pairs of pictures and masks to a folder that segments: train, choose, check."""

from dataclasses import replace

import numpy as np

from inspection.datasets.mask_pairs import warn_of_lost_lines
from inspection.segmentation import training
from inspection.segmentation.cleanup import RegionCheck
from inspection.segmentation.methods import read_arrays
from inspection.segmentation.metrics import best_threshold
from inspection.segmentation.predict import probabilities
from inspection.segmentation.segmenter import Segmenter, write_check


def train_segmenter(pairs, model_dir, settings, weights=None, callbacks=()):
    """Train a network, choose its threshold, fit its region check; return a `Segmenter`.

    The threshold comes from pairs["val"], the check from "train" and "val"; "test" is
    not touched. Called again after a stop, it goes on.
    """
    warn_of_lost_lines(pairs["train"], settings.size)
    network = training.train(pairs, model_dir, settings, weights, callbacks)
    val_images, val_masks = read_arrays(pairs["val"], settings.size)
    val_maps = probabilities(network, val_images, settings.size)
    settings = replace(settings, threshold=best_threshold(val_masks, val_maps))
    training.write_settings(model_dir, settings)
    images, masks = read_arrays(pairs["train"], settings.size)
    maps = probabilities(network, images, settings.size) + val_maps
    found = [(m >= settings.threshold).astype(np.uint8) for m in maps]
    check = RegionCheck(seed=settings.seed)
    check.fit(images + val_images, masks + val_masks, found, maps)
    write_check(model_dir, check)
    return Segmenter(model_dir)
