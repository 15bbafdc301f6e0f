"""Seeded noise, from which every texture of the leak scenes is made."""

from functools import cache

import cv2
import numpy as np

TILE = 1024  # side of the shared wrap-around noise tile, in texels


def fractal(rng, shape, cell, octaves=4, gain=0.5):
    """Return smooth noise of about unit spread and mean 0, its largest feature `cell`.

    `shape` is (height, width); `cell` a number of pixels or a (vertical, horizontal)
    pair, which stretches the features.
    """
    height, width = shape
    tall, wide = np.broadcast_to(np.asarray(cell, float), 2)
    total = np.zeros((2, 2), np.float32)
    for octave in range(octaves):
        rows = int(np.clip(np.ceil(height * 2**octave / tall) + 1, 2, height))
        columns = int(np.clip(np.ceil(width * 2**octave / wide) + 1, 2, width))
        # each octave refines the sum so far, so only the last one is made full size
        total = cv2.resize(total, (columns, rows), interpolation=cv2.INTER_CUBIC)
        total += gain**octave * rng.standard_normal((rows, columns), dtype=np.float32)
    total *= np.sqrt((1 - gain**2) / (1 - gain ** (2 * octaves)))
    return cv2.resize(total, (width, height), interpolation=cv2.INTER_CUBIC)


def step(low, high, x):
    """Rise smoothly from 0 below `low` to 1 above `high`; falls if low > high."""
    x = np.clip((x - low) / (high - low), 0, 1)
    return x * x * (3 - 2 * x)


def mix(a, b, weight):
    """Blend `a` to `b` by `weight` in 0..1."""
    return a + (b - a) * weight


@cache
def tile():
    """Return the shared noise tile [2, TILE, TILE]: a coarse field and a fine one."""
    rng = np.random.default_rng(20)
    return np.stack([_wrapped(rng, 64), _wrapped(rng, 8)])


def _wrapped(rng, cell):
    """Return one normalised noise tile that repeats without a seam."""
    total = np.zeros((TILE, TILE), np.float32)
    for octave in range(4):
        size = TILE * 2**octave // cell
        grid = rng.standard_normal((size, size), dtype=np.float32)
        grid = np.pad(grid, 4, mode="wrap")
        zoom = TILE // size
        large = cv2.resize(grid, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
        total += 0.55**octave * large[4 * zoom :, 4 * zoom :][:TILE, :TILE]
    return total / total.std()


def sample(level, u, v):
    """Read the noise tile (level 0 coarse, 1 fine) at texel coordinates, wrapped."""
    rows = v.astype(np.int32) & (TILE - 1)
    columns = u.astype(np.int32) & (TILE - 1)
    return tile()[level][rows, columns]
