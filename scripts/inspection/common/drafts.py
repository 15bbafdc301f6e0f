"""Files and folders written aside, which take their places together, or not at all.

A draft of `a.csv` lies in `.a.csv.new/` beside it, with a lock that dies with its
process: a draft without one is left over, and whoever writes `a.csv` next clears it.

One file takes its place in one step. Several cannot. So when all drafts are whole, a
plan that names them is put beside each, then everything old is moved aside, then
everything new to its place. Stopped before the plans are complete, the old ones stand;
after that, whoever comes next finishes it. In between, readers find parts missing, but
never old ones among new.
"""

import errno
import itertools
import json
import os
import shutil
import uuid
from contextlib import ExitStack, suppress
from pathlib import Path

from inspection.common import locks

# behind the name of the target, which none of them can equal
LOCK, PLAN, OLD, GONE = ".lock", ".plan", ".old", ".gone"


class Draft:
    """A place for what becomes `target`, a file or a folder, once it is committed.

    path: where to write it, under its own name. Discard it in any case.
    """

    def __init__(self, target):
        self.target = Path(target).absolute()
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.folder, self._lock = _take_any(self.target)
        self.path = self.folder / self.target.name

    def leave_out(self):
        """Let nothing take the place of the target: it goes with its set."""
        self._gone().touch()

    def check(self):
        """Raise FileNotFoundError where nothing was written."""
        if not self.path.exists() and not self._gone().exists():
            raise FileNotFoundError(errno.ENOENT, "nothing was written", self.target)

    def _gone(self):
        return self.folder / f"{self.target.name}{GONE}"

    def discard(self):
        """Remove what was not moved to its place, and what it has replaced.

        Where moving has failed half-way, all of it stays, for `settle` to finish.
        """
        if not (self.folder / f"{self.target.name}{PLAN}").exists():
            _clear(self.folder, self.target.name)
        _leave(self.folder, self.target.name, self._lock)


def commit(drafts):
    """Move the drafts to their places: a step for one file or new folder, a plan for others.

    Raises FileNotFoundError, before anything is moved, where nothing was written.
    """
    for draft in drafts:
        draft.check()
    first, *others = drafts
    if not others and (first.path.is_file() or not first.target.exists()):
        os.replace(first.path, first.target)
        return
    pairs = [(draft.folder, draft.target) for draft in drafts]
    _write_plans(pairs)
    _move_all(pairs)
    _remove_plans(pairs)


def settle(target):
    """Finish or clear what a stopped program has left beside a file or folder.

    For readers; nothing happens while a program is writing there.
    """
    target = Path(target).absolute()
    folder = _folder_of(target)
    lock = _take(folder, target) if folder.is_dir() else None
    if lock is not None:
        _leave(folder, target.name, lock)


def _folder_of(target, number=0):
    return target.with_name(f".{target.name}.new{number or ''}")


def _take_any(target):
    """Return (folder, lock) of the first draft that no living program has."""
    for number in itertools.count():
        folder = _folder_of(target, number)
        lock = _take(folder, target)
        if lock is not None:
            break
    for later in itertools.count(number + 1):  # of programs that ran at the same time
        other = _folder_of(target, later)
        if not other.is_dir():
            return folder, lock
        found = _take(other, target)
        if found is not None:
            _leave(other, target.name, found)


def _take(folder, target):
    """Return the lock of a draft's folder, settled and empty; None if it is in use."""
    lock, is_new = _lock(folder, target)
    if lock is None or is_new:
        return lock
    if not _finish(folder, target):
        locks.release(lock, _lock_of(folder, target.name))
        return None
    _clear(folder, target.name)
    return lock


def _lock(folder, target):
    """Return (the lock of a draft's folder or None, whether the folder is new)."""
    while True:
        is_new = _make(folder)
        try:
            return locks.try_lock(_lock_of(folder, target.name)), is_new
        except FileNotFoundError:  # its owner has just removed it
            if folder.is_symlink():  # to nowhere: it would never be there
                raise NotADirectoryError(errno.ENOTDIR, "no folder", folder) from None
        except OSError:
            with suppress(OSError):  # it is not empty
                folder.rmdir()
            raise


def _make(folder):
    """Make a folder; return False where it is there, or was until a moment ago."""
    with suppress(FileExistsError):
        os.mkdir(folder)
        return True
    return False


def _lock_of(folder, name):
    return folder / f"{name}{LOCK}"


def _leave(folder, name, lock):
    locks.release(lock, _lock_of(folder, name))
    with suppress(OSError):  # another program has come
        folder.rmdir()


def _clear(folder, name):
    plan = folder / f"{name}{PLAN}"
    for path in sorted(folder.iterdir(), key=lambda path: path != plan):
        if path == _lock_of(folder, name):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _write_plans(pairs):
    """Put a plan beside each draft, with one number for all, or beside none."""
    number = uuid.uuid4().hex
    try:
        for folder, target in pairs:
            places = [[_seen_from(folder, path) for path in pair] for pair in pairs]
            plan = folder / f"{target.name}{PLAN}"
            text = json.dumps({"number": number, "places": places})
            plan.with_name(f"{plan.name}.new").write_text(text, encoding="utf-8")
            os.replace(plan.with_name(f"{plan.name}.new"), plan)
    except OSError:
        _remove_plans(pairs)
        raise


def _seen_from(folder, path):
    # a project that was moved as a whole can be finished as well
    try:
        return os.path.relpath(path, folder.parent)
    except ValueError:  # Windows: on another drive
        return str(path)


def _read_plan(folder, target):
    """Return (number, [(folder, target)]) of the plan beside a draft, or None.

    One that is damaged, as a disk leaves it that lost its power, is as if it were not
    there.
    """
    try:
        text = (folder / f"{target.name}{PLAN}").read_text(encoding="utf-8")
        plan, above = json.loads(text), folder.parent
    except (FileNotFoundError, ValueError):
        return None
    pairs = [tuple(Path(above, place) for place in pair) for pair in plan["places"]]
    return plan["number"], [
        (Path(os.path.normpath(f)), Path(os.path.normpath(t))) for f, t in pairs
    ]


def _remove_plans(pairs):
    for folder, target in pairs:
        (folder / f"{target.name}{PLAN}").unlink(missing_ok=True)


def _finish(folder, target):
    """Finish the plan of a stopped program; return False where another one is at it."""
    found = _read_plan(folder, target)
    if found is None:
        return True
    number, pairs = found
    if not all(_has_plan(*pair, number) for pair in pairs):
        return True  # they were not all written yet, or all was moved already
    others = [pair for pair in pairs if pair[0] != folder]
    with ExitStack() as stack:
        for other in others:
            lock, _ = _lock(*other)
            if lock is None:
                return False
            stack.callback(_leave, other[0], other[1].name, lock)
        if all(_has_plan(*pair, number) for pair in pairs):
            _move_all(pairs)
            _remove_plans(pairs)
            for other in others:
                _clear(other[0], other[1].name)
    return True


def _has_plan(folder, target, number):
    plan = _read_plan(folder, target)
    return plan is not None and plan[0] == number


def _move_all(pairs):
    """Move everything old aside, then everything new in; what is done is passed over."""
    for folder, target in pairs:
        parts = (folder / target.name, folder / f"{target.name}{GONE}")
        if any(map(os.path.lexists, parts)) and os.path.lexists(target):
            os.rename(target, folder / f"{target.name}{OLD}")
    for folder, target in pairs:
        if os.path.lexists(folder / target.name):
            os.rename(folder / target.name, target)
