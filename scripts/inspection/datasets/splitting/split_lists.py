"""Split lists: one text file for each split, with one picture's stem on each line.

A stem that such a line cannot bear, as of `pipe.jpg.jpg` or with a line end in it, is
written with an extension, or in quotes as JSON.
"""

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from inspection.common.atomic_files import remove_with_set, together, write_text
from inspection.common.drafts import settle
from inspection.common.errors import DatasetError
from inspection.common.text_files import read_text
from inspection.datasets.images.image_folder import stem

SPLITS = ("train", "val", "test")


def read_split(path):
    """Return the stems of one list in order; extensions and folders are dropped."""
    return [last_part(name) for name in read_names(path)]


def read_names(path):
    """Return the names of one list in order, without extensions, with their folders."""
    path = Path(path)
    if not path.is_file():
        raise DatasetError(f"split list {path} is not there")
    names = [_name_of(line) for line in read_text(path).split("\n") if line.strip()]
    if not names:
        raise DatasetError(f"split list {path} holds 0 names")
    return names


def last_part(name):
    """Return a name of `read_names` without its folders; a stem may hold a backslash."""
    return name.rpartition("/")[2]


def _name_of(line):
    """Return the name that a line means: in quotes as it is, else of a path."""
    if line.startswith('"') and line.endswith('"'):
        try:
            return json.loads(line)
        except ValueError:
            pass  # a name that begins and ends with a quote
    name = line.strip().replace("\\", "/")
    return name[:-4] if name.lower().endswith(".xml") else stem(name)


def _line_of(name):
    """Return the line that `_name_of` reads as this name, plain if it can be."""
    plain = next((x for x in (name, f"{name}.jpg") if _name_of(x) == name), None)
    if plain is None or not name.isprintable():
        return json.dumps(name)
    return plain


def match_names(names, known):
    """Return ({listed name: known name}, names that are not known), in their order.

    A name is known as it stands, else by its letters in either case and, as macOS
    stores them, decomposed, else by these without the extension of a picture. Where
    that fits several, it is not known.
    """
    ways = (str, _key, lambda name: _key(stem(name)))
    tables = [(way, _unique(known, way)) for way in ways]
    found, lost = {}, []
    for name in dict.fromkeys(names):
        hits = (table[way(name)] for way, table in tables if way(name) in table)
        hit = next(hits, None)
        if hit is None:
            lost.append(name)
        else:
            found[name] = hit
    return found, lost


def _unique(known, way):
    """Return {key: name} of the names that are alone with their key."""
    groups = defaultdict(list)
    for name in dict.fromkeys(known):
        groups[way(name)].append(name)
    return {key: names[0] for key, names in groups.items() if len(names) == 1}


def _key(name):
    return unicodedata.normalize("NFC", name).casefold()


def read_splits(
    paths: Iterable[str | Path], known: Iterable[str] | None = None
) -> dict[str, list[str]]:
    """Return {split: stems} of several lists, or of a folder's train, val and test.

    known: the stems that there are; a listed name that means one of them, see
    `match_names`, becomes it, another stays as it is.

    >>> lists = read_splits(["data/leaks/splits"])
    >>> {name: len(stems) for name, stems in lists.items()}
    {'train': 95, 'val': 15, 'test': 40}
    """
    paths = [Path(path) for path in paths]
    if len(paths) == 1 and paths[0].is_dir():
        folder = paths[0]
        named = [folder / f"{split}.txt" for split in SPLITS]
        for path in named:
            settle(path)
        paths = [path for path in named if path.is_file()]
        if not paths:
            raise DatasetError(f"no train.txt, val.txt or test.txt in {folder}")
    lists = {path.stem: read_split(path) for path in paths}
    if known is None:
        return lists
    found, _ = match_names(sum(lists.values(), []), known)
    return {
        split: [found.get(name, name) for name in names]
        for split, names in lists.items()
    }


def write_splits(splits, folder):
    """Write {split: stems} as `split.txt` files, all or none; return their paths.

    `read_splits` returns the same stems, whatever characters they hold. Lists of an
    earlier split that this one does not have go.
    """
    paths = [Path(folder) / f"{split}.txt" for split in splits]
    with together():
        for path, stems in zip(paths, splits.values(), strict=True):
            write_text(path, "".join(f"{_line_of(name)}\n" for name in stems))
        for split in set(SPLITS) - set(splits):
            remove_with_set(Path(folder) / f"{split}.txt")
    return paths
