"""Which known class a misspelt one means."""

import difflib
import re
from itertools import combinations

RARE = 0.05  # of the other's count; below it a like spelling is taken for a typo


def plain(name):
    """Return a class name without case, spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def nearest(name, known):
    """Return the known class name most like `name`, or None where none is."""
    by_plain = {plain(other): other for other in reversed(list(known))}
    found = difflib.get_close_matches(plain(name), by_plain, n=1, cutoff=0.6)
    return by_plain[found[0]] if found else None


def similar_pairs(counts):
    """Return pairs (rarer, commoner) of class names that may mean the same.

    `counts` maps names to boxes. Names that differ only in case, spaces or hyphens
    always count, so do a letter too many or too few in a name of five or more; other
    like spellings count only where one of the two is rare.
    """
    pairs = []
    for pair in combinations(sorted(counts), 2):
        rarer, commoner = sorted(pair, key=counts.get)
        rare = counts[rarer] <= RARE * counts[commoner]
        if _mean_the_same(plain(rarer), plain(commoner), rare):
            pairs.append((rarer, commoner))
    return pairs


def _mean_the_same(one, other, rare):
    if one == other:
        return True
    # leak1 and leak2 are two classes, leak and laek are one
    if re.sub(r"\d", "", one) == re.sub(r"\d", "", other):
        return False
    matcher = difflib.SequenceMatcher(None, one, other)
    letters = (
        len(one) + len(other) - 2 * sum(m.size for m in matcher.get_matching_blocks())
    )
    return (letters == 1 and len(one) >= 5) or (rare and matcher.ratio() >= 0.75)
