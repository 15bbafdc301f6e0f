"""Open a set of whatever layout: folders for the readers, and the set's own split."""

import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.datasets import voc
from inspection.datasets.fetching.archives import open_folder
from inspection.datasets.foreign_formats import explain_boxes
from inspection.datasets.images.image_facts import read_facts
from inspection.datasets.images.image_folder import ImageFolder, is_image_name, stem
from inspection.datasets.layouts.box_layout import find_boxes
from inspection.datasets.layouts.flat_set import FlatSet, flatten
from inspection.datasets.layouts.for_commands import (
    are_plain_boxes,
    count_splits,
    describe_set,
    named_as,
    unpacked,
)
from inspection.datasets.layouts.mask_layout import find_masks
from inspection.datasets.layouts.set_tree import read_tree
from inspection.datasets.splitting.partition import group_copies, partition
from inspection.datasets.splitting.split_lists import SPLITS, read_splits, write_splits

SHARES = {"val": 0.1, "test": 0.2}  # of all pictures, where the set has no such part


def open_boxes(
    images: str | Path,
    annotations: str | Path = "",
    splits: str | Path = "",
    into: str | Path = "build/unpacked",
) -> FlatSet:
    """Return the folders of pictures and annotations of a set, and of its split's lists.

    images, annotations: folders or .zip, or one for both; "" is the same as images.
    splits: lists that count in place of the set's own; "" takes those, "" where it has
    none. A part that its split lacks, val or test, is drawn from train. into: where
    archives are unpacked, and links made to what lies in many folders.

    >>> found = open_boxes("data/leaks/images", "data/leaks/annotations")
    >>> found.images.as_posix(), found.splits
    ('data/leaks/images', '')
    """
    image_top = open_folder(images, into)
    box_top = open_folder(annotations, into) if annotations else image_top
    if box_top != image_top and are_plain_boxes(image_top, box_top):
        return FlatSet(image_top, box_top, splits)
    found = find_boxes(image_top, box_top, explain=partial(explain_boxes, box_top))
    flat = flatten(found, into, image_top)
    return _settle(flat, found, images, splits, _classes_of_boxes)


def open_masks(
    images: str | Path,
    masks: str | Path = "",
    splits: str | Path = "",
    into: str | Path = "build/unpacked",
) -> FlatSet:
    """Return the folders of pictures and masks of a set, and of its split's lists.

    As `open_boxes`, with masks in place of annotations.

    >>> found = open_masks("data/rust/images", "data/rust/masks")
    >>> found.partners.as_posix(), found.splits
    ('data/rust/masks', '')
    """
    image_top = open_folder(images, into)
    mask_top = open_folder(masks, into) if masks else image_top
    if _are_plain_masks(image_top, mask_top):
        return FlatSet(image_top, mask_top, splits)
    explain = partial(explain_boxes, mask_top, "masks")
    found = find_masks(image_top, mask_top, explain)
    flat = flatten(found, into, image_top, "masks")
    return _settle(flat, found, images, splits, _classes_of_masks)


@contextmanager
def masks_of(images, masks=None, splits=None):
    """Yield the FlatSet of a set with masks for as long as a command runs.

    Links lie in a temporary folder, which errors do not name.
    """
    masks = masks or images
    with tempfile.TemporaryDirectory(prefix="set-") as into, named_as(images, into):
        image_top, mask_top = unpacked(images, into), unpacked(masks, into)
        if not (image_top.is_dir() and mask_top.is_dir()):
            yield FlatSet(images, masks, splits)  # what is wrong, the readers say
            return
        found = open_masks(image_top, mask_top, splits or "", into)
        yield found._replace(splits=found.splits or None)


def _are_plain_masks(images, masks):
    """Tell whether pictures and masks lie in the two folders themselves."""
    folders = {images, masks}
    has_images = all(
        any(is_image_name(path.name) for path in folder.iterdir()) for folder in folders
    )
    return has_images and (
        len(folders) > 1 or not any(b.parts and b.images() for b in read_tree(images))
    )


def _settle(flat, found, source, splits, classes_of):
    """Return a FlatSet with the lists that count, the set's own made whole."""
    own = "" if splits or not flat.splits else _complete(flat, found, classes_of)
    print(describe_set(source, found, own))
    return flat._replace(splits=splits or flat.splits)


def _complete(flat, found, classes_of):
    """Draw the parts that a split lacks from train; return what there is, in words.

    classes_of: function of a FlatSet to {stem: (picture, class names)}.
    """
    lists = read_splits([flat.splits])
    if "train" not in lists:
        raise DatasetError(
            f"{flat.images}: its split has {' and '.join(lists)}, and no train"
        )
    own = found.lists or found.parts()
    drawn = [split for split in SPLITS if split not in own]
    missing = [split for split in drawn if split not in lists]  # not drawn before
    if missing:
        lists |= _draw(lists, missing, classes_of(flat))
        write_splits(lists, flat.splits)
    said = f" ({' and '.join(drawn)} drawn from its train)" if drawn else ""
    return count_splits({split: lists[split] for split in SPLITS}) + said


def _draw(lists, missing, classes):
    """Return {split: stems} of train and of the parts that are drawn from it."""
    stems = [name for name in lists["train"] if name in classes]
    paths = [classes[name][0] for name in stems]
    total = sum(map(len, lists.values()))
    shares = {split: SHARES[split] * total / max(1, len(stems)) for split in missing}
    groups = group_copies(paths, read_facts(paths))
    parts = partition([classes[name][1] for name in stems], shares, groups)
    return {split: [stems[i] for i in chosen] for split, chosen in parts.items()}


def _classes_of_masks(flat):
    return {stem(path.name): (path, ()) for path in ImageFolder(flat.images).paths}


def _classes_of_boxes(flat):
    annotations, _ = voc.scan_folder(flat.partners, flat.images)
    return {
        a.path.stem: (a.image, {box.name for box in a.boxes})
        for a in annotations
        if a.image
    }
