"""Faults of annotations: sizes, names, classes and boxes."""

from collections import Counter
from dataclasses import replace

from inspection.datasets.boxes import find_fault
from inspection.datasets.checking import class_names
from inspection.datasets.faults import Fault
from inspection.datasets.images.image_folder import base_name

SHOWN = 20  # classes of a label map that a message names
CHANNELS = {"1": 1, "L": 1, "I;16": 1, "LA": 2, "RGBA": 4, "CMYK": 4}


def annotation_faults(annotation, header=None):
    """Return the faults of one annotation; `header` is its picture's, if readable."""
    if annotation.image is None:
        return [_fault(annotation, "no-picture", _missing_image(annotation))]
    found = [*annotation.notes, *box_faults(with_size(annotation, header), header)]
    if not annotation.boxes:
        found.append(_fault(annotation, "no-objects", "has no objects"))
    if base_name(annotation.filename) != annotation.image.name:
        detail = f"says {annotation.filename!r}, the picture is {annotation.image.name}"
        found.append(Fault("other-filename", annotation.path.name, detail))
    if header:
        found += _size_faults(annotation, header)
    return found


def with_size(annotation, header):
    """Return the annotation with its picture's size where the XML states none."""
    if header is None or None not in (annotation.width, annotation.height):
        return annotation
    width, height = header.size
    return replace(annotation, width=width, height=height)


def box_faults(annotation, header=None):
    """Return the faults of the boxes; no edge is judged where the size is at fault."""
    width, height = annotation.width, annotation.height
    if header and (width, height) != header.size:
        width = height = None
    found, seen = [], Counter()
    for number, box in enumerate(annotation.boxes, start=1):
        kind = find_fault(box, width or float("inf"), height or float("inf"))
        place = (box.name, box.xmin, box.ymin, box.xmax, box.ymax)
        seen[place] += 1
        if not kind and seen[place] == 2:
            kind = "double-box"
        if kind:
            detail = f"box {number} ({box.name}) {_corners(box)}"
            if kind in ("outside-box", "clipped-box"):
                detail += f" of {width}x{height}"
            found.append(_fault(annotation, kind, detail, (box,)))
    return found


def class_faults(annotations, label_map=None):
    """Return unknown classes, or without a label map those that look alike."""
    used = Counter(box.name for a in annotations for box in a.boxes)
    if label_map is None:
        first = _first_with(annotations)
        return [
            _class_fault(
                rare, f"{used[rare]} boxes; {used[common]} are {common!r}", *first[rare]
            )
            for rare, common in class_names.similar_pairs(used)
        ]
    hints = {name: _hint(name, label_map) for name in used if name not in label_map}
    unused = [
        Fault("unused-class", name, "has no box")
        for name in label_map
        if not used[name]
    ]
    return [f for a in annotations for f in _unknown(a, hints)] + unused


def _hint(name, label_map):
    like = class_names.nearest(name, label_map)
    known = ", ".join(list(label_map)[:SHOWN]) + ", ..." * (len(label_map) > SHOWN)
    hint = f"nearest is {like!r}" if like else "none is like it"
    return f"class {name!r} is not in the label map ({known}); {hint}"


def _unknown(annotation, hints):
    for name, boxes in _by_name(annotation).items():
        if name in hints:
            yield _fault(annotation, "unknown-class", hints[name], tuple(boxes))


def _by_name(annotation):
    """Return {class: its boxes} of one annotation."""
    boxes = {}
    for box in annotation.boxes:
        boxes.setdefault(box.name, []).append(box)
    return boxes


def _size_faults(annotation, header):
    stated = (annotation.width, annotation.height)
    found = []
    if None in stated:
        detail = f"the picture is {_by(header.size)}"
        found.append(Fault("no-size", annotation.path.name, detail))
    elif stated != header.size:
        lying = stated == header.stored_size
        kind = "lying-boxes" if lying else "wrong-size"
        detail = f"says {_by(stated)}, the picture is {_by(header.size)}"
        if lying:
            detail += f" upright (EXIF orientation {header.orientation})"
        found.append(_fault(annotation, kind, detail, annotation.boxes))
    channels = CHANNELS.get(header.mode, 3)
    if annotation.depth not in (None, channels):
        detail = f"says depth {annotation.depth}, the picture has {channels}"
        found.append(Fault("wrong-depth", annotation.path.name, detail))
    return found


def _fault(annotation, kind, detail, boxes=()):
    images = (annotation.image,) if annotation.image else ()
    return Fault(kind, annotation.path.name, detail, images, boxes)


def _class_fault(name, detail, annotation, boxes):
    images = (annotation.image,) if annotation.image else ()
    return Fault("similar-classes", repr(name), detail, images, tuple(boxes))


def _first_with(annotations):
    """Return {class: (the first annotation that shows it, its boxes there)}."""
    first = {}
    for annotation in annotations:
        for name, boxes in _by_name(annotation).items():
            first.setdefault(name, (annotation, boxes))
    return first


def _missing_image(annotation):
    said = f" or {annotation.filename!r}" if annotation.filename else ""
    return f"no picture called {annotation.path.stem!r}{said}"


def _corners(box):
    return f"({box.xmin:g}, {box.ymin:g}) to ({box.xmax:g}, {box.ymax:g})"


def _by(size):
    return f"{size[0]}x{size[1]}"
