"""Open the pictures that the settings of a notebook name, of whatever layout."""

from pathlib import Path

from inspection.course import settings_check
from inspection.datasets.fetching.archives import open_folder
from inspection.datasets.layouts import opening
from inspection.datasets.layouts.flat_set import FlatSet

UNPACKED = "build/unpacked"


def open_boxes(
    images: str, annotations: str, splits: str = "", made: Path | None = None
) -> FlatSet:
    """Return the folders of pictures, annotations and split lists that settings mean.

    made: where lists lie that another notebook wrote. See `opening.open_boxes`; settings
    that do not belong together raise UserError.

    >>> found = open_boxes("data/leaks/images", "data/leaks/annotations")
    >>> found.images.as_posix(), found.splits
    ('data/leaks/images', '')
    """
    return _open(opening.open_boxes, "ANNOTATIONS", images, annotations, splits, made)


def open_masks(images: str, masks: str, splits: str = "") -> FlatSet:
    """Return the folders of pictures, masks and split lists that settings mean.

    >>> found = open_masks("data/rust/images", "data/rust/masks")
    >>> found.partners.as_posix(), found.splits
    ('data/rust/masks', '')
    """
    return _open(opening.open_masks, "MASKS", images, masks, splits)


def _open(open_set, name, images, partner, splits, made=None):
    settings_check.check_bundled(open_folder(images, UNPACKED), {name: partner}, splits)
    found = open_set(images, partner, splits, UNPACKED)
    settings_check.check(found.images, {name: found.partners}, found.splits, made)
    return found
