"""The split that a set brings as lists of names: ImageSets/Main/train.txt and others."""

from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets.layouts.folder_names import SPLIT_NAMES
from inspection.datasets.splitting.split_lists import (
    SPLITS,
    last_part,
    match_names,
    read_names,
)

BOTH = "trainval"  # of Pascal VOC: train and val together
RANKS = ("main", "segmentation", "imagesets", "splits", "split")


def find_lists(branches, names, first):
    """Return {split: names} of the lists that a set brings, {} where there are none.

    names: stems of what is split; lists that name none of them are others'. first: of
    the folders main and segmentation of Pascal VOC the one that counts. Lists for each
    class, aeroplane_train.txt, say who shows the class and are not read.

    A list of pictures that are not there at all, as of a test whose answers are kept
    secret, is left out. Raises DatasetError where several folders hold lists and none is
    the usual one, and for lists of which single names are not there.
    """
    found = {}
    for branch in {branch.folder: branch for branch in branches}.values():
        lists = {
            s: match_names(listed, names) for s, listed in _lists_of(branch).items()
        }
        if any(known for known, _ in lists.values()):
            found[branch.folder] = lists
    ranks = {folder: _rank(folder, [first, *RANKS]) for folder in found}
    best = [folder for folder in sorted(found) if ranks[folder] == min(ranks.values())]
    merged = _merge({folder: _checked(found[folder], folder) for folder in best})
    return merged if "train" in merged else {}


def _merge(lists):
    """Return {split: names} of {folder: {split: names}}, as of VOC2007 and VOC2012."""
    merged, owner = {}, {}
    for folder, parts in lists.items():
        for split, names in parts.items():
            merged.setdefault(split, []).extend(names)
            if any(owner.setdefault(name, folder) != folder for name in names):
                listed = ", ".join(map(str, lists))
                raise DatasetError(
                    f"lists of a split lie in {listed}: give the folder of one"
                )
    return {split: merged[split] for split in SPLITS if split in merged}


def _checked(lists, folder):
    """Return {split: names that are there}; refuse lists that name others beside them."""
    lost = [
        f"{name}: listed in {split}"
        for split, (known, unknown) in lists.items()
        for name in unknown
        if known
    ]
    if lost:
        raise DatasetError(
            f"{plural(len(lost), 'name')} in the lists of {folder} without a file: delete "
            "these lines, or give other lists",
            lost,
        )
    return {s: list(known.values()) for s, (known, _) in lists.items() if known}


def _rank(folder, ranks):
    name = folder.name.lower()
    return ranks.index(name) if name in ranks else len(ranks)


def _lists_of(branch):
    """Return {split: names} of the lists in one folder."""
    paths = {path.stem.lower(): path for path in branch.with_suffix(".txt")}
    lists = {
        SPLIT_NAMES[name]: _names(path)
        for name, path in paths.items()
        if name in SPLIT_NAMES and _has_names(path)
    }
    if "train" not in lists and BOTH in paths:
        kept = set(lists.get("val", []))
        lists["train"] = [n for n in _names(paths[BOTH]) if n not in kept]
    return lists


def _has_names(path: Path):
    return bool(path.read_bytes().strip())


def _names(path):
    return [last_part(name) for name in read_names(path)]
