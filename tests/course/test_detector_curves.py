"""Curves of notebook 01b: the lines are those of the functions that were given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from inspection.course import detector_curves


@pytest.fixture(autouse=True)
def no_figure_stays():
    yield
    plt.close("all")


def test_losses_are_drawn_as_they_are():
    detector_curves.plot_losses(lambda p, _: 1 - p, lambda p, _: p**2, np.abs)
    what, where = plt.gcf().axes
    entropy, focal = what.lines
    assert np.allclose(entropy.get_ydata(), 1 - entropy.get_xdata())
    assert np.allclose(focal.get_ydata(), focal.get_xdata() ** 2)
    square, huber = where.lines
    assert square.get_ydata()[0] == 8 and huber.get_ydata()[0] == 4


def test_the_steps_never_rise():
    recall, precision = np.array([0.5, 0.5, 1.0]), np.array([1.0, 0.5, 2 / 3])
    detector_curves.plot_precision(recall, precision, "AP")
    dots, steps = plt.gca().lines
    assert np.allclose(dots.get_ydata(), precision)
    assert np.allclose(steps.get_xdata(), [0, 0.5, 0.5, 1])
    assert np.allclose(steps.get_ydata(), [1, 1, 2 / 3, 2 / 3])
