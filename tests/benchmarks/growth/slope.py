"""How cost grows with the number of things: the slope between measured points."""

import json

import numpy as np

import bootstrap  # noqa: F401
import measure

RESULTS = measure.ROOT / "assets/results/growth.json"
LINEAR = 0.1  # how far from 1 a slope may be and is still called even


def slope_of(counts, costs):
    """Return the exponent k of cost ~ count**k, by least squares on logarithms.

    1: twice as many cost twice as much. Below 1: a start that all share; above 1: each
    costs more, the more there are.

    >>> slope_of([100, 1000, 10000], [2, 20, 200])
    1.0
    """
    return round(float(np.polyfit(np.log(counts), np.log(costs), 1)[0]), 2)


def describe(counts, seconds):
    """Return the points, the slope over all and of the last step, and a thing's cost."""
    last = slope_of(counts[-2:], seconds[-2:])
    each = 1000 * (seconds[-1] - seconds[-2]) / (counts[-1] - counts[-2])
    verdict = "even" if abs(last - 1) <= LINEAR else "falling" if last < 1 else "rising"
    return {
        "seconds": {f"{n:,}": round(s, 2) for n, s in zip(counts, seconds)},
        "slope": slope_of(counts, seconds),
        "slope_of_the_last_step": last,
        "cost_of_one_more": f"{verdict}, {each:.2f} ms",
    }


def keep(name, result):
    """Print what one benchmark measured, and keep it beside what the others did."""
    measure.print_result(name, result)
    kept = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    kept["machine"] = measure.describe_machine()
    kept[name] = result
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
