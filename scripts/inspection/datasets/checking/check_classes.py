"""Look a set of class folders over before anything is trained on it."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from inspection.common.text import plural
from inspection.datasets.checking.check_good import NAMES, odd_good_faults
from inspection.datasets.checking.check_images import copy_faults, image_faults
from inspection.datasets.checking.check_splits import imbalance_faults, no_val_faults
from inspection.datasets.checking.count_table import (
    CountTable,
    count_headers,
    most_text,
)
from inspection.datasets.checking.report import DatasetReport, in_order
from inspection.datasets.class_folders import (
    REMARKS,
    LabelledImages,
    scan_class_folders,
)
from inspection.datasets.faults import Fault
from inspection.datasets.images.near_duplicates import join_groups, near_links
from inspection.datasets.splitting.class_split import FEW, SHARES
from inspection.datasets.splitting.sources import check_pattern
from inspection.datasets.splitting.split_lists import SPLITS


@dataclass(frozen=True)
class ClassSetCount:
    """A set of class folders. counts: {class: {split: pictures}}, "" for no split."""

    counts: dict[str, dict[str, int]]
    image_sizes: tuple
    formats: tuple

    @property
    def usable(self):
        """What there is to learn from, and its name."""
        return sum(self.totals().values()), "usable picture"

    def totals(self):
        """Return {class: pictures}."""
        return {name: sum(found.values()) for name, found in self.counts.items()}

    def lines(self):
        """Return sentences: how many, which sizes and formats."""
        pictures = plural(self.usable[0], "picture")
        classes = plural(len(self.counts), "class")
        return [
            f"{pictures} of {classes}",
            most_text(self.image_sizes, self.formats),
        ]

    def table(self):
        """Return the pictures of each class, in each part of the split."""
        splits = [
            s for s in SPLITS if any(s in found for found in self.counts.values())
        ]
        totals = self.totals()
        rows = tuple(
            (name, f"{totals[name]:,}", *(f"{found.get(s, 0):,}" for s in splits))
            for name, found in self.counts.items()
        )
        return CountTable(("class", "pictures", *splits), rows)


@dataclass(frozen=True)
class ClassReport(DatasetReport):
    """What `check_classes` found, with the pictures that can be read."""

    images: LabelledImages = field(repr=False)

    def samples(self):
        return dict(zip(self.images.names(), self.images.paths, strict=True))


def check_classes(folder, class_names=None, pattern=None):
    """Return a ClassReport of every fault of a set of class folders.

    class_names: the classes in the order of their ids, all by default. `pattern` tells
    the source of a tile or frame (`sources.py`). Raises DatasetError where the folders
    are not the classes.
    """
    check_pattern(pattern)
    images, faults = scan_class_folders(folder, class_names)
    names = {p: p.relative_to(images.folder).as_posix() for p in images.facts}
    faults += [remark for remark in images.remarks if remark.kind not in REMARKS]
    for path in images.paths:
        faults += image_faults(images.facts[path], names[path], sizes_betray=False)
    faults += _copies(images, names, pattern, faults) + _odd_good(images, names)
    statistics = _count(images)
    totals = statistics.totals()
    faults += imbalance_faults({name: n for name, n in totals.items() if n})
    faults += no_val_faults(images.splits) + _few(statistics)
    return ClassReport(in_order(faults), statistics, Path(folder), images)


def _copies(images, names, pattern, known):
    """Return copies on two sides and in one class, and near-duplicates in two classes."""
    facts = [images.facts[path] for path in images.paths]
    split_of = dict(zip(images.paths, images.splits, strict=False))
    found = copy_faults(facts, split_of, pattern, by_name=False, names=names)
    class_of = dict(zip(images.paths, images.labels.tolist(), strict=True))
    groups = join_groups(len(facts), near_links([fact.likeness for fact in facts]))
    for group in groups:
        fault = _two_classes([facts[i] for i in group], class_of, names)
        found += [fault] if fault else []
    told = {frozenset(fault.images) for fault in known if fault.images}
    mixed = {frozenset(f.images) for f in found if f.kind == "near-two-classes"}
    return [
        fault
        for fault in found
        if frozenset(fault.images) not in told
        and (fault.kind != "near-duplicates" or frozenset(fault.images) not in mixed)
    ]


def _odd_good(images, names):
    """Return pictures that look like no other of their class of good parts."""
    found = []
    for label, name in enumerate(images.class_names):
        if name.lower() in NAMES:
            chosen = zip(images.paths, images.labels, strict=True)
            found += odd_good_faults([p for p, k in chosen if k == label], names)
    return found


def _two_classes(group, class_of, names):
    if len({class_of[fact.path] for fact in group}) < 2:
        return None
    if len({fact.digest for fact in group}) == 1:
        return None  # equal files are said as such
    # the two that differ stand first, to be seen side by side
    paths = sorted((fact.path for fact in group), key=lambda p: class_of[p])
    border = next(
        i for i, (a, b) in enumerate(pairwise(paths)) if class_of[a] != class_of[b]
    )
    paths = [*paths[border : border + 2], *paths[:border], *paths[border + 2 :]]
    first, *others = (names[path] for path in paths)
    return Fault("near-two-classes", first, f"and {', '.join(others)}", tuple(paths))


def _count(images):
    splits = images.splits or [""] * len(images)
    counts = {name: Counter() for name in images.class_names}
    for label, split in zip(images.labels, splits, strict=True):
        counts[images.class_names[label]][split] += 1
    headers = [images.facts[path].header for path in images.paths]
    return ClassSetCount(
        {name: dict(found) for name, found in counts.items()}, **count_headers(headers)
    )


def _few(statistics):
    """Return classes of which val or test hold, or would get, fewer than FEW pictures."""
    faults = []
    for name, counts in statistics.counts.items():
        total = sum(counts.values())
        share = min(SHARES.values())
        if "" in counts and total * share < FEW:
            detail = (
                f"{plural(total, 'picture')}: with a share of {share:g}, val would hold "
                f"{round(total * share)} of them"
            )
            faults.append(Fault("few-pictures", name, detail))
        for split in SPLITS[1:]:
            if 0 < counts.get(split, 0) < FEW:
                detail = f"{plural(counts[split], 'picture')} in {split}"
                faults.append(Fault("few-pictures", name, detail))
    return faults
