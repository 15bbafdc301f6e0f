"""Boxes of notebook 01b: what is drawn is what was given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from inspection.course import box_plots
from inspection.course.alt_text import alt_text

IMAGE = np.full((40, 40, 3), 200, np.uint8)


@pytest.fixture(autouse=True)
def no_figure_stays():
    yield
    plt.close("all")


def corners(patch):
    """Return (ymin, xmin, ymax, xmax) of a drawn rectangle."""
    (x, y), width, height = patch.get_xy(), patch.get_width(), patch.get_height()
    return [y, x, y + height, x + width]


def test_what_two_boxes_share_is_filled():
    box, other = np.array([0.0, 0, 2, 4]), np.array([1.0, 2, 5, 6])
    box_plots.plot_overlap(box, other, ["drawn", "found"], "two boxes")
    shared, *outlines = plt.gca().patches
    assert corners(shared) == [1, 2, 2, 4] and shared.get_fill()
    assert [corners(patch) for patch in outlines] == [[0, 0, 2, 4], [1, 2, 5, 6]]
    assert "drawn" in alt_text(plt.gcf())


def test_the_anchors_of_the_middle_cell_are_drawn():
    starts = [(y, x) for y in (0, 0.3, 0.8) for x in (0, 0.3, 0.8)]
    cells = [[y, x, y + 0.2, x + 0.2] for y, x in starts]
    anchors = np.repeat(np.array(cells), 2, axis=0)
    box_plots.plot_levels(IMAGE, {"level 3": anchors}, per_cell=2)
    (axis,) = plt.gcf().axes
    assert len(axis.lines[0].get_xdata()) == 9
    expected = np.array([0.3, 0.3, 0.5, 0.5]) * 40
    assert [np.allclose(corners(p), expected) for p in axis.patches] == [True, True]


def test_each_box_is_shown_with_the_anchors_that_answer_for_it():
    boxes = np.array([[0, 0, 0.5, 0.5], [0.5, 0.5, 1, 1]])
    anchors = np.array([[0, 0, 0.4, 0.4], [0, 0, 0.6, 0.6], [0.4, 0.4, 1, 1]])
    answers = np.array([0, -1, 1])
    box_plots.plot_answers(IMAGE, boxes, anchors, answers, ["one", "two"])
    drawn = [[corners(p) for p in axis.patches] for axis in plt.gcf().axes]
    assert np.allclose(drawn[0], np.array([anchors[0], boxes[0]]) * 40)
    assert np.allclose(drawn[1], np.array([anchors[2], boxes[1]]) * 40)
