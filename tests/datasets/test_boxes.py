"""What becomes of a box at, on and beyond the edges of its image of 100 x 80 pixels."""

import pytest

from inspection.datasets.boxes import find_fault, usable_box
from inspection.datasets.voc import Box

SIZE = 100, 80


@pytest.mark.parametrize(
    "corners, fault",
    [
        ((0, 0, 100, 80), None),
        ((10, 20, 30, 40), None),
        ((30, 20, 10, 40), "inverted-box"),
        ((10, 40, 30, 20), "inverted-box"),
        ((10, 20, 10, 40), "zero-area"),
        ((10, 20, 30, 20), "zero-area"),
        ((-5, 20, 0, 40), "outside-box"),  # ends where the image begins
        ((10, -5, 30, 0), "outside-box"),
        ((100, 20, 105, 40), "outside-box"),  # begins where the image ends
        ((10, 80, 30, 90), "outside-box"),
        ((-1, 20, 30, 40), "clipped-box"),
        ((10, -1, 30, 40), "clipped-box"),
        ((10, 20, 101, 40), "clipped-box"),
        ((10, 20, 30, 81), "clipped-box"),
    ],
)
def test_fault_of_a_box(corners, fault):
    assert find_fault(Box("leak", *corners), *SIZE) == fault


def test_a_box_is_clipped_on_every_side():
    assert usable_box(Box("leak", -1, -2, 101, 82), *SIZE) == Box("leak", 0, 0, 100, 80)


def test_a_box_of_which_nothing_is_left_is_none():
    assert usable_box(Box("leak", -5, 20, 0, 40), *SIZE) is None
