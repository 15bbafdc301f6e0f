"""A picture and its XML side by side."""

import matplotlib.pyplot as plt
import pytest

from helpers.sets.voc_sets import VocSet
from inspection.course import annotation_plot
from inspection.datasets import voc


@pytest.fixture
def shown(tmp_path):
    """Return a function that shows a picture with many boxes; it returns both frames."""

    def show(boxes):
        xml = VocSet(tmp_path).add("rohr", boxes=boxes)
        images = xml.parent.with_name("images")
        annotation_plot.show_annotation(voc.read_annotation(xml, images))
        return plt.gcf().axes

    yield show
    plt.close("all")


def box(name, number):
    return voc.Box(name, number, 2 * number, number + 10, 2 * number + 20)


def test_every_corner_is_written_beside_its_box(shown):
    left, _ = shown([box("leak", 3), box("puddle", 7)])
    written = [text.get_text() for text in left.texts]
    assert written == ["leak 3, 6", "13, 26", "puddle 7, 14", "17, 34"]
    assert left.get_xlim() == (-0.5, 63.5), "the whole picture and no more"


def test_each_object_has_the_colour_of_its_box(shown):
    left, right = shown([box("leak", 3), box("puddle", 7)])
    color_of = {text.get_text().strip(): text.get_color() for text in right.texts}
    drawn = [line.get_color() for line in left.lines]
    assert color_of["<name>leak</name>"] == drawn[0]
    assert color_of["<name>puddle</name>"] == drawn[1] != drawn[0]
    assert color_of["<width>64</width>"] not in drawn


def test_a_long_annotation_is_cut_at_the_end_of_the_figure(shown):
    left, right = shown([box("leak", number) for number in range(12)])
    assert len(left.lines) == 12
    assert len(right.texts) == annotation_plot.LINES
