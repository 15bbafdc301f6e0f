"""Field names that are nearly right: which one is meant."""

import difflib
from collections.abc import Iterable

from inspection.datasets.checking.class_names import plain

ALIKE = 0.88  # of the letters; the API's own names are less alike than this


def meant_field(name: str, known: Iterable[str]) -> str | None:
    """Return the known field that a name is a slip of, or None.

    >>> meant_field("bach_size", ["num_steps", "batch_size"])
    'batch_size'
    """
    scores = {other: _likeness(plain(name), plain(other)) for other in known}
    best = max(scores, key=scores.get, default=None)
    return best if best and scores[best] >= ALIKE else None


def _likeness(one, other):
    if sorted(one) == sorted(other):
        return 1.0  # letters exchanged
    return difflib.SequenceMatcher(None, one, other).ratio()
