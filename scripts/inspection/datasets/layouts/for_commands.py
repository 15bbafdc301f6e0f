"""The set that a command is given: two folders of files, or one of any layout."""

import re
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets import voc
from inspection.datasets.fetching.archives import open_folder
from inspection.datasets.foreign_formats import explain_boxes
from inspection.datasets.images.image_folder import is_image_name
from inspection.datasets.layouts.box_layout import find_boxes
from inspection.datasets.layouts.flat_set import FlatSet, are_masks, flatten
from inspection.datasets.layouts.folder_names import holds_masks
from inspection.datasets.layouts.set_tree import read_tree
from inspection.datasets.splitting.split_lists import read_splits


@contextmanager
def boxes_of(annotations, images=None):
    """Yield the FlatSet of a set for as long as a command runs; its split as it is.

    annotations: folder or .zip of the .xml, or of the whole set. images: the same of the
    pictures, None for both in one. What is unpacked and linked lies in a temporary
    folder, which errors do not name.
    """
    images = images or annotations
    with tempfile.TemporaryDirectory(prefix="set-") as into, named_as(images, into):
        image_top, box_top = unpacked(images, into), unpacked(annotations, into)
        if are_plain_boxes(image_top, box_top):
            yield FlatSet(image_top, box_top, "")
            return
        found = find_boxes(image_top, box_top, explain=partial(explain_boxes, box_top))
        flat = flatten(found, into, image_top)
        lists = read_splits([flat.splits]) if flat.splits else {}
        print(describe_set(images, found, count_splits(lists)))
        yield flat


def unpacked(path, into):
    """Return a path as it is, or the folder of a .zip's files, unpacked below `into`."""
    return open_folder(path, into) if is_zip(path) else Path(path)


def is_zip(path):
    """Tell whether a path is a .zip that is there."""
    return Path(path).suffix.lower() == ".zip" and Path(path).is_file()


@contextmanager
def folders_of(source, *others):
    """Yield folders as they are, of a .zip its files for as long as a command runs.

    others: None stays None.
    """
    with tempfile.TemporaryDirectory(prefix="set-") as into, named_as(source, into):
        yield tuple(path and unpacked(path, into) for path in (source, *others))


@contextmanager
def named_as(top, into):
    """Let errors name a set, not the temporary folder of its links."""
    try:
        yield
    except DatasetError as error:
        inside = re.escape(str(into)) + r"[^\s:,;]*"
        error.message = re.sub(inside, lambda _: str(top), error.message)
        raise


def are_plain_boxes(images, annotations):
    """Tell whether pictures and annotations lie in the two folders themselves.

    So they do where one of the folders is not there, or holds neither them nor folders:
    what is wrong then, the readers say.
    """
    folders = Path(images), Path(annotations)
    if not all(folder.is_dir() for folder in folders):
        return True
    inside = [list(folder.iterdir()) for folder in folders]
    has_boxes = any(voc.is_annotation(path) for path in inside[1])
    if has_boxes and any(is_image_name(path.name) for path in inside[0]):
        return True
    return not any(path.is_dir() for paths in inside for path in paths)


def holds_set(images, annotations=None):
    """Tell whether pictures lie below a folder, with annotations, and none in itself."""
    images = Path(images)
    if not images.is_dir() or any(is_image_name(p.name) for p in images.iterdir()):
        return False
    tree = read_tree(images)
    has_boxes = annotations or any(voc.is_annotation(p) for b in tree for p in b.files)
    return bool(has_boxes) and any(branch.images() for branch in tree)


def kind_of(top):
    """Return "boxes" or "masks" where a set of that kind lies in folders of parts.

    "" where it does not, or where pictures lie in the folder itself.
    """
    if not Path(top).is_dir():
        return ""
    if holds_set(top):
        return "boxes"
    tree = [branch for branch in read_tree(top) if branch.images()]
    masks = [branch for branch in tree if holds_masks(branch.parts)]
    deep = all(len(branch.parts) > 1 for branch in tree)
    return "masks" if masks and deep and len(masks) < len(tree) else ""


def describe_set(source, found, split=""):
    """Return a line that says what was found in a set; split: its own, in words."""
    images = {pair.image for pair in found.pairs if pair.image}
    partners = {pair.partner for pair in found.pairs if pair.partner}
    kind = "mask" if are_masks(found.pairs) else "annotation"
    counts = f"{plural(len(images), 'picture')}, {plural(len(partners), kind)}"
    line = f"{Path(source).name}: {counts}"
    if split:
        line += f"; its own split is taken: {split}"
    return "; left out: ".join([line, *found.notes])


def count_splits(lists):
    """Return the parts of a split, {split: names}, and their numbers in words."""
    return ", ".join(f"{split} {len(names):,}" for split, names in lists.items())
