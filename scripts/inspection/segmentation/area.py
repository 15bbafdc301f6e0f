"""The area of what is marked in percent of the picture, and how far off it may be."""

import math
from dataclasses import dataclass

import numpy as np

ADDED = 1.0  # point of percent to each area, so that one of 0 % has a width, too


def area_percent(mask):
    """Return the share of a mask that is marked, in percent."""
    return 100 * float(np.mean(np.asarray(mask) > 0))


@dataclass(frozen=True)
class AreaError:
    """How found areas differ from drawn ones, in points of percent, over a set.

    bias: mean difference; positive where too much is found.
    mean: mean absolute difference.
    within: difference that nine of ten pictures stay below.
    """

    bias: float
    mean: float
    within: float


def area_error(ground_truths, masks):
    """Return the `AreaError` of found masks against drawn ones."""
    difference = np.array(
        [
            area_percent(m) - area_percent(t)
            for t, m in zip(ground_truths, masks, strict=True)
        ]
    )
    size = np.abs(difference)
    return AreaError(
        float(difference.mean()), float(size.mean()), float(np.quantile(size, 0.9))
    )


@dataclass(frozen=True)
class AreaInterval:
    """How far an area may be off, the farther the larger it is.

    factor: half the width of the interval of an area A is factor * (A + ADDED).
    """

    factor: float

    def half_width(self, found):
        """Return the points of percent to write behind the ± of a found area."""
        return self.factor * (found + ADDED)

    def coverage(self, ground_truths, masks):
        """Return the share of pictures whose drawn area lies within the interval."""
        pairs = _areas(ground_truths, masks)
        return float(np.mean([abs(f - d) <= self.half_width(f) for d, f in pairs]))


def fit_interval(ground_truths, masks, share=0.9):
    """Return the `AreaInterval` that holds for a share of other pictures of the kind.

    Split conformal prediction (Lei et al. 2018) with the found area as the scale. Of n
    pictures the ceil((n + 1) share)-th smallest error counts; where n is smaller than
    that, nothing can be promised, and the factor is infinite.
    """
    pairs = _areas(ground_truths, masks)
    errors = sorted(abs(found - drawn) / (found + ADDED) for drawn, found in pairs)
    # rounded: 10 * 0.9 must be 9, not a hair more
    rank = math.ceil(round((len(errors) + 1) * share, 9))
    return AreaInterval(errors[rank - 1] if rank <= len(errors) else math.inf)


def _areas(ground_truths, masks):
    """Return (drawn, found) in percent of each picture."""
    both = zip(ground_truths, masks, strict=True)
    return [(area_percent(drawn), area_percent(found)) for drawn, found in both]
