"""Why a disk did not take what was written: it is full, or nothing may be written there.

Python says it by a number. The writers of TensorFlow, HDF5 and others say it in words.
"""

import errno
import os
import re
from pathlib import Path

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# what concerns an output only if it is named: inputs may be closed as well
CLOSED = (errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST)
DRAFT = re.compile(r"\.(.+)\.new\d*")  # a folder of `common.drafts`


def shown(path: str | Path) -> str:
    """Return a path as its user knows it, of what is written aside its place.

    >>> shown("out/.a.csv.new/a.csv")
    'out/a.csv'
    """
    parts = Path(path).parts
    kept = [
        part
        for part, inner in zip(parts, (*parts[1:], ""))
        if not ((draft := DRAFT.fullmatch(part)) and inner.startswith(draft[1]))
    ]
    return str(Path(*kept))


def reason(error, path=None):
    """Return why a disk refused what was written, None where an error says nothing of it.

    path: of the file or folder to write, for errors that count only where they name it.
    """
    while error is not None:
        if found := _of_disk(error) or path and _of_place(error, Path(path)):
            return found
        error = error.__cause__ or error.__context__
    return None


def mend_of(reason):
    """Return what to do about a reason."""
    if reason in map(os.strerror, FULL):
        return "make room, or name another place"
    return "name another place"


def _of_disk(error):
    said, text = getattr(error, "errno", None), str(error)
    for code in (*FULL, errno.EROFS):
        if said == code or os.strerror(code) in text:
            return os.strerror(code)
    return None


def _of_place(error, path):
    """Return why a path, what lies above it or its draft could not be opened."""
    if not isinstance(error, OSError) or error.errno not in CLOSED:
        return None
    named, path = Path(os.fsdecode(error.filename or "")).absolute(), path.absolute()
    drafts = [part for part in named.parts if part.startswith(f".{path.name}.new")]
    if not drafts and named not in (path, *path.parents):
        return None
    if error.errno == errno.EEXIST:
        return f"{named} is no folder"
    return os.strerror(error.errno)
