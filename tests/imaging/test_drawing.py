import numpy as np
import pytest

from inspection.common.palette import PALETTE, class_color
from inspection.imaging.box_drawing import (
    box_captions,
    draw_boxes,
)

GRAY = np.full((100, 200, 3), 128, np.uint8)


def rgb(color):
    return [int(color[i : i + 2], 16) for i in (1, 3, 5)]


def test_a_box_is_drawn_where_it_is_and_the_picture_stays_as_it_was():
    before = GRAY.copy()
    drawn = draw_boxes(GRAY, [(0.2, 0.25, 0.8, 0.75)], line_width=2)
    assert (GRAY == before).all()
    for y, x in [(20, 100), (79, 100), (50, 50), (50, 149)]:
        assert drawn[y, x].tolist() == rgb(PALETTE[0])
    assert (drawn[24:76, 54:146] == 128).all()
    assert (drawn[:18] == 128).all()


def test_a_label_stands_above_its_box_in_the_colour_of_the_class():
    drawn = draw_boxes(GRAY, [(0.5, 0.1, 0.9, 0.9)], [2], [0.87], ["leak", "puddle"])
    above = drawn[30:48, 20:60].reshape(-1, 3).tolist()
    assert rgb(class_color(2)) in above
    assert [0, 0, 0] in above  # black writing on the light second colour


def test_labels_stay_inside_and_apart():
    boxes = [(0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.5, 1.0)]
    drawn = draw_boxes(GRAY, boxes, [1, 4], [0.5, 0.9], ["a", "b", "c", "d"])
    for class_id in (1, 4):
        area = (drawn == rgb(class_color(class_id))).all(axis=2)
        assert area.sum() > 500  # a label's worth of its colour, not only the lines


def test_dashes_show_on_any_background():
    drawn = draw_boxes(GRAY, [(0.2, 0.25, 0.8, 0.75)], dashed=True, line_width=2)
    line = {tuple(pixel) for pixel in drawn[20, 50:150]}
    assert line == {tuple(rgb(PALETTE[0])), (32, 32, 32)}


def test_captions():
    label_map = {"leak": 1, "puddle": 2}
    assert box_captions([2, 1], [0.5, 0.999], label_map) == ["puddle 0.50", "leak 1.00"]
    assert box_captions([2, 9], None, ["leak", "puddle"]) == ["puddle", "class 9"]
    assert box_captions(None, [0.5]) == []


def test_classes_keep_their_colour_beyond_the_palette():
    assert class_color(1) == class_color(11) != class_color(2)


def test_no_boxes_leave_the_picture_as_it_is():
    assert (draw_boxes(GRAY, [], [], [], ["leak"]) == GRAY).all()


@pytest.mark.parametrize("box", [(-0.5, -0.5, 1.5, 1.5), (0.5, 0.5, 0.5, 0.5)])
def test_boxes_beyond_the_picture_or_without_area_do_no_harm(box):
    assert draw_boxes(GRAY, [box], [1], [0.5]).shape == GRAY.shape


def test_other_pictures_are_refused():
    with pytest.raises(ValueError, match=r"not float64 \[10, 10, 3\]"):
        draw_boxes(np.zeros((10, 10, 3)), [])
    with pytest.raises(ValueError, match=r"not uint8 \[10, 10\]"):
        draw_boxes(np.zeros((10, 10), np.uint8), [])
