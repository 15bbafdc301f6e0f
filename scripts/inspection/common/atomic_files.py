"""Files and folders that are whole or absent, never half-written: see `common.drafts`."""

import os
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from inspection.common.drafts import Draft, commit, settle
from inspection.common.errors import UserError, naming_disk_faults

_group = ContextVar("group", default=None)


class _Group:
    """What is written in a block of `together`: finished drafts, folders still open."""

    def __init__(self):
        self.drafts, self.open = [], set()

    def add(self, draft):
        for older in [one for one in self.drafts if one.target == draft.target]:
            self.drafts.remove(older)
            older.discard()
        self.drafts.append(draft)


@contextmanager
def together():
    """Let all that is written in the block appear when it ends, or none of it.

    Until then nothing of it can be read under its own name. A block within a block is
    part of the outer one.
    """
    if _group.get() is not None:
        yield
        return
    group = _Group()
    token = _group.set(group)
    try:
        yield
        if group.drafts:
            with naming_disk_faults(group.drafts[0].target):
                commit(group.drafts)
    finally:
        _group.reset(token)
        for draft in group.drafts:
            draft.discard()


@contextmanager
def atomic_write(path):
    """Yield a path, of the same name, for what takes the place of `path` if nothing fails."""
    with _committed(path) as draft:
        yield draft.path


def remove_with_set(path):
    """Remove a file that is no part of the set that is written in this `together`."""
    settle(path)
    if Path(path).exists():
        with _committed(path) as draft:
            draft.leave_out()


@contextmanager
def _committed(path):
    with naming_disk_faults(path):
        draft = Draft(path)
    group = _group.get()
    waits = group is not None and not group.open & set(draft.target.parents)
    if waits:
        group.open.add(draft.folder)
    try:
        with naming_disk_faults(path):
            yield draft
            if not waits:
                commit([draft])
    except BaseException:
        waits = False
        raise
    finally:
        if group is not None:
            group.open.discard(draft.folder)
        if waits:
            group.add(draft)
        else:
            draft.discard()


def write_text(path, text):
    """Write UTF-8 text with `\\n` line ends, whole or not at all."""
    with atomic_write(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


@contextmanager
def whole_folder(path):
    """Yield a new folder that takes the place of `path` if nothing fails."""
    with atomic_write(path) as draft:
        draft.mkdir()
        yield draft


def refuse_full(path):
    """Raise UserError where a path is there already, unless as an empty folder."""
    path = Path(path)
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise UserError(f"{path} is there already; name a new folder")


@contextmanager
def new_folder(path):
    """Yield a new folder that gets the name `path` if nothing fails.

    Raises UserError where the folder is there already and holds anything.
    """
    settle(path)
    refuse_full(path)
    with whole_folder(path) as draft:
        yield draft
        refuse_full(path)


@contextmanager
def shared_folder(path):
    """Yield a new folder that gets the name `path`, unless another program was first.

    For what all programs would make alike, as in a cache.
    """
    with scratch_folder(path) as draft:
        yield draft
        try:
            draft.rename(path)
        except OSError:
            if not Path(path).is_dir():
                raise


@contextmanager
def scratch_folder(path):
    """Yield a folder beside `path` for what is needed on the way, removed at the end.

    What is written in there is there at once, within a block of `together`, too.
    """
    group = _group.get()
    with naming_disk_faults(path):
        draft = Draft(path)
        try:
            if group is not None:
                group.open.add(draft.folder)
            draft.path.mkdir()
            yield draft.path
        finally:
            if group is not None:
                group.open.discard(draft.folder)
            draft.discard()


def keep_version(folder, others):
    """Remove the folders beside one that match a pattern; none is left there in part."""
    folder = Path(folder)
    for left in folder.parent.glob(f".{others}.new"):
        settle(left.with_name(left.name[1:].removesuffix(".new")))
    for older in folder.parent.glob(others):
        if older != folder:
            draft = Draft(older)
            with suppress(FileNotFoundError):  # another program was first
                os.rename(older, draft.path)
            draft.discard()
