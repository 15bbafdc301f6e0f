"""Pictures with what was drawn on them, whichever format it was stored in.

Coordinates are in pixels of the upright picture, from its upper left corner, not
rounded: the left edge of the first pixel is 0, its right edge 1.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

# what cannot be carried over, or not as it was; in the order of the summary
LOSSES = {  # key: (what is counted, what becomes of it)
    "empty": ("picture", " without objects: kept as background"),
    "outlines": ("outline", ": the box around it is taken"),
    "rotated": ("rotated box", ": the upright box around it is taken"),
    "filled boxes": ("box", " without an outline: filled whole"),
    "keypoints": ("object", " with keypoints, which are lost"),
    "crowd": ("crowd", " (iscrowd): left out"),
    "attributes": ("object", " with attributes or flags, which are lost"),
    "no area": ("object", " without area: left out"),
    "reaching out": ("box", " reaching out of the picture: as drawn, records cut it"),
    "open": ("shape", " that is a point or line: left out"),
    "other classes": ("object", " of another class: left out"),
    "unlabelled": ("picture", " without an annotation: left out"),
}


@dataclass(frozen=True)
class Shape:
    """One object: its class, its box (xmin, ymin, xmax, ymax), and its outline.

    rings: float [N, 2] arrays of x and y, which are filled and joined. area: a mask, bool
    [H, W] of the whole picture, made when it is asked for, where there are no rings.
    marks: keys of LOSSES that hold for it.
    """

    name: str
    box: tuple[float, float, float, float]
    rings: tuple[np.ndarray, ...] = ()
    area: object = None
    marks: frozenset = frozenset()

    @property
    def is_flat(self):
        """Tell whether the box has no area."""
        return self.box[0] >= self.box[2] or self.box[1] >= self.box[3]


@dataclass(frozen=True)
class LabelledImage:
    """One picture, the file that describes it, its size as stated there, its shapes.

    size: (width, height). split: "" where nothing says in which part it is.
    """

    image: Path
    source: Path
    size: tuple[int, int]
    shapes: tuple[Shape, ...]
    split: str = ""


@dataclass(frozen=True)
class LabelledSet:
    """All of a set; class_names in the order of their ids; losses: Counter of LOSSES."""

    images: list[LabelledImage]
    class_names: list[str]
    losses: Counter = field(default_factory=Counter)
    notes: tuple[str, ...] = ()


def around(points):
    """Return the box around points, float [N, 2]."""
    (xmin, ymin), (xmax, ymax) = points.min(axis=0), points.max(axis=0)
    return float(xmin), float(ymin), float(xmax), float(ymax)


def is_turned(points):
    """Tell whether four points are a rectangle that does not stand upright."""
    if len(points) != 4:
        return False
    sides = np.roll(points, -1, axis=0) - points
    lengths = np.hypot(*sides.T)
    if not lengths.all():
        return False
    slant = np.abs((sides * np.roll(sides, -1, axis=0)).sum(axis=1))
    square = slant <= 0.02 * lengths * np.roll(lengths, -1)
    upright = np.abs(sides).min(axis=1) <= 0.01 * lengths
    return bool(square.all() and not upright.all())
