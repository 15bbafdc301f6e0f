"""Compose a wall, photograph it, and cut the photograph into tiles."""

from dataclasses import dataclass

import cv2
import numpy as np

from inspection.synthetic.cracks import marks
from inspection.synthetic.cracks.paths import draw_lines, length_inside
from inspection.synthetic.cracks.surface import SURFACES
from inspection.synthetic.noise import fractal

LEAST = 0.5  # a crack this long, in sides of a tile, makes the tile one with a crack
TOUCH = 4  # pixels around a tile that must be free of crack in a clean one


@dataclass(frozen=True)
class Wall:
    """A photograph uint8 [side, side, 3], and the Lines of its cracks."""

    image: np.ndarray
    cracks: tuple

    @property
    def mask(self):
        """Return bool [side, side]: the pixels that a crack covers by half."""
        return draw_lines(self.cracks, len(self.image)) >= 0.5


def draw_wall(rng, side, surface, cracks, others=None):
    """Return a Wall with so many cracks.

    others: the marks that are no cracks, functions of crack_marks; None draws some.
    """
    ground = SURFACES[surface](rng, side)
    light, sun = ground.light, ground.sun
    if others is None:
        others = [m for m, often in marks.CLEAN_MARKS.items() if rng.random() < often]
    flat = [m for m in others if m is not marks.wire and m is not marks.shadow]
    for mark in flat:
        light = mark(rng, light, sun)
    lines = []
    for _ in range(cracks):
        light, found = marks.crack(rng, light, sun)
        lines += found
    # a cable and a shadow lie over a crack, not below it
    for mark in others:
        if mark not in flat:
            light = mark(rng, light, sun)
    return Wall(photograph(rng, light), tuple(lines))


def photograph(rng, light):
    """Return the uint8 picture a camera takes: uneven light, blur, noise."""
    side = len(light)
    uneven = 1 + rng.uniform(0.02, 0.1) * fractal(rng, light.shape[:2], 1.5 * side, 1)
    light = light * uneven[..., None] * rng.normal(1, 0.01, 3)
    light = cv2.GaussianBlur(light.astype(np.float32), (0, 0), rng.uniform(0.4, 0.9))
    noise = rng.standard_normal((side, side, 1)) + 0.4 * rng.standard_normal(
        light.shape
    )
    light = light + rng.uniform(0.003, 0.012) * noise
    return (np.clip(light, 0, 1) * 255 + 0.5).astype(np.uint8)


def cut_tiles(wall, side):
    """Return [(tile, whether it shows a crack)], leaving out those that just touch one."""
    tiles = []
    for top in range(0, len(wall.image) - side + 1, side):
        for left in range(0, len(wall.image) - side + 1, side):
            length = length_inside(wall.cracks, left, top, side)
            around = (left - TOUCH, top - TOUCH, side + 2 * TOUCH)
            if length >= LEAST * side or not length_inside(wall.cracks, *around):
                tile = wall.image[top : top + side, left : left + side]
                tiles.append((tile, length > 0))
    return tiles
