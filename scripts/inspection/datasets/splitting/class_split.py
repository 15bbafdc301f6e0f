"""Split labelled pictures into train, val and test, pictures of one source together."""

import csv
from pathlib import Path

import numpy as np

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import DatasetError
from inspection.common.notices import warn_once
from inspection.common.text import plural
from inspection.datasets.images import near_duplicates
from inspection.datasets.splitting import surfaces
from inspection.datasets.splitting.partition import group_copies, partition
from inspection.datasets.splitting.sources import check_pattern

SHARES = {"val": 0.15, "test": 0.25}
IMBALANCE = 20  # times as many pictures of one class as of another
FEW = 5  # pictures of a class, fewer say nothing about it
COLUMNS = ("image", "class", "split", "group")


def split_images(images, shares=SHARES, pattern=None, photographs=None, seed=0):
    """Return {split: int array of indices}, in the order train, val, test.

    Copies, near-duplicates and pictures of one source by name (`pattern`, see
    sources.py) stay together. photographs: how many photographs the pictures were cut
    from where names do not tell; pictures of like surface then stay together, too.
    A split that the folders give is kept; what of val it lacks is taken from train.
    """
    groups = find_groups(images, pattern, photographs)
    return split_groups(images, groups, shares, seed)


def split_groups(images, groups, shares=SHARES, seed=0):
    """Return {split: int array of indices} for groups that are known."""
    if images.splits:
        splits = _given_split(images, groups, shares, seed)
    else:
        dealt = partition(_classes(images), shares, groups, seed)
        _refuse_missing(images, dealt)
        splits = {split: np.array(indices) for split, indices in dealt.items()}
    _warn_of_few(images, splits)
    return splits


def find_groups(images, pattern=None, photographs=None):
    """Return lists of indices of the pictures that must stay together."""
    check_pattern(pattern)
    groups = group_copies(images.paths, images.facts, pattern)
    if photographs is None:
        return groups
    rows = surfaces.surface_features_of_files(images.paths)
    alike = surfaces.group_surfaces(rows, photographs)
    links = [(g[0], i) for g in groups + alike for i in g[1:]]
    return near_duplicates.join_groups(len(images), links)


def group_of(groups, count):
    """Return int [count]: the number of the group of each picture."""
    numbers = np.zeros(count, np.int64)
    for number, group in enumerate(groups):
        numbers[group] = number
    return numbers


def write_split(images, splits, groups, path):
    """Write picture, class, side and group of every picture as CSV; return the path."""
    numbers = group_of(groups, len(images))
    names = images.names()
    with atomic_write(path) as temporary:
        with open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for split, indices in splits.items():
                for i in indices:
                    name = images.class_names[images.labels[i]]
                    writer.writerow([names[i], name, split, numbers[i]])
    return Path(path)


def _classes(images, indices=None):
    chosen = range(len(images)) if indices is None else indices
    return [[images.class_names[images.labels[i]]] for i in chosen]


def _given_split(images, groups, shares, seed):
    given = np.array(images.splits)
    splits = {
        split: np.flatnonzero(given == split) for split in ("train", "val", "test")
    }
    for split in ("test", "val"):
        if not len(splits[split]):
            splits |= _take_from_train(
                images, splits["train"], split, shares, groups, seed
            )
    _refuse_missing(images, splits)
    return splits


def _take_from_train(images, train, split, shares, groups, seed):
    place = {int(index): i for i, index in enumerate(train)}
    inside = [[place[i] for i in group if i in place] for group in groups]
    inside = [group for group in inside if group]
    share = {split: shares[split]}
    parts = partition(_classes(images, train), share, inside, seed)
    return {name: train[indices] for name, indices in parts.items()}


def _refuse_missing(images, splits):
    missing = [
        f"{split} holds no {name}"
        for split, indices in splits.items()
        for name, count in _counts(images, indices)
        if not count
    ]
    if missing:
        raise DatasetError(
            "too few pictures, or too few groups of them, for this split", missing
        )


def _counts(images, indices):
    labels = images.labels[np.asarray(indices, np.int64)]
    numbers = np.bincount(labels, minlength=len(images.class_names))
    return zip(images.class_names, numbers.tolist(), strict=True)


def find_imbalance(counts):
    """Return (commonest, rarest) class where they differ IMBALANCE times, else None.

    counts: {class: pictures}.
    """
    most = max(counts, key=counts.get, default=None)
    least = min(counts, key=counts.get, default=None)
    uneven = most is not None and counts[most] >= IMBALANCE * counts[least]
    return (most, least) if uneven else None


def _warn_of_few(images, splits):
    """Warn of classes of few pictures, and of sides too small to measure on."""
    counts = images.counts()
    found = find_imbalance(counts)
    if found:
        most, least = found
        warn_once(
            f"{counts[most]:,} pictures of {most}, {counts[least]:,} of {least}: whoever "
            f"always says {most} is nearly always right; look at the figures of {least}"
        )
    for split in ("val", "test"):
        few = [(n, name) for name, n in _counts(images, splits[split]) if n < FEW]
        if few:
            count, name = min(few)
            warn_once(
                f"{split} holds {plural(count, 'picture')} of {name}: one more or less "
                "right moves its figures by much; add pictures or take larger shares"
            )
