"""The boxes of Pascal VOC objects: repeated, deleted, rotated or drawn as polygons."""

import math
import re
from dataclasses import dataclass

from inspection.common.text import finite_number
from inspection.datasets.faults import Fault
from inspection.datasets.voc_xml import INVISIBLE

CORNERS = ("xmin", "ymin", "xmax", "ymax")
ROTATED = ("cx", "cy", "w", "h", "angle")
SHAPES = ("bndbox", "robndbox", "polygon")  # the first kind that an object has counts
# where one of these stands outside of an object, a box would be lost in silence
STRAY = (*SHAPES, "box", "xmin", "points", "polyline", "ellipse", "rectangle")


@dataclass(frozen=True)
class Box:
    """One object of a picture, in pixels; it may be empty or lie outside."""

    name: str
    xmin: float
    ymin: float
    xmax: float
    ymax: float
    difficult: bool = False
    truncated: bool = False
    pose: str = "Unspecified"


def read_objects(root, file):
    """Return (boxes, faults, notes) of the objects of a tree, at any depth.

    notes are the faults that do not stop: deleted objects, and shapes in place of boxes.
    """
    boxes, faults, notes = [], _stray_shapes(root, file), []
    for number, element in enumerate(root.iter("object"), start=1):
        try:
            name, kind, found = _read_object(element)
        except ValueError as error:
            faults.append(Fault("bad-object", file, f"object {number} {error}"))
            continue
        boxes += found
        if kind == "deleted":
            detail = f"object {number} ({name}) is marked as deleted"
            notes.append(Fault("deleted-object", file, detail))
        elif kind != "bndbox":
            detail = f"object {number} ({name}) is a <{kind}> without <bndbox>"
            notes.append(Fault("enclosing-box", file, detail))
    return boxes, faults, notes


def text_of(element, path):
    """Return the text at a path, "" where there is none; raise ValueError for two."""
    texts = [(e.text or "").strip(INVISIBLE) for e in element.findall(path)]
    if len(set(texts)) > 1:
        tag = path.rpartition("/")[2]
        raise ValueError(f"has {len(texts)} <{tag}>: {', '.join(texts)}")
    return texts[0] if texts else ""


def _stray_shapes(root, file):
    stray = next(_outside_of_objects(root), None)
    if stray is None:
        return []
    detail = f"holds <{stray.tag}> outside of <object>, which would be lost"
    return [Fault("bad-object", file, detail)]


def _outside_of_objects(root):
    """Yield the shapes that stand in no object, and whatever else a list of them holds."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        inner = [child for child in element if child.tag != "object"]
        yield from (c for c in inner if c.tag in STRAY or element.tag == "objects")
        waiting += inner[::-1]


def _read_object(element):
    """Return (name, kind of shape or "deleted", boxes) of one object."""
    name = text_of(element, "name")
    if _is_set(text_of(element, "deleted")):
        return name, "deleted", []
    if not name:
        raise ValueError("has no <name>")
    try:
        shapes = {kind: element.findall(kind) for kind in SHAPES}
        kind = next((kind for kind in SHAPES if shapes[kind]), "bndbox")
        corners = [_corners(shape) for shape in shapes[kind]]
        marks = [text_of(element, tag) for tag in ("difficult", "truncated", "pose")]
    except ValueError as error:
        raise ValueError(f"({name}) {error}") from None
    if not all(corners) or not corners:
        raise ValueError(f"({name}) has no <bndbox>")
    if _deeper(element):
        raise ValueError(f"({name}) has a <bndbox> within another tag")
    difficult, truncated = map(_is_set, marks[:2])
    pose = marks[2] or "Unspecified"
    boxes = [Box(name, *numbers, difficult, truncated, pose) for numbers in corners]
    return name, kind, boxes


def _deeper(element):
    """Return the boxes within other tags of an object; those of its parts may be there."""
    expected = {
        box for path in ("bndbox", "part//bndbox") for box in element.findall(path)
    }
    inner = {
        box for each in element.iterfind(".//object") for box in each.iter("bndbox")
    }
    return set(element.iter("bndbox")) - expected - inner


def _corners(shape):
    """Return the four numbers of a shape or of the box around it, () for no points."""
    if shape.tag == "bndbox":
        return tuple(_number(shape, corner) for corner in CORNERS)
    if shape.tag == "robndbox":
        return _around_rotated(*(_number(shape, tag) for tag in ROTATED))
    axes = []
    for axis in "xy":
        points = [e for e in shape.iter() if re.fullmatch(rf"{axis}\d*", e.tag)]
        axes.append([_as_number(point.text or "", point.tag) for point in points])
    x, y = axes
    if len(x) != len(y):
        raise ValueError(f"has a <polygon> with {len(x)} x and {len(y)} y")
    return (min(x), min(y), max(x), max(y)) if x else ()


def _around_rotated(x, y, width, height, angle):
    """Return the box around one turned about its centre by an angle in radians."""
    if abs(angle) > 2 * math.pi:
        raise ValueError(f"has <angle> {angle:g}, more than a turn: it is in radians")
    sine, cosine = abs(math.sin(angle)), abs(math.cos(angle))
    across = (width * cosine + height * sine) / 2
    down = (width * sine + height * cosine) / 2
    return x - across, y - down, x + across, y + down


def _number(element, tag):
    return _as_number(text_of(element, tag), tag)


def _as_number(text, tag):
    value = finite_number(text.strip(INVISIBLE))
    if value is None:
        raise ValueError(f"has <{tag}> {text!r}, not a number")
    return value


def _is_set(text):
    return text.lower() in ("true", "yes") or bool(finite_number(text))
