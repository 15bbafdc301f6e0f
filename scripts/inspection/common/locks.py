"""Locks that die with their process, however it ends: the system holds them, not a file.

A file that only says "taken" stays behind after `kill -9`. Here the file is nothing but
what the lock is on.
"""

import errno
import os
import platform
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from inspection.common.errors import UserError, naming_disk_faults
from inspection.common.notices import warn_once

if os.name == "nt":
    import msvcrt
else:
    import fcntl

RUN_LOCK = "run.lock"
TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
FAR = 1 << 30  # Windows keeps others from reading what is locked: lock behind the text

_held = set()  # numbers of open files


def try_lock(path):
    """Lock a file, made if absent; return its number, None where it is locked already.

    Where the file system knows no locks, as some network drives, that is said, and the
    file counts as locked. Raises OSError where no file can be made.
    """
    while True:
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        if not _lock(number, path):
            os.close(number)
            return None
        if _is_at(number, path):
            _held.add(number)
            return number
        os.close(number)  # its owner has just removed it


def release(number, path):
    """Remove a lock file and its lock; in a forked process, whose lock it is not, nothing."""
    if number not in _held:
        return
    _held.discard(number)
    if os.name == "nt":  # removes no open file
        os.close(number)
        with suppress(PermissionError):
            os.unlink(path)
        return
    with suppress(FileNotFoundError):
        os.unlink(path)
    os.close(number)


@contextmanager
def lock_run(folder):
    """Keep other programs from training in a folder while the block runs.

    Raises UserError where one does.
    """
    path = Path(folder) / RUN_LOCK
    with naming_disk_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        number = try_lock(path)
    if number is None:
        raise UserError(
            f"{folder} is being trained in{_owner(path)}: wait until that has ended, or "
            "train into another folder"
        )
    try:
        now = time.strftime("%Y-%m-%d %H:%M")
        text = f"process {os.getpid()} on {platform.node()}, since {now}\n"
        with naming_disk_faults(path):
            os.ftruncate(number, 0)
            os.write(number, text.encode())
        yield
    finally:
        release(number, path)


def _owner(path):
    with suppress(OSError):
        text = path.read_text(encoding="utf-8", errors="replace").strip()
        return f" ({text})" if text else ""
    return ""


def _lock(number, path):
    """Lock an open file; return False where another program has."""
    try:
        if os.name == "nt":
            os.lseek(number, FAR, os.SEEK_SET)
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
            os.lseek(number, 0, os.SEEK_SET)
        else:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in TAKEN:
            return False
        place = Path(path).parent.parent
        warn_once(
            f"{place} lies on a drive without locks ({error.strerror}): let no two "
            "programs write there at the same time"
        )
    return True


def _is_at(number, path):
    try:
        return os.path.samestat(os.fstat(number), os.stat(path))
    except FileNotFoundError:
        return False


def _forget():
    # a forked process has its parent's open files: it would keep the locks alive
    for number in _held:
        os.close(number)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
