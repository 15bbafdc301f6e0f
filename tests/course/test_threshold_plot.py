"""Otsu's criterion is drawn with its best limit."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from inspection.course import threshold_plot


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_the_best_limit_is_marked_in_both_frames():
    values = np.array([[10, 20], [200, 210]], np.uint8)
    limits, apart = range(10, 210), np.zeros(200)
    apart[37] = 5  # the limit 47
    threshold_plot.plot_criterion(values, limits, apart, "a")
    histogram, criterion = plt.gcf().axes
    assert histogram.get_title(loc="left") or histogram.get_title() == "cut at 47"
    assert [line.get_xdata()[0] for line in histogram.lines] == [47]
    assert criterion.lines[-1].get_xdata()[0] == 47
    assert sum(bar.get_height() for bar in histogram.patches) == 4
