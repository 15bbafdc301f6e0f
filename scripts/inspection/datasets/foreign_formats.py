"""Tell that a folder holds annotations of another format, and what to do about it.

Raises nothing: what cannot be read is no such annotation.
"""

import os
import re
import shlex
from itertools import islice
from pathlib import Path

LOOKED_AT = 5000  # files; many may be empty
DEEPEST = 5  # folders within each other
EDGE = 1 << 16  # bytes at both ends of a file in which its keys stand
YOLO_ROW = re.compile(rb"\s*\d+(\.0*)?([ \t]+-?[\d.]+(e-?\d+)?){4,}\s*$", re.I | re.M)
KEYS = {
    "COCO": (rb'"images"\s*:', rb'"annotations"\s*:', rb'"categories"\s*:'),
    "labelme": (rb'"shapes"\s*:', rb'"imagePath"\s*:'),
}
NAMES = {
    "YOLO": "YOLO labels (.txt)",
    "COCO": "annotations of COCO (.json)",
    "labelme": "annotations of labelme (.json)",
}


def find_format(folder):
    """Return "YOLO", "COCO" or "labelme" for what lies in a folder and below, else ""."""
    for path in islice(_files(Path(folder)), LOOKED_AT):
        kind = format_of(path)
        if kind:
            return kind
    return ""


def format_of(path):
    """Return the format of one file by its content, "" for any other."""
    suffix = path.suffix.lower()
    if suffix not in (".txt", ".json"):
        return ""
    try:
        with open(path, "rb") as file:
            edges = file.read(EDGE)
            if file.seek(0, os.SEEK_END) > EDGE:
                file.seek(-EDGE, os.SEEK_END)
                edges += file.read()
    except OSError:
        return ""
    if suffix == ".txt":
        first = next((line for line in edges.splitlines() if line.strip()), b"")
        return "YOLO" if YOLO_ROW.match(first.removeprefix(b"\xef\xbb\xbf")) else ""
    for kind, keys in KEYS.items():
        if sum(bool(re.search(key, edges)) for key in keys) >= 2:
            return kind
    return ""


def explain_boxes(folder, to="voc"):
    """Return "; it holds ...: make ... of them", with the command, or ""."""
    kind = find_format(folder)
    if not kind:
        return ""
    made = "masks" if to == "masks" else "Pascal VOC"
    flag = " --to masks" if to == "masks" else ""
    source = shlex.quote(str(folder))
    return (
        f"; it holds {NAMES[kind]}, make {made} of them with: "
        f"python scripts/convert_annotations.py {source} -o OUTPUT{flag}"
    )


def _files(folder, depth=0):
    """Yield the .txt and .json of a folder, then of those in it."""
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    entries = [
        entry for entry in entries if not entry.name.startswith((".", "__MACOSX"))
    ]
    yield from (p for p in entries if p.suffix.lower() in (".txt", ".json"))
    if depth < DEEPEST:
        for inner in entries:
            if inner.is_dir():
                yield from _files(inner, depth + 1)
