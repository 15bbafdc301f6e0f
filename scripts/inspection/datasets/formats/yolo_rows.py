"""The rows of a YOLO label file: a class and a box or an outline, in shares.

    0 0.5 0.5 0.2 0.4                class, centre x and y, width and height
    0 0.1 0.1 0.9 0.1 0.5 0.8        class, x and y of three points and more
    0 0.5 0.5 0.2 0.4 0.5 0.45 2     a box and its keypoints, as kpt_shape says

x and width are shares of the picture's width, y and height of its height. So the row of
a box in a picture of 100x50 pixels, .5 .5 .2 .4, means xmin 40, ymin 15, xmax 60, ymax 35.
What reaches out of the picture by less than half a pixel is rounding, and cut.

Format: Ultralytics, "Object Detection Datasets", "Instance Segmentation Datasets".
"""

import numpy as np

from inspection.common.errors import DatasetError
from inspection.common.text import finite_number
from inspection.common.text_files import decode_text
from inspection.datasets.formats.labelled import Shape, around, is_turned

LARGEST_FILE = 1 << 22  # bytes; a row of a box has 40
SLACK = 0.01  # of a picture's side, by which a share may miss it
ROUNDING = 0.5  # pixels
BOX = 4


def read_rows(path, size, names):
    """Return the Shapes of a label file.

    size: (width, height) of the picture. names: `YoloNames`. Raises DatasetError with
    every row that cannot be used, each with its line.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise DatasetError(f"{path} is too large for the labels of one picture")
    shapes, faults = [], []
    for number, line in enumerate(decode_text(path.read_bytes(), path).split("\n"), 1):
        if line.strip():
            try:
                shapes.append(read_row(line, size, names))
            except ValueError as error:
                faults.append(f"{path.name}, line {number}: {error}")
    if faults:
        raise DatasetError(f"{path} cannot be used", faults)
    return shapes


def read_row(line, size, names):
    """Return the Shape of one row; raise ValueError for what is none."""
    first, *words = line.split()
    name = _class_name(first, names.names)
    values = [finite_number(word) for word in words]
    wrong = next((w for w, v in zip(words, values, strict=True) if v is None), None)
    if wrong is not None:
        raise ValueError(f"{wrong[:20]!r} is no number")
    if len(values) == BOX:
        return _box(name, values, size)
    if names.keypoint_numbers and len(values) == BOX + names.keypoint_numbers:
        return _box(name, values[:BOX], size, {"keypoints"})
    if len(values) < 6 or len(values) % 2:
        raise ValueError(
            f"{len(values)} numbers after the class: a box has 4, an outline 6, 8, 10 ..."
        )
    return _outline(name, values, size)


def _class_name(word, names):
    number = finite_number(word)
    if number is None or number != int(number):
        raise ValueError(f"{word[:20]!r} is no class id")
    if int(number) not in names:
        raise ValueError(
            f"class id {int(number)} has no name, known are {_known(names)}"
        )
    return names[int(number)]


def _known(names):
    shown = ", ".join(f"{key} {name}" for key, name in list(names.items())[:9])
    return shown + ", ..." * (len(names) > 9)


def _box(name, values, size, marks=()):
    x, y, width, height = values
    if not _are_shares([x, y]) or not _are_shares([width, height]):
        raise ValueError(_no_share(values))
    corners = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
    box = _trim(np.array(corners).reshape(2, 2) * size, size)
    marks = {*marks, *_reach(box, size)}
    return Shape(name, tuple(box.ravel().tolist()), marks=frozenset(marks))


def _outline(name, values, size):
    if not _are_shares(values):
        raise ValueError(_no_share(values))
    ring = _trim(np.array(values).reshape(-1, 2) * size, size)
    marks = {"rotated" if is_turned(ring) else "outlines", *_reach(ring, size)}
    return Shape(name, around(ring), (ring,), marks=frozenset(marks))


def _are_shares(values):
    return all(-SLACK <= value <= 1 + SLACK for value in values)


def _no_share(values):
    odd = next(value for value in values if not -SLACK <= value <= 1 + SLACK)
    return f"{odd:g} is no share of the picture, 0 to 1: were pixels written?"


def _trim(points, size):
    """Return points [N, 2], those out of the picture by rounding alone on its edge."""
    nearest = np.clip(points, 0, size)
    return np.where(np.abs(points - nearest) < ROUNDING, nearest, points)


def _reach(points, size):
    return {"reaching out"} if (points < 0).any() or (points > size).any() else set()
