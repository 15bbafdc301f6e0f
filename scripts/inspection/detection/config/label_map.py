"""Label maps: which class name has which id (string_int_label_map.proto).

Ids begin at 1, since 0 is the background, and have no gap, since the network has one
output for each.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

from inspection.common.atomic_files import write_text
from inspection.common.errors import DatasetError
from inspection.common.text_files import read_text
from inspection.detection.config import textproto
from inspection.detection.config.textproto import ProtoMessage

BACKGROUND = "???"
SHOWN = 10  # missing ids
LARGEST_ID = 100_000


@dataclass(frozen=True)
class Item:
    """One class: its id, its name in the annotations and the name to show."""

    id: int
    name: str
    display_name: str
    line: int = 0


def read_label_map(path: str | Path, gaps: bool = False) -> dict[str, int]:
    """Return {name: id} in the order of the ids.

    Every fault of the file is in one DatasetError, with line and mend. `gaps=True`
    allows missing ids, as COCO's own map has them.

    >>> read_label_map("data/leaks/label_map.pbtxt")
    {'leak': 1, 'puddle': 2}
    """
    return {item.name: item.id for item in read_items(path, gaps)}


def read_items(path, gaps=False):
    """Return the classes by id, checked as `read_label_map` does."""
    text = _read_text(path)
    if is_list(text):
        raise DatasetError(
            f"{path} is a list of names, no label map: make one of it with"
            " make_label_map.py --classes_file"
        )
    items, faults = [], []
    fields = textproto.parse(text, str(path)).fields
    for field in fields:
        item = _read_item(field, faults)
        items += [item] if item else []
    faults += _duplicates(items) + ([] if gaps else _gaps(fields))
    if not items and not faults:
        faults = ['no class in it: write item { id: 1 name: "leak" } for each class']
    if faults:
        raise DatasetError(f"{path} is not a good label map", faults)
    return sorted(items, key=lambda item: item.id)


def _read_text(path):
    try:
        return read_text(path)
    except FileNotFoundError:
        raise DatasetError(f"there is no label map at {path}") from None


def is_list(text):
    """Tell whether a text is a list of names, one a line, as labels.txt is."""
    return bool(text.strip()) and not re.search(r"[{}<>:\[\]#]", text)


def _read_item(field, faults):
    """Return the Item of a field or None, adding what is wrong with it to faults."""
    where = f"line {field.line}: "
    if field.name != "item" or not isinstance(field.value, ProtoMessage):
        faults.append(f"{where}expected item {{ ... }}, found {field.name}")
        return None
    number, name = field.value.get("id"), field.value.get("name")
    shown = field.value.get("display_name", name)
    wrong = _name_fault(name) or _id_fault(number, name)
    if wrong:
        faults.append(where + wrong)
        return None
    return Item(number, name, str(shown), field.line)


def _name_fault(name):
    if name is None:
        return 'item without a name: add name: "..." as in the annotations'
    if type(name) is not str:
        return f"name {name} must be text in quotes"
    if not name.strip():
        return "the name is empty"
    if name != name.strip():
        return f'name "{name}" begins or ends with a space: take it out'
    # labels.txt has one name a line
    if len(name.splitlines()) > 1 or not all(map(_can_be_read, name)):
        return f"name {name!r} holds a line end or a sign that cannot be seen"
    return None


def _can_be_read(sign):
    return unicodedata.category(sign) not in ("Cc", "Cs", "Zl", "Zp")


def _id_fault(number, name):
    if number is None:
        return f'"{name}" has no id: add id: 1 or higher'
    if type(number) is not int:
        return f'"{name}" has id {number}: it must be a whole number'
    if number == 0:
        return f'"{name}" has id 0, which is the background: ids begin at 1'
    if number > LARGEST_ID:
        return f'"{name}" has id {number}, which is too large'
    return f'"{name}" has id {number}: ids begin at 1' if number < 0 else None


def _duplicates(items):
    faults = []
    for attribute in ("id", "name"):
        groups = defaultdict(list)
        for item in items:
            groups[getattr(item, attribute)].append(item)
        for value, group in groups.items():
            lines = " and ".join(str(item.line) for item in group)
            if len(group) > 1:
                faults.append(f"lines {lines}: {attribute} {value!r} is given twice")
    return faults


def _gaps(fields):
    # an id counts even where its item is refused for something else
    said = [
        field.value.get("id") for field in fields if type(field.value) is ProtoMessage
    ]
    ids = {number for number in said if type(number) is int and number > 0}
    largest = max(ids, default=0)
    if largest <= len(ids):
        return []
    # not a list of all that are missing: the largest may be a slip of many digits
    missing = (number for number in count(1) if number not in ids)
    listed = ", ".join(map(str, islice(missing, min(SHOWN, largest - len(ids)))))
    return [
        f"no class has id {listed}: number the classes 1, 2, 3 without a gap"
        f" (there are {len(ids)}, the largest id is {largest})"
    ]


def render_label_map(names):
    """Return the text of a label map with ids 1, 2, ... in the order of the names."""
    names = list(names)
    faults = [fault for name in names if (fault := _name_fault(name))]
    items = [Item(i, name, name, i) for i, name in enumerate(names, start=1)]
    faults += _duplicates(items) if not faults else []
    if faults or not items:
        raise DatasetError("no label map from these names", faults or ["none given"])
    tree = ProtoMessage()
    for item in items:
        entry = tree.add("item", ProtoMessage())
        entry.add("id", item.id)
        entry.add("name", item.name)
    return textproto.render(tree)


def write_label_map(names, path):
    """Write a label map with ids 1, 2, ... in the order of the names."""
    write_text(path, render_label_map(names))


def read_names(path):
    """Read labels.txt: one class name a line, the first one with id 1.

    A first line `???` is that of the background, as in the files of TensorFlow Lite.
    """
    lines = [line.strip() for line in _read_text(path).split("\n")]
    names = [line for line in lines if line]
    return names[1:] if names[:1] == [BACKGROUND] else names


def is_list_file(path):
    """Tell whether a .txt is a list of names and not a label map under another name."""
    return Path(path).suffix.lower() == ".txt" and "{" not in _read_text(path)


def write_map_beside(path):
    """Write the label map of a list of names as .pbtxt beside it; return its path.

    Raises DatasetError where an older map there would be renumbered.
    """
    target = Path(path).with_suffix(".pbtxt")
    update_label_map(read_names(path), target)
    return target


def write_names(names, path):
    """Write labels.txt: one class name a line, the first one with id 1."""
    write_text(path, "".join(f"{name}\n" for name in names))


def update_label_map(names, path, overwrite=False):
    """Write the map unless an older one there gives some class another id.

    Raises DatasetError naming those classes: a trained model goes by the old ids.
    """
    new = {name: number for number, name in enumerate(names, start=1)}
    text = render_label_map(names)
    if Path(path).exists() and not overwrite:
        changed = [
            f'"{name}" has id {number} there, {new.get(name, "none")} in the new map'
            for name, number in read_label_map(path).items()
            if new.get(name) != number
        ]
        if changed:
            hint = "keep the old order, or overwrite it if nothing was trained with it"
            raise DatasetError(f"{path} would be renumbered: {hint}", changed)
    write_text(path, text)
