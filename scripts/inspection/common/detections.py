"""What was detected in an image, what is really there, and the names of the classes.

Every class of a box is an id of the label map, from 1: a detector's labels, a list,
hold the name of class id i at place i - 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from inspection.common.box_overlap import box_areas


@dataclass(frozen=True, kw_only=True, eq=False)
class Detections:
    """Hold what was detected in one image.

    boxes: float64 [N, 4], ymin, xmin, ymax, xmax, normalised to 0..1.
    scores: float64 [N], 0..1. class_ids: int64 [N] ids of the label map, from 1.

    Raises ValueError for fields of different lengths and for values that are not
    finite. `detections[keep]` takes an index, a slice, or an array of them or of bools.
    """

    boxes: np.ndarray
    scores: np.ndarray
    class_ids: np.ndarray

    def __post_init__(self):
        _set_arrays(self, boxes="float64", scores="float64", class_ids="int64")

    def __len__(self):
        return len(self.boxes)

    def __getitem__(self, keep):
        places = np.atleast_1d(np.arange(len(self))[keep])
        return Detections(
            boxes=self.boxes[places],
            scores=self.scores[places],
            class_ids=self.class_ids[places],
        )

    def above(self, threshold):
        """Return those of at least this score, in their order."""
        return self[self.scores >= threshold]

    def best_first(self, min_score=0.0):
        """Return those of at least a score, sorted by score, the highest first."""
        return self[np.argsort(-self.scores, kind="stable")].above(min_score)


@dataclass(frozen=True, kw_only=True, eq=False)
class GroundTruth:
    """Hold the objects that were drawn by hand in one image.

    boxes: float64 [N, 4], ymin, xmin, ymax, xmax, normalised to 0..1.
    class_ids: int64 [N] ids of the label map, from 1.
    width, height: of the image as annotated, in pixels.
    crowd: [N] bool, the API's `is_crowd`: detections on such an object count neither
    as right nor as wrong. Objects marked `difficult` count like any other, as they do
    in the API's COCO metrics.
    """

    boxes: np.ndarray
    class_ids: np.ndarray
    width: int
    height: int
    crowd: np.ndarray | None = None

    def __post_init__(self):
        if self.crowd is None:
            object.__setattr__(self, "crowd", np.zeros(len(self.boxes)))
        _set_arrays(self, boxes="float64", class_ids="int64", crowd="bool")

    def __len__(self):
        return len(self.boxes)

    @property
    def pixel_areas(self) -> np.ndarray:
        """Return the area of each object in square pixels."""
        return box_areas(self.boxes) * self.width * self.height


def class_names_by_id(class_names) -> dict[int, str]:
    """Return {class id: name}.

    class_names: a label map {name: id}, or a list whose first name has id 1.
    """
    if isinstance(class_names, Mapping):
        return {class_id: name for name, class_id in class_names.items()}
    return dict(enumerate(class_names, start=1))


def _set_arrays(record, **dtypes):
    """Turn fields into arrays; `boxes` comes first and says how many rows there are."""
    for name, dtype in dtypes.items():
        array = np.asarray(getattr(record, name))
        if not np.isfinite(array).all():
            raise ValueError(f"{name} has values that are not finite numbers")
        if name == "boxes":
            array = _rows_of_four(array)
        elif array.shape != (len(record.boxes),):
            count = array.shape[0] if array.ndim == 1 else list(array.shape)
            raise ValueError(f"{len(record.boxes)} boxes but {count} {name}")
        # a frozen dataclass lets its fields be set only in this way
        object.__setattr__(record, name, array.astype(dtype))


def _rows_of_four(boxes):
    if not boxes.size:
        return np.zeros((0, 4))
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ValueError(f"boxes are of shape [N, 4], not {list(boxes.shape)}")
    return boxes


NO_DETECTIONS = Detections(boxes=[], scores=[], class_ids=[])
