"""What evaluation compares: the objects of a picture and what was detected in it."""

from dataclasses import dataclass

import numpy as np

from inspection.datasets.errors import DatasetError
from inspection.datasets.wording import plural


def _set_arrays(record, **dtypes):
    # a frozen dataclass lets its fields be set only in this way
    for name, dtype in dtypes.items():
        array = np.asarray(getattr(record, name), dtype)
        if not np.isfinite(array).all():
            raise ValueError(f"{name} has values that are not finite numbers")
        shape = (-1, 4) if name == "boxes" else (-1,)
        object.__setattr__(record, name, array.reshape(shape))


def _check_lengths(record, *names):
    for name in names:
        if len(getattr(record, name)) != len(record.boxes):
            raise ValueError(
                f"{len(record.boxes)} boxes but {len(getattr(record, name))} {name}"
            )


@dataclass(frozen=True, eq=False)
class GroundTruth:
    """Hold the objects drawn in one picture.

    boxes: [N, 4], ymin, xmin, ymax, xmax, normalised to 0..1.
    classes: [N] ids of the label map, from 1.
    width, height: of the picture as annotated, in pixels.
    crowd: [N] bool, the API's `is_crowd`: detections on such an object count neither
    as right nor as wrong. Objects marked `difficult` count like any other, as they do
    in the API's COCO metrics.
    """

    boxes: np.ndarray
    classes: np.ndarray
    width: int
    height: int
    crowd: np.ndarray | None = None

    def __post_init__(self):
        _set_arrays(self, boxes="float64", classes="int64")
        crowd = np.zeros(len(self.boxes)) if self.crowd is None else self.crowd
        object.__setattr__(self, "crowd", np.asarray(crowd, bool).reshape(-1))
        _check_lengths(self, "classes", "crowd")

    @property
    def pixel_areas(self) -> np.ndarray:
        """Return the area of each object in square pixels."""
        return box_areas(self.boxes) * self.width * self.height


@dataclass(frozen=True, eq=False)
class Detections:
    """Hold what was detected in one picture.

    boxes: [N, 4], ymin, xmin, ymax, xmax, normalised to 0..1.
    scores: [N], 0..1. classes: [N] ids of the label map, from 1.
    """

    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray

    def __post_init__(self):
        _set_arrays(self, boxes="float64", scores="float64", classes="int64")
        _check_lengths(self, "scores", "classes")

    def __getitem__(self, keep):
        return Detections(self.boxes[keep], self.scores[keep], self.classes[keep])

    def best_first(self, min_score=0.0):
        """Return those of at least a score, sorted by score, the highest first."""
        order = np.argsort(-self.scores, kind="stable")
        return self[order[self.scores[order] >= min_score]]


NOTHING = Detections(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int))


def box_areas(boxes) -> np.ndarray:
    """Return the area of each box, 0 for one that ends before it starts."""
    return np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1)


def box_intersections(boxes, others) -> np.ndarray:
    """Return the shared area of each box with each other one, [N, M]."""
    start = np.maximum(boxes[:, None, :2], others[None, :, :2])
    end = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.prod(np.clip(end - start, 0, None), axis=2)


def box_iou(boxes, others) -> np.ndarray:
    """Return intersection over union of each box with each other one, [N, M]."""
    shared = box_intersections(boxes, others)
    union = box_areas(boxes)[:, None] + box_areas(others)[None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def match_greedily(iou, allowed, min_iou=0.5) -> np.ndarray:
    """Give each detection the free object it overlaps most, in the order of the rows.

    iou, allowed: [detections, objects]; only allowed pairs are matched, each object
    once. Returns [detections]: the index of the object, or -1.
    """
    matches = np.full(len(iou), -1)
    iou = np.where(allowed, iou, -1.0)
    for i in np.flatnonzero((iou >= min_iou).any(axis=1)):
        best = iou[i].argmax()
        if iou[i, best] >= min_iou:
            matches[i] = best
            iou[:, best] = -1.0
    return matches


def without_crowds(truth, found, min_share=0.5):
    """Return the objects that are no crowd, and the detections that lie on none."""
    if not truth.crowd.any():
        return truth, found
    crowds = truth.boxes[truth.crowd]
    share = box_intersections(found.boxes, crowds) / np.maximum(
        box_areas(found.boxes)[:, None], 1e-12
    )
    single = ~truth.crowd
    rest = GroundTruth(
        truth.boxes[single], truth.classes[single], truth.width, truth.height
    )
    on_single = box_iou(found.boxes, rest.boxes).max(axis=1, initial=0) >= min_share
    return rest, found[(share.max(axis=1) < min_share) | on_single]


def known_classes(found, label_map):
    """Return the detections whose class is in the label map."""
    return found[np.isin(found.classes, list(label_map.values()))]


def check_inputs(truths, detections, label_map):
    """Refuse what cannot be evaluated: raise DatasetError, naming pictures or ids."""
    unknown = sorted(map(str, set(detections) - set(truths)))
    if unknown:
        raise DatasetError(
            f"{plural(len(unknown), 'picture')} with detections, "
            "not in the ground truth:",
            faults=unknown,
        )
    if not sum((~truth.crowd).sum() for truth in truths.values()):
        raise DatasetError(
            f"no object in the ground truth of {plural(len(truths), 'picture')}: "
            "nothing to measure"
        )
    ids = np.concatenate([truth.classes for truth in truths.values()])
    known = sorted(label_map.values())
    unknown = sorted(set(ids.tolist()) - set(known))
    if unknown:
        raise DatasetError(
            f"the ground truth has class ids {unknown}, the label map only {known}: "
            "these records were written with another label map"
        )
