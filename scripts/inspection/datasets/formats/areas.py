"""Which pixels lie in an outline, or in run lengths as COCO stores them."""

import numpy as np

MOST_CROSSINGS = 50_000_000  # of outline and rows of pixels


def fill_ring(ring, size):
    """Return (top, left, bool [h, w]): the pixels in a ring and where they lie.

    ring: float [N, 2], x and y in pixels. size: (width, height) of the picture, which
    cuts the ring. A pixel is in where its centre is, by the even-odd rule; a centre on
    the left or upper edge is in, on the right or lower edge it is not. So neighbours
    share no pixel, and .5 to 2.5 is two pixels wide. Raises ValueError for a ring that
    would take too long.
    """
    ring = np.asarray(ring, np.float64)
    left, top, right, bottom = _window(ring, size)
    height, width = max(0, bottom - top), max(0, right - left)
    flips = np.zeros((height, width + 1), np.uint8)
    if height and width:
        rows, columns = _crossings(ring, top, bottom)
        columns = np.clip(columns - left, 0, width)
        np.bitwise_xor.at(flips, (rows - top, columns), 1)
    inside = np.bitwise_xor.accumulate(flips, axis=1)[:, :width]
    return top, left, inside.astype(bool)


def _window(ring, size):
    """Return the pixels (left, top, right, bottom) that a ring can cover."""
    low = np.clip(np.floor(ring.min(axis=0)), 0, size).astype(int)
    high = np.clip(np.ceil(ring.max(axis=0)), 0, size).astype(int)
    return *low, *high


def _crossings(ring, top, bottom):
    """Return the rows of pixels and the first columns right of where a ring cuts them."""
    (x, y), (x_next, y_next) = ring.T, np.roll(ring, -1, axis=0).T
    first = np.clip(np.ceil(np.minimum(y, y_next) - 0.5), top, bottom).astype(int)
    last = np.clip(np.ceil(np.maximum(y, y_next) - 0.5), top, bottom).astype(int)
    counts = last - first
    if counts.sum() > MOST_CROSSINGS:
        raise ValueError(f"an outline of {len(ring):,} points is too intricate")
    edges = np.repeat(np.arange(len(ring)), counts)
    starts = np.cumsum(counts) - counts
    rows = first[edges] + np.arange(len(edges)) - starts[edges]
    share = (rows + 0.5 - y[edges]) / (y_next - y)[edges]
    crossing = x[edges] + share * (x_next - x)[edges]
    return rows, np.ceil(crossing - 0.5).astype(int)


def decode_runs(counts, size):
    """Return bool [H, W] of run lengths: of nothing and of the thing, in turn.

    They go down the columns, as COCO has them. size: (width, height). Raises ValueError
    where they do not add up to the picture.
    """
    width, height = size
    runs = np.asarray(counts, np.int64)
    area = width * height
    if (runs < 0).any() or (runs > area).any() or runs.sum() != area:
        raise ValueError(f"its run lengths are not those of {width}x{height} pixels")
    values = np.arange(len(runs)) % 2 == 1
    return np.repeat(values, runs).reshape(width, height).T


def parse_runs(text):
    """Return the run lengths of COCO's text form: LEB128 in 6 bits from "0" on.

    From the fourth on each is a difference to the one two before. Raises ValueError for
    text that is none.
    """
    runs, value, shift = [], 0, 0
    for letter in text:
        bits = ord(letter) - 48
        if not 0 <= bits < 64 or shift > 35:
            raise ValueError(f"its run lengths cannot be read at {letter!r}")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    if shift:
        raise ValueError("its run lengths end in the middle of one")
    return runs
