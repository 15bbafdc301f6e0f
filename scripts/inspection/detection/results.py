"""The objects of an image, what was detected in it, and how far boxes overlap."""

from dataclasses import dataclass

import numpy as np


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


def box_iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return intersection over union of each box with each other one, [N, M].

    >>> whole, half = np.array([[0.0, 0, 1, 1]]), np.array([[0.0, 0, 1, 0.5]])
    >>> box_iou(whole, half).tolist()
    [[0.5]]
    """
    shared = box_intersections(boxes, others)
    union = box_areas(boxes)[:, None] + box_areas(others)[None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
