"""From the distances of single places to one figure for a picture."""

import numpy as np


def top_mean(distances: np.ndarray, share: float) -> float:
    """Return the mean of the largest `share` of an array, of one value at least.

    The largest alone would be luck: grain, dust. The mean of all would hide a small
    defect.

    >>> float(top_mean(np.float32([[0, 0, 0, 1], [3, 0, 0, 0]]), 0.25))
    2.0
    """
    flat = np.ravel(distances)
    count = max(1, round(share * flat.size))
    return np.partition(flat, flat.size - count)[-count:].mean()
