"""Split labelled pictures into train, val and test, pictures of one source together."""

import csv
from pathlib import Path

import numpy as np

from inspection.common.atomic_files import whole_file
from inspection.common.errors import DatasetError
from inspection.datasets.images import near_duplicates
from inspection.datasets.splitting import surfaces
from inspection.datasets.splitting.partition import group_copies, partition
from inspection.datasets.splitting.sources import check_pattern

SHARES = {"val": 0.15, "test": 0.25}
COLUMNS = ("picture", "class", "side", "group")


def split_pictures(pictures, shares=SHARES, pattern=None, photographs=None, seed=0):
    """Return {side: int array of indices}, in the order train, val, test.

    Copies, near-duplicates and pictures of one source by name (`pattern`, see
    sources.py) stay together. photographs: how many photographs the pictures were cut
    from where names do not tell; pictures of like surface then stay together, too.
    A split that the folders give is kept; what of val it lacks is taken from train.
    """
    groups = find_groups(pictures, pattern, photographs)
    return split_groups(pictures, groups, shares, seed)


def split_groups(pictures, groups, shares=SHARES, seed=0):
    """Return {side: int array of indices} for groups that are known."""
    if pictures.sides:
        return _given_split(pictures, groups, shares, seed)
    sides = partition(_classes(pictures), shares, groups, seed)
    _refuse_missing(pictures, sides)
    return {side: np.array(indices) for side, indices in sides.items()}


def find_groups(pictures, pattern=None, photographs=None):
    """Return lists of indices of the pictures that must stay together."""
    check_pattern(pattern)
    groups = group_copies(pictures.paths, pictures.facts, pattern)
    if photographs is None:
        return groups
    rows = surfaces.describe_all(pictures.paths)
    alike = surfaces.group_surfaces(rows, photographs)
    links = [(g[0], i) for g in groups + alike for i in g[1:]]
    return near_duplicates.join_groups(len(pictures), links)


def group_of(groups, count):
    """Return int [count]: the number of the group of each picture."""
    numbers = np.zeros(count, np.int64)
    for number, group in enumerate(groups):
        numbers[group] = number
    return numbers


def write_split(pictures, sides, groups, path):
    """Write picture, class, side and group of every picture as CSV; return the path."""
    numbers = group_of(groups, len(pictures))
    names = pictures.names()
    with whole_file(path) as temporary:
        with open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for side, indices in sides.items():
                for i in indices:
                    name = pictures.class_names[pictures.labels[i]]
                    writer.writerow([names[i], name, side, numbers[i]])
    return Path(path)


def _classes(pictures, indices=None):
    chosen = range(len(pictures)) if indices is None else indices
    return [[pictures.class_names[pictures.labels[i]]] for i in chosen]


def _given_split(pictures, groups, shares, seed):
    given = np.array(pictures.sides)
    sides = {side: np.flatnonzero(given == side) for side in ("train", "val", "test")}
    for side in ("test", "val"):
        if not len(sides[side]):
            sides |= _take_from_train(
                pictures, sides["train"], side, shares, groups, seed
            )
    return sides


def _take_from_train(pictures, train, side, shares, groups, seed):
    place = {int(index): i for i, index in enumerate(train)}
    inside = [[place[i] for i in group if i in place] for group in groups]
    inside = [group for group in inside if group]
    share = {side: shares[side]}
    parts = partition(_classes(pictures, train), share, inside, seed)
    return {name: train[indices] for name, indices in parts.items()}


def _refuse_missing(pictures, sides):
    missing = [
        f"{side} holds no {name}"
        for side, indices in sides.items()
        for k, name in enumerate(pictures.class_names)
        if k not in set(pictures.labels[list(indices)])
    ]
    if missing:
        raise DatasetError(
            "too few pictures, or too few groups of them, for this split", missing
        )
