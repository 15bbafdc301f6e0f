"""Which known class a misspelt one means."""

import difflib
import functools
import re
from collections import Counter, defaultdict

import numpy as np

LIKE = 0.6  # so much alike are a misspelt name and the one that is meant
ALIKE = 0.75  # of the letters of two names, in their order, are the same
MANY = 3000  # classes; every rare one is held against all others
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
    like spellings count only where one of the two is rare, and among MANY names at most.
    """
    names = sorted(counts)
    plains = [plain(name) for name in names]
    numbers = [counts[name] for name in names]
    found = _spelled_alike(plains, numbers)
    if len(names) <= MANY:
        found |= _rare_and_alike(plains, numbers)
    ordered = [sorted((names[i], names[j]), key=counts.get) for i, j in sorted(found)]
    return [(rarer, commoner) for rarer, commoner in ordered]


def _spelled_alike(plains, numbers):
    """Return places (i < j) of names equal but for a letter.

    Of several equal names each is held against the commonest alone.
    """
    places = defaultdict(list)
    for place, name in enumerate(plains):
        places[name].append(place)
    commonest = {
        name: max(found, key=lambda i: numbers[i]) for name, found in places.items()
    }
    found = set()
    for name, same in places.items():
        first = commonest[name]
        found |= {tuple(sorted((first, place))) for place in same if place != first}
        for shorter in _letter_left_out(name) & places.keys():
            if not _differ_by_number(name, shorter):
                found.add(tuple(sorted((first, commonest[shorter]))))
    return found


def _letter_left_out(name):
    """Return a name of six letters and more without each of them."""
    if len(name) < 6:
        return set()
    return {name[:k] + name[k + 1 :] for k in range(len(name))}


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
