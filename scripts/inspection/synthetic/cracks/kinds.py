"""Walls and the names of what is on them, to teach a network what walls look like."""

from functools import partial

import cv2
import numpy as np
from tqdm import tqdm

from inspection.common.processes import drawing_pool
from inspection.synthetic.cracks import marks
from inspection.synthetic.cracks.dataset import TILE
from inspection.synthetic.cracks.wall import draw_wall

MARKS = tuple(marks.CLEAN_MARKS)
KINDS = (*(mark.__name__ for mark in MARKS), "crack")
OFTEN = 0.3  # each mark, on a wall; a crack is on every second one


def draw_kinds(count, seed, size, workers=1):
    """Return (uint8 [N, size, size, 3], float32 [N, K]): walls, and 1 for each kind there.

    Several of KINDS may be on one wall, or none.
    """
    draw = partial(draw_kind, seed, size)
    with drawing_pool(workers) as pool:
        drawn = pool.map(draw, range(count), chunksize=16)
        images, labels = zip(*tqdm(drawn, "walls", count, disable=None), strict=True)
    return np.stack(images), np.stack(labels)


def draw_kind(seed, size, number):
    """Return (uint8 [size, size, 3], float32 [K]) of one numbered wall of concrete."""
    rng = np.random.default_rng([seed, number])
    there = np.append(rng.random(len(MARKS)) < OFTEN, number % 2)
    others = [mark for mark, shown in zip(MARKS, there) if shown]
    image = draw_wall(rng, TILE, "concrete", number % 2, others).image
    small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
    return small, there.astype(np.float32)
