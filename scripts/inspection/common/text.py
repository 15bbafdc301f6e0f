"""Counts and their nouns, numbers as people write them."""

import math
import re

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def plural(count, noun):
    """Return `1 box`, `1,200 boxes`: a count and its noun."""
    ending = "" if count == 1 else "es" if noun.endswith(("x", "s")) else "s"
    return f"{count:,} {noun}{ending}"


def finite_number(text):
    """Return the float of a plain decimal number, None for anything else.

    Unlike `float` it takes neither `1_000` nor `nan`, and nothing that becomes infinite.
    """
    text = text.strip()
    value = float(text) if NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None
