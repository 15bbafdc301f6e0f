"""Split a set into train, val and test, copies of one source always on one side.

Groups of copies are dealt out first, then single pictures, the rarest class first, each
to the side that lacks most of that class: Sechidis, Tsoumakas and Vlahavas, "On the
Stratification of Multi-Label Data", ECML PKDD 2011.
"""

import math
import random
from collections import Counter

from inspection.common.errors import DatasetError
from inspection.datasets.images import near_duplicates
from inspection.datasets.images.image_folder import stem
from inspection.datasets.splitting.sources import source_name

BACKGROUND = ""  # stands for the class of pictures without objects


def partition(classes, shares, groups=None, seed=42):
    """Return {split: sorted indices of pictures}.

    `classes` holds the class names each picture shows, `shares` is {"val": .1,
    "test": .2}, the rest is train; `groups` are lists of indices that stay together (by
    default each picture is alone). Raises DatasetError where a split would stay empty.
    """
    labels = [set(names) or {BACKGROUND} for names in classes]
    groups = [list(group) for group in groups or [[i] for i in range(len(labels))]]
    room = split_sizes(len(labels), shares)
    lacking = _wanted(labels, room)
    rarity = Counter(name for names in labels for name in names)
    random.Random(seed).shuffle(groups)
    splits = {split: [] for split in room}
    for group in sorted(groups, key=lambda g: _turn(g, labels, rarity)):
        shown = Counter(name for i in group for name in labels[i])
        split = _neediest(len(group), min(shown, key=rarity.get), room, lacking)
        splits[split] += group
        room[split] -= len(group)
        lacking[split].subtract(shown)
    _refuse_empty(splits, len(labels), len(groups))
    return {split: sorted(indices) for split, indices in splits.items()}


def split_sizes(count, shares):
    """Return {split: pictures}, shares rounded up as the API's own tutorial does."""
    if not 0 < sum(shares.values()) < 1 or min(shares.values()) < 0:
        raise DatasetError(
            f"shares {shares} must be positive and add up to less than 1"
        )
    # 1e-9: .1 + .2 of 10 pictures are 3, not 4
    sizes = {split: math.ceil(s * count - 1e-9) for split, s in shares.items() if s}
    return {"train": max(0, count - sum(sizes.values())), **sizes}


def group_copies(paths, facts, pattern=None):
    """Return lists of indices of the pictures that must stay together.

    These are pictures of one source by name, identical ones and near-duplicates;
    `facts` maps paths to `ImageFacts`.
    """
    rows = [facts[path] for path in paths]
    pairs = _equal([source_name(stem(path.name), pattern) for path in paths])
    pairs += _equal([row.digest for row in rows])
    readable = [i for i, row in enumerate(rows) if row.likeness is not None]
    near = near_duplicates.near_links([rows[i].likeness for i in readable])
    pairs += [(readable[i], readable[j]) for i, j in near]
    return near_duplicates.join_groups(len(paths), pairs)


def count_classes(classes, splits):
    """Return {split: Counter of the pictures that show each class}."""
    return {
        split: Counter(name for i in indices for name in set(classes[i]))
        for split, indices in splits.items()
    }


def _wanted(labels, room):
    total = Counter(name for names in labels for name in names)
    return {
        split: Counter({name: total[name] * size / len(labels) for name in total})
        for split, size in room.items()
    }


def _turn(group, labels, rarity):
    """Return a sort key: large groups while there is room, then the rarest class."""
    rarest = min(rarity[name] for i in group for name in labels[i])
    return -len(group), rarest


def _neediest(size, name, room, lacking):
    fitting = [split for split in room if room[split] >= size]
    if not fitting:
        return max(room, key=room.get)
    return max(fitting, key=lambda split: (lacking[split][name], room[split]))


def _equal(keys):
    first = {}
    return [(first.setdefault(key, i), i) for i, key in enumerate(keys)]


def _refuse_empty(splits, images, groups):
    empty = [split for split, indices in splits.items() if not indices]
    if empty:
        raise DatasetError(
            f"no picture is left for {' and '.join(empty)}: {images} pictures in "
            f"{groups} groups of copies; take other shares or more pictures"
        )
