"""How well a mask agrees with the drawn one.

Masks are arrays [H, W], 0 or False where there is nothing. Figures of a set are made of
its pooled pixel counts, so that pictures without rust take part: what is found there is
wrong. Only boundary F1 is a mean over pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd

TOLERANCE = 2  # pixels that a boundary may be off
CANDIDATES = tuple(n / 20 for n in range(2, 19))  # thresholds to try


@dataclass(frozen=True)
class Counts:
    """The pixels of one picture, or of many: right, wrongly found, missed, rest."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    def __add__(self, other):
        return Counts(
            self.tp + other.tp,
            self.fp + other.fp,
            self.fn + other.fn,
            self.tn + other.tn,
        )

    @property
    def iou(self):
        """Overlap by union."""
        return _ratio(self.tp, self.tp + self.fp + self.fn)

    @property
    def dice(self):
        """Twice the overlap by the sum of both areas; the same as F1."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def precision(self):
        """What share of the found pixels is right."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self):
        """What share of the drawn pixels is found."""
        return _ratio(self.tp, self.tp + self.fn)


def _ratio(part, whole):
    """Divide; where there is nothing to find and nothing found, all is right."""
    return part / whole if whole else 1.0


def count(ground_truth: np.ndarray, predicted: np.ndarray) -> "Counts":
    """Return the `Counts` of one picture.

    >>> found = count(np.array([[1, 1, 0, 0]]), np.array([[1, 0, 1, 0]]))
    >>> found.tp, found.fp, found.fn, found.tn, round(found.iou, 2)
    (1, 1, 1, 1, 0.33)
    """
    ground_truth, predicted = np.asarray(ground_truth) > 0, np.asarray(predicted) > 0
    if ground_truth.shape != predicted.shape:
        raise ValueError(
            f"masks of {ground_truth.shape} and {predicted.shape} cannot be compared"
        )
    tp = np.count_nonzero(ground_truth & predicted)
    fp = np.count_nonzero(predicted) - tp
    fn = np.count_nonzero(ground_truth) - tp
    return Counts(tp, fp, fn, ground_truth.size - tp - fp - fn)


def boundary(mask):
    """Return the pixels of a mask that touch its outside; the picture's edge does not.

    Shared edges of picture and mask are no boundary: nobody drew them.
    """
    mask = (np.asarray(mask) > 0).astype(np.uint8)
    inner = cv2.erode(
        mask, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1
    )
    return (mask == 1) & (inner == 0)


def boundary_f1(ground_truth, predicted, tolerance=TOLERANCE):
    """Return F1 of the boundary pixels that have a partner within `tolerance` pixels.

    After Csurka et al., "What is a good evaluation measure for semantic segmentation?",
    BMVC 2013. 1 where neither has a boundary, 0 where only one has.
    """
    drawn, marked = boundary(ground_truth), boundary(predicted)
    if not drawn.any() or not marked.any():
        return float(drawn.any() == marked.any())
    precision = np.mean(_distance(drawn)[marked] <= tolerance)
    recall = np.mean(_distance(marked)[drawn] <= tolerance)
    total = precision + recall
    return float(2 * precision * recall / total) if total else 0.0


def _distance(edge):
    return cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, 5)


def false_regions(ground_truth, predicted):
    """Return how many connected regions of a found mask touch no drawn pixel."""
    number, labels = cv2.connectedComponents(
        (np.asarray(predicted) > 0).astype(np.uint8)
    )
    return number - 1 - len(set(np.unique(labels[np.asarray(ground_truth) > 0])) - {0})


def score(ground_truths, masks, tolerance=TOLERANCE):
    """Return a dict of the figures of one method on a set of pictures."""
    pairs = list(zip(ground_truths, masks, strict=True))
    total = sum(
        (count(ground_truth, predicted) for ground_truth, predicted in pairs), Counts()
    )
    return {
        "IoU": total.iou,
        "Dice": total.dice,
        "precision": total.precision,
        "recall": total.recall,
        "boundary F1": float(
            np.mean([boundary_f1(*pair, tolerance) for pair in pairs])
        ),
    }


def compare(ground_truths, masks_by_method, milliseconds=None, tolerance=TOLERANCE):
    """Return a table of one row for each method, in the order given.

    milliseconds: {method: time for a picture}.
    """
    rows = {
        method: score(ground_truths, masks, tolerance)
        for method, masks in masks_by_method.items()
    }
    table = pd.DataFrame(rows).T
    if milliseconds is not None:
        table["ms an image"] = pd.Series(milliseconds)
    return table


def iou_interval(
    ground_truths: Sequence[np.ndarray],
    masks: Sequence[np.ndarray],
    others: Sequence[np.ndarray] | None = None,
    rounds: int = 2000,
    share: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Return (low, high) of a method's pooled IoU with other pictures of the same kind.

    others: masks of a second method; the interval is then that of the first IoU less the
    second. Pictures are drawn whole, because their pixels are right or wrong together.
    Percentile interval: Efron and Tibshirani, 1993, chapter 13.

    >>> drawn = [np.array([[1, 1, 0, 0]])] * 4
    >>> iou_interval(drawn, [np.array([[1, 0, 0, 0]])] * 4)
    (0.5, 0.5)
    """
    chances = np.full(len(ground_truths), 1 / len(ground_truths))
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(chances), chances, size=rounds)  # each picture is drawn
    ious = _ious(times, ground_truths, masks)
    if others is not None:
        ious = ious - _ious(times, ground_truths, others)
    tail = 50 * (1 - share)
    low, high = np.percentile(ious, [tail, 100 - tail])
    return float(low), float(high)


def _ious(times, ground_truths, masks):
    """Return the pooled IoU of each draw; times [R, N]: how often it has each picture."""
    counts = [count(*pair) for pair in zip(ground_truths, masks, strict=True)]
    shared = times @ np.array([one.tp for one in counts])
    union = times @ np.array([one.tp + one.fp + one.fn for one in counts])
    return np.array([_ratio(*pair) for pair in zip(shared, union)])


def best_threshold(ground_truths, probabilities, candidates=CANDIDATES):
    """Return the probability from which on pixels count, by pooled IoU.

    Choose it on validation pictures: on the test it would flatter.
    """
    pairs = list(zip(ground_truths, probabilities, strict=True))
    ious = [
        sum(
            (count(ground_truth, p >= limit) for ground_truth, p in pairs), Counts()
        ).iou
        for limit in candidates
    ]
    return round(float(candidates[int(np.argmax(ious))]), 3)
