"""Open the pictures that the settings of a notebook name, of whatever layout.

What is named may also be a public set, such as "bccd": it is downloaded then.
"""

from pathlib import Path
from typing import NamedTuple

from inspection.course import settings_check
from inspection.datasets.fetching.archives import open_folder
from inspection.datasets.fetching.public.entries import find_set, is_public
from inspection.datasets.fetching.public.obtain import fetch_set
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


class ClassSet(NamedTuple):
    """The folder with a folder for each class, and how many photographs were cut up.

    photographs: None where names say which pictures belong together, or none do.
    """

    folder: Path
    photographs: int | None


def open_classes(pictures: str) -> ClassSet:
    """Return the folder that holds one folder of pictures for each class.

    >>> open_classes("data/cracks/concrete").folder.as_posix()
    'data/cracks/concrete'
    """
    photographs = find_set(pictures).photographs if is_public(pictures) else None
    return ClassSet(open_folder(_fetched(pictures), UNPACKED), photographs)


def _fetched(name):
    """Return the folder of a public set; what names none, as it is."""
    return fetch_set(name) if is_public(name) else name


def _open(open_set, name, images, partner, splits, made=None):
    images = _fetched(images)
    settings_check.check_bundled(open_folder(images, UNPACKED), {name: partner}, splits)
    found = open_set(images, partner, splits, UNPACKED)
    settings_check.check(found.images, {name: found.partners}, found.splits, made)
    return found
