"""What commands wrote into a folder, noted in the cache of the user, or on a Google Drive.

Not in the folder itself: programs of others list it, and take every file for a result.
Without the cache, as in a container that keeps none, results are not known again. What
lies on a Google Drive is noted there: tomorrow's Colab machine has it, and no old cache.
"""

import hashlib
import json
import os
import time
from contextlib import contextmanager
from pathlib import Path

from inspection.common.atomic_files import write_text
from inspection.common.cache import CACHE_VARIABLE, cache_folder
from inspection.common.errors import UserError
from inspection.common.notices import warn_once

LONGEST = 1_000_000  # bytes of a ledger, before lines that were replaced are left out
DAY = 86_400  # seconds
DRIVES = ("MyDrive", "My Drive")  # how Google Drive's top folder is called
ON_DRIVE = ".visual-inspection"
FOLDER = "folder"  # the first line: whose ledger it is


class Ledger:
    """The notes on the files of one folder: {name: facts}, the newest counts."""

    def __init__(self, folder):
        self._folder = os.path.realpath(folder)
        cache, name = _home(Path(self._folder))
        digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:32]
        self.path = cache / "outputs" / f"{digest}.jsonl"

    def read(self):
        """Return {name: facts}; a line that is damaged is as if it were not there."""
        known = {}
        for entry in _entries(self.path):
            if isinstance(entry.get("file"), str):
                known[entry.pop("file")] = entry
        return known

    def note(self, facts):
        """Add {name: facts}; what was noted before of these names is replaced."""
        lines = [{"file": name, **about} for name, about in facts.items()]
        with _warning_where_it_fails(self.path):
            if not self.path.exists():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                _forget_gone(self.path.parent)
                lines = [{FOLDER: self._folder}, *lines]
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(_text(lines))
            if self.path.stat().st_size > LONGEST:
                self._replace(self.read())

    def forget(self, names):
        """Take back what was noted of files that were not written after all."""
        known = self.read()
        kept = {name: about for name, about in known.items() if name not in names}
        with _warning_where_it_fails(self.path):
            if known and not kept:
                self.path.unlink(missing_ok=True)
            elif kept != known:
                self._replace(kept)

    def _replace(self, known):
        lines = [{"file": name, **about} for name, about in known.items()]
        write_text(self.path, _text([{FOLDER: self._folder}, *lines]))


@contextmanager
def _warning_where_it_fails(path):
    """Say that a ledger could not be written: the command itself goes on."""
    try:
        yield
    except (OSError, UserError) as error:
        warn_once(
            f"{path}: {getattr(error, 'strerror', error)}; a second run will not know "
            f"these results as its own, unless {CACHE_VARIABLE} names another folder"
        )


def _home(folder):
    """Return where a real folder's ledger is kept, and the folder's name there.

    On a Drive the name begins below its top folder, which is mounted here and there.
    """
    drives = [p for p in (folder, *folder.parents) if p.name in DRIVES]
    if not drives or os.environ.get(CACHE_VARIABLE):
        return cache_folder(), folder
    return drives[0] / ON_DRIVE, folder.relative_to(drives[0]).as_posix()


def _entries(path):
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry


def _text(lines):
    # ASCII: names of files may hold what UTF-8 cannot
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def _forget_gone(ledgers):
    """Delete the ledgers of folders that are no longer there."""
    for path in ledgers.glob("*.jsonl"):
        # another run may have noted a folder that it is about to make
        old = time.time() - path.stat().st_mtime > DAY
        if old and not Path(next(_entries(path), {}).get(FOLDER, "")).is_dir():
            path.unlink(missing_ok=True)
