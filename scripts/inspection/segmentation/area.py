"""The area of what is marked in percent of the picture, and how far off it may be."""

from dataclasses import dataclass

import numpy as np


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
