"""Files and folders that are whole or absent, never half-written."""

import errno
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from inspection.common.errors import UserError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def naming_full_disk(path):
    """Raise UserError with the name of a file for which the disk has no room."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise UserError(f"{path} cannot be written: {error.strerror}") from error


@contextmanager
def atomic_write(path):
    """Yield a temporary path beside `path` that takes its place if nothing fails."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        with naming_full_disk(path):
            yield temporary
        temporary.chmod(0o666 & ~_umask())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path, text):
    """Write UTF-8 text with `\\n` line ends, whole or not at all."""
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def refuse_full(path):
    """Raise UserError where a path is there already, unless as an empty folder."""
    path = Path(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise UserError(f"{path} is there already; name a new folder")


@contextmanager
def new_folder(path):
    """Yield a temporary folder beside `path` that gets its name if nothing fails.

    Raises UserError where the folder is there already and holds anything.
    """
    path = Path(path)
    refuse_full(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield temporary
        temporary.chmod(0o777 & ~_umask())
        if path.exists():
            path.rmdir()
        temporary.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _umask():
    # mkstemp makes files private; the finished one gets the user's usual rights
    mask = os.umask(0)
    os.umask(mask)
    return mask
