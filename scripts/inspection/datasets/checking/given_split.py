"""A split that somebody else made: what ours guarantees, it has to show."""

from collections import defaultdict

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets.faults import Fault
from inspection.datasets.images.image_facts import read_facts
from inspection.datasets.images.image_folder import stem
from inspection.datasets.images.near_duplicates import (
    COPIED,
    NEAR,
    join_groups,
    near_links,
)
from inspection.datasets.splitting.sources import source_name


def refuse_overlap(lists, where):
    """Raise DatasetError where a name stands in two of the lists {split: names}."""
    faults = find_overlap(lists)
    if faults:
        raise DatasetError(
            f"{plural(len(faults), 'name')} of {where} in two lists", faults
        )


def find_overlap(lists):
    """Return a fault for each name that stands in two of the lists {split: names}."""
    splits_of = defaultdict(list)
    for split, names in lists.items():
        for name in dict.fromkeys(names):
            splits_of[name].append(split)
    return [
        Fault("both-sides", name, f"listed in {' and '.join(splits)}")
        for name, splits in splits_of.items()
        if len(splits) > 1
    ]


def refuse_copies(paths, where, facts=None, by_name=True):
    """Raise DatasetError where one picture lies on two sides of a split.

    paths: {split: paths}. Counted are equal files, pictures saved anew in another size,
    format or quality, and, `by_name`, versions that an export made of one source.
    Near-duplicates, such as neighbouring frames, are only said.
    """
    split_of = {path: split for split, chosen in paths.items() for path in chosen}
    facts = facts or read_facts(list(split_of))
    rows = [facts[path] for path in split_of]
    faults = copies_across(rows, split_of, by_name)
    if faults:
        raise DatasetError(
            f"{plural(len(faults), 'picture')} of {where} on two sides of the split: "
            "the test would ask for what was learnt by heart",
            faults,
        )
    _note_near(rows, split_of)


def copies_across(facts, split_of, by_name=True, pattern=None, names=None):
    """Return a fault for each picture that lies on two sides of a split.

    facts: of the pictures, split_of: {path: split}. pattern: what tells the source of a
    tile or frame (`sources.py`), which counts without `by_name`, too. names: {path: what
    the picture is called in a fault}.
    """
    keys = [[row.digest for row in facts]]
    if by_name or pattern:
        keys.append([source_name(stem(row.path.name), pattern) for row in facts])
    links = [pair for column in keys for pair in _equal(column)]
    groups = join_groups(len(facts), links + _near(facts, COPIED))
    return _across("both-sides", groups, facts, split_of, names)


def near_across(facts, split_of, names=None):
    """Return a fault for each group of pictures nearly alike on two sides of a split."""
    groups = join_groups(len(facts), _near(facts, NEAR))
    return _across("near-both-sides", groups, facts, split_of, names)


def _across(kind, groups, facts, split_of, names):
    paths = [row.path for row in facts]
    names = names or {path: path.name for path in paths}
    found = [_fault(kind, [paths[i] for i in g], split_of, names) for g in groups]
    return [fault for fault in found if fault]


def _equal(keys):
    first = {}
    return [(first.setdefault(key, i), i) for i, key in enumerate(keys)]


def _near(rows, limit):
    readable = [i for i, row in enumerate(rows) if row.likeness is not None]
    likeness = [rows[i].likeness for i in readable]
    return [(readable[i], readable[j]) for i, j in near_links(likeness, limit)]


def _fault(kind, group, split_of, names):
    if len({split_of[path] for path in group}) < 2:
        return None
    first, *others = group
    named = ", ".join(f"{names[path]} in {split_of[path]}" for path in others)
    detail = f"in {split_of[first]}; {named}"
    return Fault(kind, names[first], detail, tuple(group))


def _note_near(rows, split_of):
    found = near_across(rows, split_of)
    if found:
        first_of = {split_of[path]: path.name for path in reversed(found[0].images)}
        print(
            f"note: {plural(len(found), 'group')} of pictures nearly alike on two sides "
            f"of the split, such as {' and '.join(sorted(first_of.values())[:2])}"
        )
