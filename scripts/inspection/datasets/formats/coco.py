"""Read JSON of COCO: images, annotations with boxes, outlines and masks, categories.

A box is [x, y, width, height] in pixels from the upper left corner: [10, 20, 30, 40] is
xmin 10, ymin 20, xmax 40, ymax 60. Segmentations are lists of outlines, or run lengths
down the columns. A picture without annotations shows nothing.

Format: https://cocodataset.org/#format-data
"""

import math
import re
from collections import Counter, defaultdict
from functools import partial

import numpy as np

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets.formats.areas import decode_runs, parse_runs
from inspection.datasets.formats.json_values import Place, read_json
from inspection.datasets.formats.labelled import (
    LabelledImage,
    LabelledSet,
    Shape,
    around,
)
from inspection.datasets.formats.picture_index import PictureIndex
from inspection.datasets.images import image_file
from inspection.datasets.layouts.folder_names import SPLIT_NAMES, split_of

MOST_RUNS = 1 << 26


def read_coco(paths, top, image_dir=None):
    """Return the LabelledSet of JSON files; raise one DatasetError with all its faults.

    top: folder of the set; the folders from there on and the name of a JSON say its part
    of the split. image_dir: where the pictures are sought, by default in `top`.
    """
    index = PictureIndex(image_dir or top)
    images, names, faults = [], {}, []
    for path in paths:
        content = Place(read_json(path), path)
        split = find_split(path, top) if len(paths) > 1 else ""
        categories = _categories(content)
        shapes, keys = _annotations(content, categories)
        found, more = _images(content, shapes, index, path.parent, split)
        images += found
        faults += more
        used = {shape.name for image in found for shape in image.shapes}
        names |= {n: None for _, n in sorted(keys.items(), key=_by_id) if n in used}
    faults += _refuse_twice(images)
    if faults:
        listed = ", ".join(path.name for path in paths)
        raise DatasetError(f"{plural(len(faults), 'fault')} in {listed}", faults)
    losses = Counter(empty=sum(not image.shapes for image in images))
    used = {image.image for image in images}
    unlabelled = [path for path in index.paths if path not in used]
    losses["unlabelled"] = len(unlabelled)
    return LabelledSet(images, list(names), losses)


def find_split(path, top):
    """Return the part of the split that a JSON's folder or name says, "" for none."""
    for part in reversed(path.relative_to(top).parts[:-1]):
        if split_of(part):
            return split_of(part)
    words = re.findall(r"[a-z]+", path.stem.lower())
    said = {SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES}
    return said.pop() if len(said) == 1 else ""


def _by_id(item):
    key = item[0]
    return (0, int(key), "") if key.lstrip("-").isdecimal() else (1, 0, key)


def _categories(content):
    """Return {category id: class name}."""
    names = {}
    for place in content.get("categories").items():
        key = place.get("id").key()
        if key in names:
            raise place.get("id").refuse("id of its own")
        names[key] = place.get("name").text()
    return names


def _annotations(content, categories):
    """Return ({image id: [(Place, category)]}, {category id: name})."""
    by_image = defaultdict(list)
    for place in content.get("annotations").items():
        category = place.get("category_id").key()
        if category not in categories:
            raise place.get("category_id").refuse("id of a category")
        by_image[place.get("image_id").key()].append((place, categories[category]))
    return by_image, categories


def _images(content, annotations, index, near, split):
    """Return (LabelledImages, faults) of the images of one JSON."""
    images, faults, seen = [], [], set()
    for place in content.get("images").items():
        key = place.get("id").key()
        if key in seen:
            raise place.get("id").refuse("id of its own")
        seen.add(key)
        name = place.get("file_name").text()
        found = _of_split(index.find(name, near), split)
        if len(found) != 1:
            listed = " and ".join(map(str, found))
            faults.append(
                f"{name}: " + (f"may be {listed}" if found else "is not there")
            )
            continue
        size = _size(place, found[0])
        shapes = [read_annotation(p, n, size) for p, n in annotations.get(key, ())]
        images.append(LabelledImage(found[0], content.path, size, tuple(shapes), split))
    lost = sorted(set(annotations) - seen)
    if lost:
        raise annotations[lost[0]][0][0].get("image_id").refuse("id of an image")
    return images, faults


def _of_split(paths, split):
    """Return those of several pictures that lie in a folder of a part of the split."""
    if len(paths) < 2 or not split:
        return paths
    said = [p for p in paths if split in {split_of(part) for part in p.parts[:-1]}]
    return said or paths


def _size(place, path):
    if place.get("width").value is None or place.get("height").value is None:
        return image_file.image_size(path)
    return place.get("width").side(), place.get("height").side()


def _refuse_twice(images):
    counts = Counter(image.image for image in images)
    return [
        f"{path.name}: stands in the JSON more than once; give one file of them alone"
        for path, count in counts.items()
        if count > 1
    ]


def read_annotation(place, name, size):
    """Return the Shape of one annotation; size: (width, height) of its picture."""
    rings, area = _segmentation(place.get("segmentation"), size)
    marks = {mark for mark in ("keypoints",) if place.get(mark).value}
    attributes = place.get("attributes").value
    turn = 0
    if isinstance(attributes, dict):
        turn = _turn(place.get("attributes").get("rotation"))
        others = {
            k: v for k, v in attributes.items() if k not in ("occluded", "rotation")
        }
        marks |= {"attributes"} if any(others.values()) else set()
    if place.get("iscrowd").value not in (None, 0, False):
        marks.add("crowd")
    if place.get("bbox").value is None and rings:
        box = around(np.concatenate(rings))
    else:
        x, y, width, height = place.get("bbox").numbers(4).tolist()
        if min(width, height) < 0:
            raise place.get("bbox").refuse("box: its width or height is below 0")
        box = (x, y, x + width, y + height)
    if turn:
        box, rings = _turned(box, turn, rings)
        marks.add("rotated")
    if box[0] < 0 or box[1] < 0 or box[2] > size[0] or box[3] > size[1]:
        marks.add("reaching out")
    return Shape(name, box, rings, area, frozenset(marks))


def _turn(place):
    """Return the degrees by which CVAT says that a box is turned, clockwise."""
    return 0 if place.value is None else place.number() % 360


def _turned(box, degrees, rings):
    """Return the box around a turned one, and the turned one as an outline."""
    angle = math.radians(degrees)
    turn = np.array(
        [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]
    )
    xmin, ymin, xmax, ymax = box
    corners = np.array([[xmin, ymin], [xmax, ymin], [xmax, ymax], [xmin, ymax]])
    centre = corners.mean(axis=0)
    ring = (corners - centre) @ turn + centre
    return around(ring), rings or (ring,)


def _segmentation(place, size):
    """Return (rings, function that makes the mask or None)."""
    if place.value is None or place.value == []:
        return (), None
    if isinstance(place.value, dict):
        return (), partial(_decode, place, size)
    rings = []
    for each in place.items():
        values = each.numbers()
        if len(values) < 6 or len(values) % 2:
            raise each.refuse("outline: it needs x and y of three points and more")
        rings.append(values.reshape(-1, 2))
    return tuple(rings), None


def _decode(place, size):
    """Return bool [H, W] of run lengths, as numbers or as text."""
    width, height = size
    stated = place.get("size").numbers(2)
    if (stated != (height, width)).any():
        raise place.get("size").refuse(f"[{height}, {width}], as the picture is")
    counts = place.get("counts")
    try:
        if isinstance(counts.value, str):
            return decode_runs(parse_runs(counts.value), size)
        return decode_runs(_run_list(counts), size)
    except ValueError as error:
        raise counts.refuse(f"mask: {error}") from None


def _run_list(place):
    runs = [each.value for each in place.items()]
    if not all(type(run) is int and 0 <= run < MOST_RUNS * 4 for run in runs):
        raise ValueError("its run lengths are no whole numbers")
    return runs
