"""What a command may write over: what it wrote itself, of the same source, as it left it.

A command names its outputs before it works. One that is an input, or a file that the
command did not write or somebody has changed since, is refused. What was written is
noted in `.own_outputs` in the folder of the results, so that the next run of the same
command may replace it.
"""

import glob
import json
import os
import unicodedata
from contextlib import contextmanager
from pathlib import Path

from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError

LEDGER = ".own_outputs"  # without the ending of anything that a data set holds
LONGEST = 1_000_000  # bytes of a ledger, before lines that were replaced are left out
SLACK = 2_000_000_000  # nanoseconds: FAT keeps times in steps of two seconds


@contextmanager
def own_outputs(command, outputs, inputs=(), folder=None):
    """Let a command write its outputs, each of which is new or its own.

    outputs: files, or {file: what it is made of} where another source, such as a film
    of the same name, must not replace it. inputs: files that are read; folders are
    passed over. folder: where the ledger lies (the folder of each output).

    Raises UserError before anything is written.
    """
    if not isinstance(outputs, dict):
        outputs = dict.fromkeys(outputs)
    outputs = {Path(path): source for path, source in outputs.items()}
    _refuse_twins(outputs)
    _refuse_inputs(outputs, inputs)
    ledgers = _by_ledger(outputs, folder)
    for ledger, paths in ledgers.items():
        _refuse_others(command, ledger, paths, outputs)
    before = {path: _state(path) for path in outputs}
    for ledger, paths in ledgers.items():
        began = {"began": _now(ledger)}
        _append(
            command, ledger, {p: began | _as_noted(before[p]) for p in paths}, outputs
        )
    try:
        yield
    finally:
        for ledger, paths in ledgers.items():
            _note_end(command, ledger, paths, outputs, before)


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


def _by_ledger(outputs, folder):
    """Return {ledger: outputs noted in it}."""
    ledgers = {}
    for path in outputs:
        place = Path(folder) if folder else path.parent
        ledgers.setdefault(place / LEDGER, []).append(path)
    return ledgers


def _refuse_others(command, ledger, paths, outputs):
    known = _read(ledger)
    for path in paths:
        if not os.path.lexists(path):
            continue
        if path.is_dir():
            raise UserError(f"{path} is a folder: name a file for the result")
        entry = known.get(_name(path, ledger), {})
        if entry.get("command") != command or not _is_as_left(path, entry):
            raise UserError(
                f"{path} is there already, and {command} did not write it or it was "
                "changed since: move it away, or name another place for the results"
            )
        made_of = _source_name(outputs[path], ledger)
        if made_of and entry.get("made_of") not in (None, made_of):
            raise UserError(
                f"{path} was made of {entry['made_of']}, not of {made_of}: name another "
                "place for the results"
            )


def _is_as_left(path, entry):
    found = _state(path)
    if found is None or path.is_symlink():
        return False
    if "began" in entry and found[1] >= entry["began"] - SLACK:
        return True  # the run was killed while it wrote
    size, time = entry.get("size"), entry.get("time", 0)
    return found[0] == size and abs(found[1] - time) <= SLACK


def _state(path):
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _name(path, ledger):
    """Return an output as its ledger names it, so that folders may be moved."""
    return Path(os.path.relpath(path.absolute(), ledger.parent.absolute())).as_posix()


def _source_name(source, ledger):
    if source is None or isinstance(source, str):
        return source
    real, folder = os.path.realpath(source), os.path.realpath(ledger.parent)
    try:
        return Path(os.path.relpath(real, folder)).as_posix()
    except ValueError:  # on another drive
        return Path(real).as_posix()


def _read(ledger):
    """Return {output: what is noted of it}; nothing where the ledger is damaged."""
    try:
        lines = ledger.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    known = {}
    for line in lines:
        try:
            entry = json.loads(line)
            known[entry.pop("file")] = entry
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # torn by a crash; its file counts as somebody's
    return known


def _as_noted(state):
    return {"size": state[0], "time": state[1]} if state else {}


def _now(ledger):
    """Return the time of the folder's own clock, which a server may keep."""
    ledger.parent.mkdir(parents=True, exist_ok=True)
    with ledger.open("a", encoding="utf-8"):
        os.utime(ledger)
    return ledger.stat().st_mtime_ns


def _note_end(command, ledger, paths, outputs, before):
    states = {path: _state(path) for path in paths}
    written = {path: _as_noted(state) for path, state in states.items() if state}
    if not written and not any(before[path] for path in paths):
        _forget(ledger, paths)
        return
    _append(command, ledger, written, outputs)


def _forget(ledger, paths):
    """Leave nothing behind of a run that wrote nothing."""
    gone = {_name(path, ledger) for path in paths}
    kept = {name: entry for name, entry in _read(ledger).items() if name not in gone}
    if kept:
        _write(ledger, kept)
        return
    ledger.unlink(missing_ok=True)


def _append(command, ledger, entries, outputs):
    lines = []
    for path, entry in entries.items():
        made_of = _source_name(outputs[path], ledger)
        about = {"made_of": made_of} if made_of else {}
        noted = {"file": _name(path, ledger), "command": command, **about, **entry}
        lines.append(json.dumps(noted, ensure_ascii=False))
    with ledger.open("a", encoding="utf-8", newline="\n") as file:
        file.write("".join(f"{line}\n" for line in lines))
    if ledger.stat().st_size > LONGEST:
        _write(ledger, _read(ledger))


def _write(ledger, known):
    lines = [
        json.dumps({"file": name, **entry}, ensure_ascii=False)
        for name, entry in known.items()
    ]
    write_text(ledger, "".join(f"{line}\n" for line in lines))
