"""Walls with one thing on each, to teach a network what walls look like."""

from concurrent.futures import ProcessPoolExecutor
from functools import partial

import cv2
import numpy as np
from tqdm import tqdm

from inspection.datasets import crack_marks
from inspection.datasets.crack_wall import draw_wall
from inspection.datasets.cracks import TILE

# None: nothing but the wall
KINDS = {
    "clean": None,
    "joint": crack_marks.joint,
    "wire": crack_marks.wire,
    "scratch": crack_marks.scratch,
    "stain": crack_marks.stain,
    "shadow": crack_marks.shadow,
    "crack": crack_marks.crack,
}


def draw_kinds(count, seed, size, workers=1):
    """Return (uint8 [N, size, size, 3], int64 [N]): walls and what is on them.

    Labels are places in KINDS; they take turns.
    """
    draw = partial(draw_kind, seed, size)
    with ProcessPoolExecutor(workers, None, cv2.setNumThreads, (1,)) as pool:
        drawn = pool.map(draw, range(count), chunksize=16)
        images = list(tqdm(drawn, "walls", count, disable=None))
    return np.stack(images), np.arange(count) % len(KINDS)


def draw_kind(seed, size, number):
    """Return uint8 [size, size, 3]: one numbered wall of concrete."""
    rng = np.random.default_rng([seed, number])
    mark = list(KINDS.values())[number % len(KINDS)]
    cracks = int(mark is crack_marks.crack)
    others = [mark] if mark and not cracks else []
    picture = draw_wall(rng, TILE, "concrete", cracks, others).picture
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
