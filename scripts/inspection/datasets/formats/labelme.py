"""Read JSON of labelme and X-AnyLabeling: one file a picture, with its outlines.

Points are x and y in pixels from the upper left corner. A rectangle is two opposite
corners in any order (X-AnyLabeling: all four), a circle its centre and a point on it,
drawn as 64 corners. A picture without a JSON was not looked at, and is left out; one
with a JSON without shapes shows nothing.
"""

import base64
import binascii
import io
import math
from collections import Counter
from functools import partial

import numpy as np
from PIL import Image

from inspection.common.errors import DatasetError, UserError
from inspection.common.text import plural
from inspection.datasets.formats.json_values import Place, read_json
from inspection.datasets.formats.labelled import (
    LabelledImage,
    LabelledSet,
    Shape,
    around,
    is_turned,
)
from inspection.datasets.formats.picture_index import PictureIndex
from inspection.datasets.images.value_range import BROKEN
from inspection.datasets.layouts.folder_names import split_of

CORNERS = 64  # of a circle
OPEN = ("point", "points", "line", "linestrip", "lines")
CLOSED = {"polygon": 3, "rectangle": 2, "rotation": 4, "circle": 2, "mask": 2}


def read_labelme(paths, top, image_dir=None):
    """Return the LabelledSet of JSON files; raise one DatasetError with all its faults.

    top: folder of the set, whose folders say the part of the split. image_dir: where
    the pictures are sought, by default in `top`.
    """
    index = PictureIndex(image_dir or top)
    images, losses, faults = [], Counter(), []
    for path in paths:
        try:
            images.append(_read_file(path, top, index, losses))
        except UserError as error:
            faults += getattr(error, "faults", []) or [str(error)]
    counts = Counter(image.image for image in images)
    faults += [f"{p.name}: two JSON describe it" for p, n in counts.items() if n > 1]
    if faults:
        raise DatasetError(
            f"{plural(len(faults), 'fault')} in the JSON of labelme in {top}", faults
        )
    losses["empty"] = sum(not image.shapes for image in images)
    losses["unlabelled"] = sum(path not in counts for path in index.paths)
    names = sorted({shape.name for image in images for shape in image.shapes})
    return LabelledSet(images, names, losses)


def _read_file(path, top, index, losses):
    content = Place(read_json(path), path)
    # labelme writes the name of the picture; without it the JSON has its own
    name = content.get("imagePath").value or path.stem
    if not isinstance(name, str):
        raise content.get("imagePath").refuse("path")
    found = index.find(name, path.parent) or index.find(path.stem, path.parent)
    if len(found) != 1:
        listed = " and ".join(map(str, found))
        said = f"may be {listed}" if found else "is not there"
        raise DatasetError(f"{path}: its picture {name[:100]} {said}")
    size = content.get("imageWidth").side(), content.get("imageHeight").side()
    shapes = []
    for place in content.get("shapes").items():
        kind = _kind(place)
        if kind in OPEN:
            losses["open"] += 1
        else:
            shapes.append(read_shape(place, kind, size))
    splits = [split_of(part) for part in path.relative_to(top).parts[:-1]]
    split = next((split for split in reversed(splits) if split), "")
    return LabelledImage(found[0], path, size, tuple(shapes), split)


def _kind(place):
    kind = place.get("shape_type").value or "polygon"  # older files do not say it
    if not isinstance(kind, str) or kind not in (*OPEN, *CLOSED):
        listed = ", ".join((*CLOSED, *OPEN))
        raise place.get("shape_type").refuse(f"kind of shape that is known ({listed})")
    return kind


def read_shape(place, kind, size):
    """Return the Shape of one entry of `shapes`; size: (width, height)."""
    name = place.get("label").text()
    points = np.array([p.numbers(2) for p in place.get("points").items()]).reshape(
        -1, 2
    )
    if len(points) < CLOSED[kind]:
        raise place.get("points").refuse(f"{kind}: it has {len(points)} points")
    marks, area = set(), None
    if kind == "rectangle":
        xmin, ymin, xmax, ymax = around(points)
        ring = np.array([[xmin, ymin], [xmax, ymin], [xmax, ymax], [xmin, ymax]])
    elif kind == "circle":
        ring = _circle(*points[:2])
        marks.add("outlines")
    elif kind == "mask":
        ring, area = points, partial(_decode, place, size)
        marks.add("outlines")
    else:
        ring = points
        marks.add("rotated" if is_turned(ring) else "outlines")
    if any(place.get(key).value for key in ("flags", "attributes", "description")):
        marks.add("attributes")
    if (ring < 0).any() or (ring > size).any():
        marks.add("reaching out")
    rings = () if area else (ring,)
    return Shape(name, around(ring), rings, area, frozenset(marks))


def _circle(centre, rim):
    radius = math.dist(centre, rim)
    turns = np.arange(CORNERS) * (2 * math.pi / CORNERS)
    return centre + radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)


def _decode(place, size):
    """Return bool [H, W] of the PNG in a shape, laid where its first point says."""
    text = place.get("mask").text()
    try:
        data = base64.b64decode(text, validate=True)
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.width > size[0] + 1 or image.height > size[1] + 1:
                raise ValueError(f"it is {image.width}x{image.height}")
            piece = np.asarray(image.convert("L")) > 0
    except (*BROKEN, binascii.Error) as error:
        raise place.get("mask").refuse(f"PNG of the picture's size: {error}") from None
    left, top = np.rint(place.get("points").items()[0].numbers(2)).astype(int)
    mask = np.zeros((size[1], size[0]), bool)
    bottom, right = top + piece.shape[0], left + piece.shape[1]
    piece = piece[max(0, -top) :, max(0, -left) :]
    inside = mask[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]
    inside[...] = piece[: inside.shape[0], : inside.shape[1]]
    return mask
