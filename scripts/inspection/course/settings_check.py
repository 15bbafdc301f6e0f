"""Do the settings of a notebook belong together? Asked once, before anything is read.

Whoever brings pictures of his own and forgets one line would go on with the bundled set
in that one place.
"""

import unicodedata
from pathlib import Path

from inspection.common.errors import UserError
from inspection.common.notices import warn_once
from inspection.course import paths
from inspection.datasets.fetching.public.entries import is_public
from inspection.datasets.images.image_folder import is_image_name, stem
from inspection.datasets.splitting.split_lists import SPLITS, read_splits

BUNDLED = paths.ROOT / "data"
WHAT = {
    "IMAGES": "the pictures",
    "ANNOTATIONS": "the annotations",
    "MASKS": "the masks",
    "SPLITS": "the lists",
    "OTHER": "the other set",
    "PHOTO": "the photograph",
}
FOLDER = "name the folder of yours"
NONE = 'set it to ""'


def check(images, partners, splits="", made=None):
    """Raise UserError where settings of own pictures and of the bundled ones are mixed.

    images: folder of the pictures. partners: {name of a setting: folder of files with
    the pictures' names}. splits: what SPLITS says. made: where lists lie that another
    notebook wrote, which count where SPLITS is "".
    """
    known = _stems(images)
    faults = [
        _partner_fault(name, path, images, known) for name, path in partners.items()
    ]
    faults.append(_splits_fault(splits, made, images, known))
    _refuse(faults)


def check_bundled(images, partners, splits=""):
    """Raise UserError where own pictures in folders stand beside files of the bundled set.

    As `check`, before it is known where in `images` the pictures are: where they lie in
    it directly, `check` compares names.
    """
    if is_bundled(images) or any(is_image_name(p.name) for p in Path(images).iterdir()):
        return
    faults = [
        _still(n, FOLDER) for n, path in partners.items() if path and is_bundled(path)
    ]
    faults += [_still("SPLITS", NONE)] if splits and is_bundled(splits) else []
    _refuse(faults)


def check_other(pictures, other, photo=""):
    """Raise UserError where OTHER is still the bundled set, beside pictures of one's own.

    A bundled PHOTO is only looked at in the end: there a warning will do. Beside a public
    set both are as they should be.
    """
    if is_bundled(pictures) or is_public(pictures):
        return
    if other and is_bundled(other):
        _refuse([_still("OTHER", NONE)])
    if photo and is_bundled(photo):
        warn_once(_still("PHOTO", f"name one of yours, or {NONE}"))


def is_bundled(path):
    """Return whether a path lies among the pictures of the course."""
    return Path(path).resolve().is_relative_to(BUNDLED)


def _partner_fault(name, path, images, known):
    """Return what is wrong with annotations or masks of other pictures, or None."""
    if is_bundled(path) == is_bundled(images):
        return None  # the readers name what is missing
    # a mask may be called pipe_mask.png
    if any(other.startswith(tuple(known)) for other in _stems(path)):
        return None
    return _still(name if is_bundled(path) else "IMAGES", FOLDER)


def _splits_fault(splits, made, images, known):
    """Return what is wrong with lists of other pictures, or None."""
    if not (splits or made):
        return None
    folder = Path(splits or made)
    if not any((folder / f"{split}.txt").is_file() for split in SPLITS):
        return None  # the readers say so, or draw lists
    lists = read_splits([folder]).values()
    if not known or {_plain(name) for names in lists for name in names} & known:
        return None  # the readers name single ones that are missing
    if not splits:
        return (
            f"the lists in {paths.short(folder)} are of other pictures: run notebook 01 "
            "with these settings first"
        )
    if is_bundled(splits) and not is_bundled(images):
        return _still("SPLITS", NONE)
    return f"SPLITS: no name in {paths.short(folder)} is that of a picture in {images}"


def _still(name, mend):
    return f"{name} still names {WHAT[name]} of the bundled pictures: {mend}"


def _refuse(faults):
    faults = [fault for fault in faults if fault]
    if faults:
        raise UserError(f"the settings do not belong together: {'; '.join(faults)}")


def _stems(folder):
    """Return the plain names of what lies in a folder, as lists have them."""
    names = [p.name for p in Path(folder).iterdir() if not p.name.startswith(".")]
    xml = [name[:-4] if name.lower().endswith(".xml") else stem(name) for name in names]
    return set(map(_plain, xml))


def _plain(name):
    # macOS stores names decomposed; Windows and labelers change the case
    return unicodedata.normalize("NFC", name).casefold()
