"""How well anomalies are found: by picture, by pixel, by region of a defect."""

from collections.abc import Sequence

import cv2
import numpy as np
from sklearn.metrics import roc_auc_score

from inspection.common.errors import DatasetError

MOST_FALSE = 0.3  # share of good pixels, up to which the overlap counts
STEPS = 200  # thresholds at which it is looked at


def image_auroc(good: Sequence[float], bad: Sequence[float]) -> float:
    """Return the chance that a bad picture scores higher than a good one, 0 to 1.

    >>> image_auroc([0.1, 0.2], [0.2, 0.9])
    0.875
    """
    if not len(good) or not len(bad):
        raise DatasetError(
            f"{len(good)} good and {len(bad)} bad pictures: AUROC needs both"
        )
    truth = np.r_[np.zeros(len(good)), np.ones(len(bad))]
    return float(roc_auc_score(truth, np.r_[good, bad]))


def pixel_auroc(maps, masks):
    """Return the AUROC of all pixels; NaN where none is marked, or all are.

    maps, masks: of each picture alike in size, masks 0 and not 0.
    """
    truth = np.concatenate([np.ravel(mask) > 0 for mask in masks])
    if truth.all() or not truth.any():
        return float("nan")
    return float(roc_auc_score(truth, np.concatenate([np.ravel(m) for m in maps])))


def region_overlap(maps, masks, most_false=MOST_FALSE):
    """Return PRO: the mean share of each marked region that is found, 0 to 1.

    It is the area under its curve over the share of false pixels, up to `most_false`,
    divided by that: a small defect counts as much as a large one (Bergmann et al. 2021,
    doi:10.1007/s11263-020-01400-4, section 4.2). NaN where nothing is marked.
    """
    regions, good = _split_scores(maps, masks)
    if not regions or not good.size:
        return float("nan")
    good = np.sort(good)
    false = np.linspace(0, most_false, STEPS)
    # a threshold over which so large a share of the good pixels lies
    places = np.ceil((1 - false) * good.size).astype(int) - 1
    thresholds = good[np.clip(places, 0, good.size - 1)]
    real = 1 - np.searchsorted(good, thresholds, side="right") / good.size
    overlap = np.mean([_share_above(scores, thresholds) for scores in regions], axis=0)
    edges = np.r_[real, most_false]
    return float(np.trapezoid(np.r_[overlap, overlap[-1]], edges) / most_false)


def _split_scores(maps, masks):
    """Return the scores of each region, and those of all pixels outside of regions."""
    regions, good = [], []
    for scores, mask in zip(maps, masks, strict=True):
        mask = np.uint8(np.asarray(mask) > 0)
        count, labels = cv2.connectedComponents(mask, connectivity=8)
        regions += [np.sort(scores[labels == i]) for i in range(1, count)]
        good.append(np.ravel(scores[mask == 0]))
    return regions, np.concatenate(good) if good else np.empty(0)


def _share_above(scores, thresholds):
    return 1 - np.searchsorted(scores, thresholds, side="right") / len(scores)
