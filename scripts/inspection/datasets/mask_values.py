"""What values one mask holds, and how they lie: the evidence for what they mean.

A value of a class fills areas. A shade between black and white lies on a slope, darker
on one side and brighter on the other. Numbers of pieces are 1, 2, 3, ... and each of
them is in one piece.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

MANY = 65_535  # numbers of pieces in one picture; more are none


@dataclass(frozen=True)
class Values:
    """The values of one mask.

    counts: {value: pixels}. slopes: {value: pixels with a darker and a brighter
    neighbour on opposite sides}. flats: {value: pixels whose neighbours are all alike}.
    pieces: how many numbers from 1 on are in one piece each, 0 where they are not so.
    touching: two of these pieces touch.
    """

    counts: dict
    slopes: dict
    flats: dict
    pieces: int = 0
    touching: bool = False
    lossy: bool = False


def values_of(grey, lossy=False):
    """Return the Values of numbers [H, W]."""
    # the noise of a JPEG goes up and down by little
    step = grey.max() / 8 if lossy else 0
    counts = _count(grey)
    slopes = _count(grey[_on_slope(grey, step)]) if len(counts) > 2 else {}
    pieces = 0 if lossy else _pieces(grey)
    touching = pieces > 1 and _touch(grey)
    flats = _count(grey[_is_flat(grey)])
    return Values(counts, slopes, flats, pieces, touching, lossy)


def _count(grey):
    if grey.dtype == np.uint8:
        numbers = np.bincount(grey.ravel())
        return {int(v): int(numbers[v]) for v in np.flatnonzero(numbers)}
    values, numbers = np.unique(grey, return_counts=True)
    return dict(zip(values.tolist(), numbers.tolist(), strict=True))


def _on_slope(grey, step):
    """Return bool [H, W]: a smaller value on one side, opposite one larger by `step`."""
    framed = np.pad(grey.astype(np.float32), 1, "edge")
    height, width = grey.shape
    found = np.zeros(grey.shape, bool)
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        before = framed[1 - down :, 1 - right :][:height, :width]
        after = framed[1 + down :, 1 + right :][:height, :width]
        rises = (before < grey) & (grey < after)
        falls = (before > grey) & (grey > after)
        found |= (rises | falls) & (np.abs(after - before) >= step)
    return found


def _is_flat(grey):
    """Return bool [H, W]: the four neighbours have the same value."""
    framed = np.pad(grey, 1, "edge")
    beside = (framed[1:-1, :-2] == grey) & (framed[1:-1, 2:] == grey)
    return beside & (framed[:-2, 1:-1] == grey) & (framed[2:, 1:-1] == grey)


def _pieces(grey):
    """Return n where the values are 1..n beside 0, each in one piece; else 0."""
    if np.issubdtype(grey.dtype, np.floating) or grey.min() < 0:
        return 0
    most = int(grey.max())
    if not 0 < most <= MANY or np.bincount(grey.ravel())[1:].min() == 0:
        return 0
    places = ndimage.find_objects(grey.astype(np.int32))
    for number, place in enumerate(places, start=1):
        shape = (grey[place] == number).astype(np.uint8)
        if cv2.connectedComponents(shape, connectivity=8)[0] != 2:
            return 0
    return most


def _touch(grey):
    beside = (grey[:, 1:] != grey[:, :-1]) & (grey[:, 1:] > 0) & (grey[:, :-1] > 0)
    below = (grey[1:] != grey[:-1]) & (grey[1:] > 0) & (grey[:-1] > 0)
    return bool(beside.any() or below.any())
