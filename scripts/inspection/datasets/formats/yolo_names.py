"""The names of the classes of a YOLO set: data.yaml, classes.txt or *.names."""

import re
from dataclasses import dataclass
from itertools import accumulate

import yaml

from inspection.common.errors import DatasetError
from inspection.common.text_files import decode_text

LARGEST_FILE = 1 << 18  # bytes; one with a thousand classes has 2e4
MOST_CLASSES = 100_000
DEEPEST = 50  # brackets within each other
BRACKETS = {"[": 1, "{": 1, "]": -1, "}": -1}
ID = re.compile(r"\d{1,6}", re.ASCII)
SIDE = re.compile(r"[1-9]\d{0,2}")
LISTS = ("classes.txt", "obj.names", "_darknet.labels")


@dataclass(frozen=True)
class YoloNames:
    """Class names by id, and how many numbers the keypoints of a row take, 0 for none."""

    names: dict[int, str]
    keypoint_numbers: int = 0


def find_names(branches):
    """Return the YoloNames that the files of a set say, None where none says any.

    A data.yaml counts before a list. Raises DatasetError where two files differ.
    """
    yamls = [p for b in branches for p in b.with_suffix(".yaml", ".yml")]
    read = {path: names for path in yamls if (names := read_yaml(path))}
    if not read:
        lists = [
            path
            for branch in branches
            for path in branch.files
            if path.name.lower() in LISTS or path.suffix.lower() == ".names"
        ]
        read = {path: read_list(path) for path in lists}
    found = list(read.values())
    if any(names != found[0] for names in found):
        listed = " and ".join(map(str, read))
        raise DatasetError(f"{listed} name other classes: keep the right file")
    return found[0] if found else None


def read_list(path):
    """Return the YoloNames of a file with one class a line; the first has id 0."""
    names = [line.strip() for line in _text(path).split("\n") if line.strip()]
    return _checked(dict(enumerate(names)), path)


def read_yaml(path):
    """Return the YoloNames of a data.yaml, None where it holds no `names`."""
    text = _text(path)
    if _depth(text) > DEEPEST:  # for which PyYAML would take minutes
        raise DatasetError(f"{path}: no YAML: nested too deep")
    try:
        # all text, so that a class called no is not False, and 010 not 8
        content = yaml.load(text, yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        detail = getattr(error, "problem", None) or "it cannot be read"
        raise DatasetError(f"{path}{line}: no YAML: {detail}") from None
    except (RecursionError, ValueError, TypeError) as error:
        raise DatasetError(f"{path}: no YAML: {error}") from None
    names = content.get("names") if isinstance(content, dict) else None
    if names is None:
        return None
    if isinstance(names, dict):
        names = {int(k) if ID.fullmatch(k) else k: name for k, name in names.items()}
    elif isinstance(names, list):
        names = dict(enumerate(names))
    return _checked(names, path, _keypoints(content.get("kpt_shape"), path))


def _depth(text):
    """Return how many brackets are open at most, those in names counted as well."""
    steps = accumulate(BRACKETS.get(letter, 0) for letter in text)
    return max(steps, default=0)


def _keypoints(shape, path):
    if shape is None:
        return 0
    sides = shape if isinstance(shape, list) else []
    if len(sides) != 2 or not all(SIDE.fullmatch(str(side)) for side in sides):
        raise DatasetError(f"{path}: kpt_shape is no pair of numbers, such as [17, 3]")
    return int(sides[0]) * int(sides[1])


def _checked(names, path, keypoints=0):
    fit = isinstance(names, dict) and 0 < len(names) <= MOST_CLASSES
    fit = fit and all(type(key) is int for key in names)
    if not fit or not all(isinstance(name, str) for name in names.values()):
        raise DatasetError(
            f"{path}: names is no list of classes, such as names: [leak, puddle]"
        )
    named = {key: name.strip() for key, name in names.items()}
    every = list(named.values())
    if len(set(every)) < len(every) or "" in every:
        shown = ", ".join(every[:9])
        raise DatasetError(f"{path}: two classes of one name, or one without: {shown}")
    return YoloNames(dict(sorted(named.items())), keypoints)


def _text(path):
    if path.stat().st_size > LARGEST_FILE:
        raise DatasetError(f"{path} is too large for names of classes")
    return decode_text(path.read_bytes(), path)
