"""What a run was begun with: its data, its starting weights, its settings.

A training that goes on after a stop must be the same training. So the folder of a run
holds an identity, a JSON of

    {"settings": {name: value}, "weights": digest, "data": {split: {name: digest}}}

and another identity in the same folder is refused, naming what differs.
"""

import hashlib
import json
from pathlib import Path

from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError
from inspection.common.stored_settings import read_json
from inspection.common.text import plural

FILE = "run.json"
SHOWN = 3  # names of each kind of difference


def digest_bytes(*parts: bytes) -> str:
    """Return a short SHA-256 of byte strings; where one ends and the next begins counts.

    >>> digest_bytes(b"ab", b"c") == digest_bytes(b"a", b"bc")
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()[:16]


def digest_file(path):
    """Return a short SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def digest_weights(source):
    """Return what tells starting weights apart: "" for none, a digest of their files.

    source: a file, the prefix of a checkpoint (its .index and .data), or a word such as
    imagenet, which stands for itself.
    """
    source = str(source or "")
    path = Path(source)
    if path.is_file():
        return digest_file(path)
    name = path.name.removesuffix(".index")
    files = sorted(path.parent.glob(f"{name}.*")) if name else []
    if not files:
        return source
    return digest_bytes(*(digest_file(file).encode() for file in files))


def flatten(settings: dict, prefix: str = "") -> dict:
    """Return {"a.b": value} of nested {"a": {"b": value}}.

    >>> flatten({"a": {"b": 1}, "c": (2, 3)})
    {'a.b': 1, 'c': (2, 3)}
    """
    found = {}
    for name, value in settings.items():
        inner = flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else None
        found |= {f"{prefix}{name}": value} if inner is None else inner
    return found


def begin(folder, identity, begun, older=None, writes=()):
    """Write the identity of a run that begins, or compare it with that of one begun.

    begun: whether the folder holds anything trained. older: the settings that a run
    wrote which knew no identity yet; its data and weights cannot be compared. writes:
    names or patterns of what the run will write there.
    Raises UserError where the run was begun with another identity, and where a run that
    begins would write over files of others.
    """
    path = Path(folder) / FILE
    if not begun:
        _refuse_others(path, writes)
        write_text(path, _text(identity))
    elif path.exists():
        _refuse_other(folder, _read(path), identity)
    else:
        if older is not None:
            # only what both versions know
            wanted = {n: v for n, v in identity["settings"].items() if n in older}
            known = {name: older[name] for name in wanted}
            _refuse_other(folder, {"settings": known}, {"settings": wanted})
        print(f"note: {folder} does not say which data it was begun with")


def _refuse_others(path, writes):
    """Refuse files of others; a folder with the identity of a run is a run's."""
    if path.exists():
        _read(path)
        return
    for name in writes:
        for found in sorted(path.parent.glob(name)):
            raise UserError(
                f"{found} is there already, and no training in {path.parent} wrote it: "
                "move it away, or train into another folder"
            )


def _refuse_other(folder, stored, identity):
    found = differences(stored, json.loads(_text(identity)))
    if found:
        raise UserError(
            f"{folder} holds a run that was begun with other data, weights or settings "
            f"({'; '.join(found)}): train into another folder, or delete this one"
        )


def _read(path):
    try:
        stored = read_json(path)
        wrong = _shape_fault(stored)
    except UserError as error:
        wrong = str(error)
    if wrong:
        raise UserError(
            f"{path} is damaged ({wrong}): what this run was begun with cannot be "
            "told; train into another folder, or delete this one"
        )
    return stored


def _shape_fault(stored):
    """Return what is wrong with the shape of an identity, "" where nothing is."""
    if not isinstance(stored, dict):
        return f"it holds a {type(stored).__name__}"
    data = stored.get("data", {})
    parts = {"settings": stored.get("settings", {}), "data": data}
    parts |= data if isinstance(data, dict) else {}
    odd = [name for name, part in parts.items() if not isinstance(part, dict)]
    if odd:
        return f"{odd[0]} holds no names"
    return "" if "settings" in stored else "it holds no settings"


def differences(stored, wanted):
    """Return a line for each part in which two identities differ."""
    found = _of_settings(stored.get("settings", {}), wanted.get("settings", {}))
    if stored.get("weights", "") != wanted.get("weights", ""):
        found.append("other starting weights")
    before, now = stored.get("data", {}), wanted.get("data", {})
    for split in sorted(before.keys() | now.keys()):
        found += _of_split(split, before.get(split, {}), now.get(split, {}))
    return found


def _of_settings(before, now):
    names = [n for n in {**before, **now} if before.get(n) != now.get(n)]
    return [f"{name} {before.get(name)}, now {now.get(name)}" for name in names]


def _of_split(split, before, now):
    kinds = {
        "gone": [name for name in before if name not in now],
        "new": [name for name in now if name not in before],
        "changed": [n for n in now if n in before and before[n] != now[n]],
    }
    return [
        f"{split}: {plural(len(names), 'name')} {kind}, {_listed(names)}"
        for kind, names in kinds.items()
        if names
    ]


def _listed(names):
    more = " ..." if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _text(identity):
    return json.dumps(identity, indent=1, ensure_ascii=False) + "\n"
