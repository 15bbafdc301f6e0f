"""Counts and their nouns."""


def plural(count, noun):
    """Return `1 box`, `1,200 boxes`: a count and its noun."""
    ending = "" if count == 1 else "es" if noun.endswith(("x", "s")) else "s"
    return f"{count:,} {noun}{ending}"
