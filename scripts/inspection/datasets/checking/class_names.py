"""Which known class a misspelt one means."""

import difflib
import functools
import re
from collections import Counter, defaultdict
from itertools import combinations

import numpy as np

LIKE = 0.6  # so much alike are a misspelt name and the one that is meant
ALIKE = 0.75  # of the letters of two names, in their order, are the same
RARE = 0.05  # of the other's count; below it a like spelling is taken for a typo


def plain(name):
    """Return a class name without case, spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def nearest(name, known):
    """Return the known class name most like `name`, or None where none is."""
    by_plain, plains, letters = _index(tuple(known))
    wanted = plain(name)
    shared = sum(
        (
            np.minimum(letters[letter], count)
            for letter, count in Counter(wanted).items()
        ),
        np.zeros(len(plains), np.int32),
    )
    lengths = np.array([len(other) for other in plains], np.int32) + len(wanted)
    # no two strings are more alike than the letters that they share
    bounds = 2 * shared / np.maximum(lengths, 1)
    best = (LIKE, "")
    matcher = difflib.SequenceMatcher(None, "", wanted)
    for place in np.argsort(-bounds, kind="stable"):
        if bounds[place] < best[0]:
            break
        matcher.set_seq1(plains[place])
        best = max(best, (matcher.ratio(), plains[place]))
    return by_plain[best[1]] if best[1] else None


@functools.lru_cache(maxsize=4)
def _index(known):
    """Return {plain name: name}, the plain names, and {letter: its counts in them}."""
    by_plain = {plain(other): other for other in reversed(known)}
    plains = list(by_plain)
    letters = defaultdict(lambda: np.zeros(len(plains), np.int32))
    for place, name in enumerate(plains):
        for letter, count in Counter(name).items():
            letters[letter][place] = count
    return by_plain, plains, letters


def similar_pairs(counts):
    """Return pairs (rarer, commoner) of class names that may mean the same.

    `counts` maps names to boxes. Names that differ only in case, spaces or hyphens
    always count, so do a letter too many or too few in a name of five or more; other
    like spellings count only where one of the two is rare.
    """
    names = sorted(counts)
    plains = [plain(name) for name in names]
    found = _spelled_alike(plains) | _rare_and_alike(plains, [counts[n] for n in names])
    ordered = [sorted((names[i], names[j]), key=counts.get) for i, j in sorted(found)]
    return [(rarer, commoner) for rarer, commoner in ordered]


def _spelled_alike(plains):
    """Return places (i < j) of names equal but for a letter, by sorting them."""
    by_spelling = defaultdict(list)
    for place, name in enumerate(plains):
        for spelling in _spellings(name):
            by_spelling[spelling].append(place)
    found = set()
    for places in by_spelling.values():
        for i, j in combinations(sorted(set(places)), 2):
            if _differ_by_one(plains[i], plains[j]):
                found.add((i, j))
    return found


def _spellings(name):
    """Return a name, and with each of its letters left out."""
    return {name, *(name[:k] + name[k + 1 :] for k in range(len(name)))}


def _differ_by_one(one, other):
    if one == other:
        return True
    added = abs(len(one) - len(other)) == 1 and min(len(one), len(other)) >= 5
    return added and not _differ_by_number(one, other)


def _differ_by_number(one, other):
    # leak1 and leak2 are two classes, leak and laek are one
    return re.sub(r"\d", "", one) == re.sub(r"\d", "", other)


def _rare_and_alike(plains, counts):
    """Return places (i < j) of a rare name and a common one that look alike."""
    letters = _letters(plains)
    lengths = letters.sum(axis=1)
    numbers = np.array(counts)
    found = set()
    for i in np.flatnonzero(numbers <= RARE * numbers.max(initial=0)):
        common = np.minimum(letters, letters[i]).sum(axis=1)
        # no two strings are more alike than the letters that they share
        alike = 2 * common >= ALIKE * (lengths + lengths[i])
        alike &= numbers[i] <= RARE * numbers
        matcher = difflib.SequenceMatcher(None, "", plains[i])
        for j in np.flatnonzero(alike):
            matcher.set_seq1(plains[j])
            ratio = matcher.ratio() if plains[i] != plains[j] else 0
            if ratio >= ALIKE and not _differ_by_number(plains[i], plains[j]):
                found.add((int(min(i, j)), int(max(i, j))))
    return found


def _letters(names):
    """Return int32 [N, L]: how often each letter of the names is in each."""
    place = {letter: i for i, letter in enumerate(sorted(set("".join(names))))}
    counts = np.zeros((len(names), len(place) or 1), np.int32)
    for row, name in zip(counts, names, strict=True):
        for letter in name:
            row[place[letter]] += 1
    return counts
