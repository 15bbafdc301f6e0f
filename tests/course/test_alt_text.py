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
