"""Where tiles lie, and that every pixel belongs to one."""

import numpy as np
import pytest

from inspection.imaging.tiles import make_tiles, shared_pixels, tile_places


def test_places_by_hand():
    assert tile_places(100, 100, 80) == [0]
    assert tile_places(70, 100, 80) == [0]
    assert tile_places(260, 100, 80) == [0, 80, 160]
    assert tile_places(270, 100, 80) == [0, 80, 160, 170]


@pytest.mark.parametrize("size", [(90, 90), (100, 333), (257, 100), (61, 400)])
@pytest.mark.parametrize("overlap", [0.05, 0.2, 0.5])
def test_cores_cover_every_pixel_once(size, overlap):
    tiles = make_tiles(*size, 80, overlap)
    assert {b - t for t, _, b, _ in (tile.box for tile in tiles)} == {min(80, *size)}
    ys, xs = (np.arange(side) + 0.5 for side in size)
    times = np.zeros(size, int)
    for tile in tiles:
        top, left, bottom, right = tile.core
        times += np.outer((ys > top) & (ys <= bottom), (xs > left) & (xs <= right))
    assert (times == 1).all()


def test_an_object_no_larger_than_the_overlap_lies_whole_in_the_tile_of_its_centre():
    tiles = make_tiles(300, 500, 100, 0.2)
    side = shared_pixels(100, 0.2)
    for left in range(0, 500 - side):
        centre = left + side / 2
        (owner,) = [
            tile.box
            for tile in tiles
            if tile.core[1] < centre <= tile.core[3] and tile.core[0] == 0
        ]
        assert owner[1] <= left and left + side <= owner[3]
