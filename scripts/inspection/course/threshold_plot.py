"""Otsu's criterion beside the histogram that it cuts, for notebook 05."""

import matplotlib.pyplot as plt
import numpy as np

from inspection.common.palette import PALETTE
from inspection.course import plots


def plot_criterion(values, limits, apart, name):
    """Draw the histogram of a channel and how well each limit parts it.

    values: uint8, any shape. limits, apart: a limit each, and the variance between the
    two sides that it makes; the largest is marked in both frames.
    """
    best = list(limits)[int(np.argmax(apart))]
    _, (left, right) = plt.subplots(1, 2, figsize=(plots.WIDTH, 3))
    edges = np.arange(0, 257, 4)
    left.hist(np.ravel(values), edges, color="0.7")
    right.plot(limits, apart, color=PALETTE[0])
    for axis in (left, right):
        axis.axvline(best, color=PALETTE[1], linestyle="--")
        axis.set_xlim(min(limits), max(limits))
    plots.label(left, f"cut at {best}", name, "pixels")
    plots.label(right, "how well each limit parts them", name, "variance between")
