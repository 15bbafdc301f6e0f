"""Read a set of YOLO labels: pictures, a text file for each, and the names of classes.

Folders as in all layouts: images/ beside labels/, in each of train/, valid/, test/, or
these in each of them; also labels beside pictures. A picture without a label file, or
with an empty one, shows nothing.
"""

from collections import Counter
from pathlib import Path

from inspection.common.errors import DatasetError, UserError
from inspection.common.text import plural
from inspection.datasets.foreign_formats import format_of
from inspection.datasets.formats.labelled import LabelledImage, LabelledSet
from inspection.datasets.formats.yolo_names import LISTS, YoloNames, find_names
from inspection.datasets.formats.yolo_rows import read_rows
from inspection.datasets.images import image_file
from inspection.datasets.layouts.box_layout import find_boxes
from inspection.datasets.layouts.folder_names import SPLIT_NAMES, words_of
from inspection.datasets.layouts.own_lists import BOTH
from inspection.datasets.layouts.set_tree import read_tree
from inspection.datasets.splitting.split_lists import match_names


def read_yolo(folder, image_dir=None, class_names=None):
    """Return the LabelledSet of a folder; raise one DatasetError with all its faults.

    image_dir: of the pictures where they lie elsewhere. class_names: in the order of
    their ids, where no file of the set says them.
    """
    folder = Path(folder)
    names = _names(folder, class_names)
    found = find_boxes(image_dir or folder, folder, is_label, all_count=True)
    pairs = [p for p in found.pairs if p.image or _are_labels(p.partner)]
    orphans = [
        f"{pair.partner.name}: labels without a picture"
        for pair in pairs
        if pair.image is None
    ]
    images, faults = [], orphans
    split_of_image = _listed(found)
    for pair in pairs:
        if pair.image is None:
            continue
        try:
            split = pair.split or split_of_image.get(pair.image, "")
            images.append(_read_pair(pair, names, split))
        except UserError as error:
            faults += getattr(error, "faults", []) or [str(error)]
    if faults:
        raise DatasetError(
            f"{plural(len(faults), 'fault')} in the YOLO labels of {folder}", faults
        )
    losses = Counter(empty=sum(not image.shapes for image in images))
    return LabelledSet(images, list(names.names.values()), losses, found.notes)


def is_label(path):
    """Tell whether a text file may hold the labels of a picture.

    Names of classes, lists of pictures and a README do not, but a picture may be called
    test.jpg.
    """
    name = path.stem.lower()
    if path.suffix.lower() != ".txt":
        return False
    is_other = path.name.lower() in LISTS or name in (*SPLIT_NAMES, BOTH)
    is_other = is_other or name.startswith(("readme", "notes"))
    return not is_other or format_of(path) == "YOLO"


def _are_labels(path):
    """Tell whether a text file without a picture holds labels all the same."""
    return "labels" in words_of(path.parent.name) or format_of(path) == "YOLO"


def _names(folder, class_names):
    known = find_names(read_tree(folder))
    if known:
        return known
    if not class_names:
        raise DatasetError(
            f"{folder}: no data.yaml or classes.txt says what the classes are called: "
            "give --classes in the order of their ids"
        )
    return YoloNames(dict(enumerate(class_names)))


def _listed(found):
    """Return {picture: part of the split} of a set that brings lists."""
    stems = {}
    for pair in found.pairs:
        if pair.image:
            stems.setdefault(pair.image.stem, pair.image)
    listed = {}
    for split, names in found.lists.items():
        known, _ = match_names(names, stems)
        listed |= {stems[name]: split for name in known.values()}
    return listed


def _read_pair(pair, names, split):
    size = image_file.image_size(pair.image)
    shapes = read_rows(pair.partner, size, names) if pair.partner else []
    return LabelledImage(
        pair.image, pair.partner or pair.image, size, tuple(shapes), split
    )
