"""Faults of a split and of the shares of the classes, alike for all kinds of sets."""

from collections import Counter, defaultdict

from inspection.common.text import plural
from inspection.datasets.faults import Fault
from inspection.datasets.splitting.class_split import find_imbalance
from inspection.datasets.splitting.split_lists import match_names


def place_names(lists, image_of, missing):
    """Return ({picture: split}, faults) of split lists {split: stems}.

    image_of: {stem: picture}. missing: what a listed name lacks that is not among them.
    A stem in two lists is placed nowhere.
    """
    found, _ = match_names(sum(lists.values(), []), image_of)
    splits_of = defaultdict(list)
    for split, stems in lists.items():
        for stem in dict.fromkeys(found.get(stem, stem) for stem in stems):
            splits_of[stem].append(split)
    split_of, faults = {}, []
    for stem, splits in splits_of.items():
        if stem not in image_of:
            detail = f"listed in {splits[0]}, has no {missing}"
            faults.append(Fault("listed-nowhere", stem, detail))
        elif len(splits) > 1:
            detail = f"listed in {' and '.join(splits)}"
            images = (image_of[stem],) if image_of[stem] else ()
            faults.append(Fault("both-sides", stem, detail, images))
        elif image_of[stem]:
            split_of[image_of[stem]] = splits[0]
    return split_of, faults


def imbalance_faults(counts):
    """Return a fault where one class has many times the pictures of another.

    counts: {class: pictures}.
    """
    found = find_imbalance(counts)
    if found is None:
        return []
    most, least = found
    detail = f"{plural(counts[least], 'picture')}, {counts[most]:,} of {most}"
    return [Fault("imbalance", least, detail)]


def missing_faults(shown, split_of, classes):
    """Return a fault for each class that a part of the split does not show.

    shown: {picture: classes}, split_of: {picture: split}.
    """
    counts = {split: Counter() for split in dict.fromkeys(split_of.values())}
    for path, split in split_of.items():
        counts[split].update(shown.get(path, ()))
    return [
        Fault("missing-in-split", split, f"holds no {name}")
        for split, found in counts.items()
        for name in sorted(classes)
        if not found[name]
    ]


def no_val_faults(splits):
    """Return a fault where a given split (its names, none for no split) lacks val."""
    splits = sorted(set(splits))
    if not splits or "val" in splits:
        return []
    return [Fault("no-val", "val", f"is not among {', '.join(splits)}")]
