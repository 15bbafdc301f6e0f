"""What a figure says of itself to those who cannot see it."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from inspection.course import plots
from inspection.course.alt_text import alt_text

IMAGE = np.zeros((200, 300, 3), np.uint8)
BOX = [0.1, 0.1, 0.5, 0.5]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_boxes_are_counted_by_class():
    boxes, ids = [[BOX, BOX, BOX], []], [[1, 2, 1], []]
    names = ["leak", "puddle"]
    plots.show_boxes([IMAGE] * 2, boxes, ids, None, names, ["float32", "int8"])
    text = alt_text(plt.gcf())
    assert text == "2 pictures: float32 (2 leak, 1 puddle); int8 (0 boxes)"


def test_without_classes_boxes_are_counted():
    plots.show_boxes([IMAGE], [[BOX]])
    assert alt_text(plt.gcf()) == "picture: 1 box"


def test_a_figure_says_first_what_it_was_told():
    plots.show_images([IMAGE], ["before"])
    plots.describe("A pipe\n   with a leak.")
    assert alt_text(plt.gcf()) == "A pipe with a leak. picture: before"


def test_a_chart_tells_where_its_lines_begin_and_end():
    axis = plt.subplots()[1]
    axis.plot([230, 240, 50], label="as taken")
    axis.plot([160, 120, 100], label="even light")
    axis.plot([0, 2], [0, 200], color="0.5")  # a yardstick
    axis.legend()
    plots.label(axis, "Brightness", "column", "mean")
    text = alt_text(plt.gcf())
    assert text.startswith("chart: Brightness, mean against column")
    assert text.endswith("as taken from 230 to 50, even light from 160 to 100")


def test_a_line_that_leaves_its_ends_tells_how_far():
    axis = plt.subplots()[1]
    axis.plot([0.2, 0.0, 0.1, np.nan])
    axis.plot([0.1, 0.9, 0.1], label="up")
    assert alt_text(plt.gcf()) == (
        "chart, from 0.2 to 0.1 by way of 0, up from 0.1 to 0.1 by way of 0.9"
    )


def test_many_lines_are_named_and_not_told():
    axis = plt.subplots()[1]
    for k in range(6):
        axis.plot([k, k, k], label=f"model {k}")
    axis.legend()
    text = alt_text(plt.gcf())
    assert "model 5" in text and "from" not in text


def test_bars_tell_how_long_they_are():
    axis = plt.subplots()[1]
    axis.barh(["a", "b"], [0.25, 0.75])
    plots.label(axis, "Shares", "share", "")
    assert alt_text(plt.gcf()).endswith("bars from 0.25 to 0.75")
