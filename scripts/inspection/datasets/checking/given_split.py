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
    splits_of = defaultdict(list)
    for split, names in lists.items():
        for name in dict.fromkeys(names):
            splits_of[name].append(split)
    faults = [
        Fault("both-sides", name, f"listed in {' and '.join(splits)}")
        for name, splits in splits_of.items()
        if len(splits) > 1
    ]
    if faults:
        raise DatasetError(
            f"{plural(len(faults), 'name')} of {where} in two lists", faults
        )


def refuse_copies(paths, where, facts=None, by_name=True):
    """Raise DatasetError where one picture lies on two sides of a split.

    paths: {split: paths}. Counted are equal files, pictures saved anew in another size,
    format or quality, and, `by_name`, versions that an export made of one source.
    Near-duplicates, such as neighbouring frames, are only said.
    """
    split_of = {path: split for split, chosen in paths.items() for path in chosen}
    chosen = list(split_of)
    facts = facts or read_facts(chosen)
    rows = [facts[path] for path in chosen]
    keys = [[row.digest for row in rows]]
    if by_name:
        keys.append([source_name(stem(path.name)) for path in chosen])
    links = [pair for column in keys for pair in _equal(column)]
    near = _near(rows, COPIED)
    groups = join_groups(len(chosen), links + near)
    faults = [
        fault
        for group in groups
        if (fault := _fault([chosen[i] for i in group], split_of))
    ]
    if faults:
        raise DatasetError(
            f"{plural(len(faults), 'picture')} of {where} on two sides of the split: "
            "the test would ask for what was learnt by heart",
            faults,
        )
    _note_near(chosen, rows, split_of)


def _equal(keys):
    first = {}
    return [(first.setdefault(key, i), i) for i, key in enumerate(keys)]


def _near(rows, limit):
    readable = [i for i, row in enumerate(rows) if row.likeness is not None]
    likeness = [rows[i].likeness for i in readable]
    return [(readable[i], readable[j]) for i, j in near_links(likeness, limit)]


def _fault(group, split_of):
    if len({split_of[path] for path in group}) < 2:
        return None
    first, *others = group
    named = ", ".join(f"{path.name} in {split_of[path]}" for path in others)
    detail = f"in {split_of[first]}; {named}"
    return Fault("both-sides", first.name, detail, tuple(group))


def _note_near(paths, rows, split_of):
    across = []
    for group in join_groups(len(paths), _near(rows, NEAR)):
        first_of = {}
        for i in group:
            first_of.setdefault(split_of[paths[i]], paths[i].name)
        if len(first_of) > 1:
            across.append(" and ".join(list(first_of.values())[:2]))
    if across:
        print(
            f"note: {plural(len(across), 'group')} of pictures nearly alike on two sides "
            f"of the split, such as {across[0]}"
        )
