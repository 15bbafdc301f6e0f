"""Where the tiles of a large picture lie, and which part of it each answers for."""

from dataclasses import dataclass
from itertools import pairwise, product


@dataclass(frozen=True)
class Tile:
    """A square cut of a picture.

    box: (top, left, bottom, right) in pixels. core: the part of it, so too, that no
    other tile answers for: seams run along the middle of what two tiles share.
    """

    box: tuple[int, int, int, int]
    core: tuple[float, float, float, float]

    def cut_from(self, image):
        """Return the pixels of the tile, a view of the picture."""
        top, left, bottom, right = self.box
        return image[top:bottom, left:right]


def tile_places(length: int, tile: int, stride: int) -> list[int]:
    """Return where tiles begin along a side: every stride, and one flush with the end.

    >>> tile_places(100, tile=40, stride=32)
    [0, 32, 60]
    """
    if length <= tile:
        return [0]
    places = list(range(0, length - tile + 1, stride))
    return places if places[-1] == length - tile else [*places, length - tile]


def make_tiles(height: int, width: int, tile: int, overlap: float) -> list[Tile]:
    """Return the tiles of a picture, row by row; their cores cover it once.

    overlap: the share of its side that a tile has in common with the next, at least. A
    picture that is narrower than a tile has tiles of its own shorter side.

    >>> [one.box for one in make_tiles(100, 180, tile=100, overlap=0.2)]
    [(0, 0, 100, 100), (0, 80, 100, 180)]
    >>> [one.core for one in make_tiles(100, 180, tile=100, overlap=0.2)]
    [(0, 0, 100, 90.0), (0, 90.0, 100, 180)]
    """
    tile = min(tile, height, width)
    stride = max(1, tile - shared_pixels(tile, overlap))
    rows, columns = (_cut_side(side, tile, stride) for side in (height, width))
    return [
        Tile((top, left, top + tile, left + tile), (above, before, below, behind))
        for (top, above, below), (left, before, behind) in product(rows, columns)
    ]


def shared_pixels(tile: int, overlap: float) -> int:
    """Return how many pixels two tiles share at least: an object no larger is never cut.

    >>> shared_pixels(640, 0.2)
    128
    """
    return round(tile * overlap)


def _cut_side(length, tile, stride):
    """Return (begin, begin of the core, end of the core) of each tile along a side."""
    places = tile_places(length, tile, stride)
    seams = [(place + tile + following) / 2 for place, following in pairwise(places)]
    return [(p, *core) for p, core in zip(places, pairwise([0, *seams, length]))]
