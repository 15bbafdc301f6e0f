"""Split lists: one text file for each split, with one picture's stem on each line."""

from collections.abc import Iterable
from pathlib import Path

from inspection.common.atomic_files import write_text
from inspection.common.errors import DatasetError
from inspection.common.text_files import read_text
from inspection.datasets.images.image_folder import base_name, stem

SPLITS = ("train", "val", "test")


def read_split(path):
    """Return the stems of one list in order; extensions and folders are dropped."""
    return [base_name(name) for name in read_names(path)]


def read_names(path):
    """Return the names of one list in order, without extensions, with their folders."""
    path = Path(path)
    if not path.is_file():
        raise DatasetError(f"split list {path} is not there")
    lines = read_text(path).split("\n")
    names = [stem(line.strip().replace("\\", "/")) for line in lines if line.strip()]
    if not names:
        raise DatasetError(f"split list {path} holds 0 names")
    return names


def read_splits(paths: Iterable[str | Path]) -> dict[str, list[str]]:
    """Return {split: stems} of several lists, or of a folder's train, val and test.

    >>> lists = read_splits(["data/leaks/splits"])
    >>> {name: len(stems) for name, stems in lists.items()}
    {'train': 95, 'val': 15, 'test': 40}
    """
    paths = [Path(path) for path in paths]
    if len(paths) == 1 and paths[0].is_dir():
        folder = paths[0]
        named = [folder / f"{split}.txt" for split in SPLITS]
        paths = [path for path in named if path.is_file()]
        if not paths:
            raise DatasetError(f"no train.txt, val.txt or test.txt in {folder}")
    return {path.stem: read_split(path) for path in paths}


def write_splits(splits, folder):
    """Write {split: stems} as `split.txt` files; return their paths."""
    paths = [Path(folder) / f"{split}.txt" for split in splits]
    for path, stems in zip(paths, splits.values(), strict=True):
        write_text(path, "".join(f"{stem}\n" for stem in stems))
    return paths
