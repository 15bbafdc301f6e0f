"""What a command may write over: what it wrote itself, of the same source, as it left it.

A command names its outputs before it works. One that is an input, or a file that the
command did not write or somebody has changed since, is refused. What was written is
noted, so that the next run of the same command may replace it.
"""

import glob
import hashlib
import os
import time
import unicodedata
from contextlib import contextmanager
from pathlib import Path

from inspection.common.errors import UserError
from inspection.common.output_ledger import Ledger

LARGEST = 64_000_000  # bytes of a file that is known again by its content
SAVED_MODEL = tuple(  # what TensorFlow writes as one
    f"saved_model/{name}"
    for name in (
        *("saved_model.pb", "fingerprint.pb"),
        *("variables/variables.index", "variables/variables.data-00000-of-00001"),
    )
)
SLACK = 2_000_000_000  # nanoseconds: FAT keeps times in steps of two seconds


@contextmanager
def own_outputs(command, outputs, inputs=()):
    """Let a command write its outputs, each of which is new or its own.

    outputs: files, or {file: what it is made of} where another source, such as a film
    of the same name, must not replace it. inputs: files that are read; folders are
    passed over.

    Raises UserError before anything is written.
    """
    if not isinstance(outputs, dict):
        outputs = dict.fromkeys(outputs)
    outputs = {Path(path): _source(source) for path, source in outputs.items()}
    _refuse_twins(outputs)
    _refuse_inputs(outputs, inputs)
    claims = [Claim(command, folder, files) for folder, files in _sorted(outputs)]
    for claim in claims:
        claim.refuse_others()
    for claim in claims:
        claim.begin()
    try:
        yield
    finally:
        for claim in claims:
            claim.end()


def files_within(*folders):
    """Return all files in folders that a command replaces as a whole."""
    found = (path for folder in folders for path in Path(folder).rglob("*"))
    return [path for path in found if not path.is_dir()]


def files_of(path):
    """Return the files of a folder, and those whose names begin with a path.

    A checkpoint is named by its folder or by the beginning of its files.
    """
    path = Path(path)
    return [*path.glob("*"), *path.parent.glob(f"{glob.escape(path.name)}*")]


def _key(path):
    # names that differ in case alone are one file on the next computer
    return unicodedata.normalize("NFC", os.path.realpath(path)).casefold()


def _refuse_twins(outputs):
    places = {}
    for path in outputs:
        twin = places.setdefault(_key(path), path)
        if twin is not path:
            raise UserError(
                f"{path} and {twin} would be one file: give each an --output"
            )


def _refuse_inputs(outputs, inputs):
    files = [path for path in map(Path, inputs) if path.is_file()]
    keys = {_key(path): path for path in files}
    ids = {_id(path): path for path in files}
    for output in outputs:
        same = keys.get(_key(output)) or ids.get(_id(output))
        if same:
            raise UserError(
                f"{output} would be written over {same}, which is read: name another "
                "place for the results"
            )


def _id(path):
    """Return what hard links share, or None where there is no file."""
    try:
        found = os.stat(path)
    except OSError:
        return object()  # equal to nothing
    return found.st_dev, found.st_ino


def _source(source):
    """Return a source as it is noted: a path whole and without links, a name as it is."""
    return os.path.realpath(source) if isinstance(source, Path) else source


def _sorted(outputs):
    """Return (folder, {file: source}) of the outputs of each folder."""
    folders = {}
    for path, source in outputs.items():
        folders.setdefault(path.parent, {})[path] = source
    return folders.items()


class Claim:
    """The files that a command will write in one folder, {path: source or None}."""

    def __init__(self, command, folder, files):
        self._command, self._files = command, files
        self._ledger = Ledger(folder)
        self._before = {path: _state(path) for path in files}

    def refuse_others(self):
        """Raise UserError for a file that this command may not replace."""
        known = self._ledger.read()
        for path, source in self._files.items():
            if not os.path.lexists(path):
                continue
            if path.is_dir():
                raise UserError(f"{path} is a folder: name a file for the result")
            noted = known.get(path.name, {})
            if noted.get("command") != self._command or not _is_as_left(path, noted):
                raise UserError(
                    f"{path} is there already, and {self._command} did not write it or "
                    "it was changed since: move it away, or name another place for the "
                    "results"
                )
            if source and noted.get("source") not in (None, source):
                raise UserError(
                    f"{path} was made of {noted['source']}, not of {source}: name "
                    "another place for the results"
                )

    def begin(self):
        """Note what is about to be written: a run that is killed knows it again."""
        began = {"began": time.time_ns()}
        self._note({path: began | self._before[path] for path in self._files})

    def end(self):
        """Note the files as they are now."""
        states = {path: _state(path) for path in self._files}
        unwritten = [p for p, state in states.items() if not state]
        self._ledger.forget({path.name for path in unwritten})
        self._note({p: state | _digest(p) for p, state in states.items() if state})

    def _note(self, states):
        about = {
            path.name: {"command": self._command, "source": self._files[path], **state}
            for path, state in states.items()
        }
        if about:
            self._ledger.note(about)


def _state(path):
    """Return the size and the time of a file, nothing where there is none."""
    try:
        found = path.stat()
    except OSError:
        return {}
    return {"size": found.st_size, "time": found.st_mtime_ns}


def _digest(path):
    """Return a digest of a file's content, nothing for one that is large or gone."""
    try:
        if path.stat().st_size > LARGEST:
            return {}
        with path.open("rb") as file:
            return {"digest": hashlib.file_digest(file, "sha256").hexdigest()[:32]}
    except OSError:
        return {}


def _is_as_left(path, noted):
    """Tell whether a file is as the command left it, or was begun by one that died."""
    found = _state(path)
    if not found or path.is_symlink():
        return False
    if found["time"] >= noted.get("began", found["time"] + SLACK + 1) - SLACK:
        return True
    apart = abs(found["time"] - noted.get("time", 0))
    if found["size"] != noted.get("size"):
        return False
    # a copy, or another machine's view of a Drive, may have another time
    return apart <= SLACK or _digest(path).get("digest") == noted.get("digest", "none")
