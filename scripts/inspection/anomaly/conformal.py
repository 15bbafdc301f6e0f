"""A threshold from good pictures alone, with a rate of false alarms that holds.

Good pictures that nothing was learnt from are scored. A new good picture is as likely to
come first, second or last among them as any other: so the threshold is one of their
scores, and how often a new one goes over it is known beforehand, whatever the network
and the pictures are (split conformal prediction, Vovk et al. 2005; Angelopoulos and Bates
2023, arXiv:2107.07511).
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from inspection.common.errors import UserError


def conformal_threshold(scores: Sequence[float], rate: float) -> float:
    """Return the score above which at most `rate` of new good pictures come.

    scores: of good pictures that were not learnt from. Raises UserError where they are
    too few for so small a rate.

    >>> conformal_threshold([0.1, 0.4, 0.2, 0.3], 0.2)
    0.4
    """
    scores = np.sort(np.asarray(scores, float))
    place = rank(len(scores), rate)
    if place > len(scores):
        raise UserError(
            f"{len(scores)} good pictures kept aside are too few for false alarms in "
            f"{rate:.1%} of the good ones: it takes {least_count(rate)}; add pictures, "
            "or allow more with --false_alarms"
        )
    return float(scores[place - 1])


def rank(count, rate):
    """Return which of `count` sorted scores, counted from 1, is the threshold."""
    return math.ceil((count + 1) * (1 - rate) - 1e-9)


def least_count(rate: float) -> int:
    """Return how many good pictures a rate of false alarms takes.

    >>> least_count(0.05)
    19
    """
    return math.ceil(1 / rate - 1 - 1e-9)


def alarm_interval(
    count: int, rate: float, new: int, level: float = 0.95
) -> tuple[float, float]:
    """Return (low, high): the shares of `new` good pictures that will raise an alarm.

    count: pictures the threshold was taken from. Both they and the new ones are a draw
    of luck: the number of alarms is beta-binomial.

    >>> low, high = alarm_interval(50, 0.05, 1000)
    >>> 0 < low < 0.02 and 0.08 < high < 0.15
    True
    """
    place = rank(count, rate)
    alarms = stats.betabinom(new, count + 1 - place, place)
    low, high = alarms.interval(level)
    return float(low) / new, float(high) / new
