"""Which anchors may answer for an object, where no fixed overlap decides it.

Adaptive training sample selection (ATSS, Zhang et al. 2020, arXiv:1912.02424): of every
map the cells nearest to the object's centre are candidates; the mean of their overlaps
plus their standard deviation is the least overlap of this object. So a thin or small
object, which no anchor overlaps by half, has anchors as well.

In two things it differs from the paper. All anchors of a cell are candidates, as there
are several. And a centre counts as inside the object where it lies within half a step of
the map, since thin objects pass between the centres.
"""

from itertools import accumulate

import numpy as np
from keras import ops

from inspection.detection.model.anchors import grids

TIE = 1e-4  # square pixels: cells as far as the last of the nearest are candidates, too


def eligible(boxes, overlaps, anchors, model):
    """Return bool [B, M, N]: whether an anchor may answer for an object.

    boxes: [B, M, 4] of size 1. overlaps: their IoU with the anchors, [B, M, N].
    anchors: [N, 4] of `make_anchors`. model: `ModelSettings` with an `AtssMatcher`.
    """
    near, inside = _by_anchor(boxes * np.float32([*model.size] * 2), anchors, model)
    weights = ops.cast(near, overlaps.dtype)
    return near & inside & (overlaps >= least_overlap(overlaps, weights))


def least_overlap(overlaps, weights):
    """Return mean plus standard deviation of each object's candidates, [B, M, 1].

    weights: 1 for a candidate, 0 for other anchors. The deviation is that of a sample,
    as in the authors' own program.
    """
    count = ops.sum(weights, axis=-1, keepdims=True)
    mean = ops.sum(overlaps * weights, axis=-1, keepdims=True) / count
    squares = ops.sum(weights * (overlaps - mean) ** 2, axis=-1, keepdims=True)
    return mean + ops.sqrt(squares / ops.maximum(count - 1, 1))


def _by_anchor(boxes, anchors, model):
    """Return (near, inside) [B, M, N] of boxes in pixels, map by map."""
    layout = grids(model.size, model.anchors)
    ends = accumulate(rows * columns * count for (rows, columns), count in layout)
    begin, near, inside = 0, [], []
    for ((rows, columns), count), end in zip(layout, ends):
        cells = _centres(anchors[begin:end:count]) * np.float32(model.size)
        step = np.float32(model.size) / np.float32([rows, columns])
        near.append(ops.repeat(_nearest(boxes, cells, model.matcher), count, axis=-1))
        inside.append(ops.repeat(_within(boxes, cells, step), count, axis=-1))
        begin = end
    return ops.concatenate(near, axis=-1), ops.concatenate(inside, axis=-1)


def _centres(boxes):
    return (boxes[..., :2] + boxes[..., 2:]) / 2


def _offsets(boxes, cells):
    """Return how far cells are from the centres of boxes, (down, right), each [B, M, C]."""
    centres = _centres(boxes)[:, :, None]
    return [ops.abs(cells[:, axis] - centres[..., axis]) for axis in (0, 1)]


def _nearest(boxes, cells, matcher):
    """Tell which cells of a map are the nearest to each box."""
    down, right = _offsets(boxes, cells)
    distances = down**2 + right**2
    count = min(matcher.nearest_cells, cells.shape[0])
    last = -ops.top_k(-distances, count)[0][..., -1:]
    return distances <= last + TIE


def _within(boxes, cells, step):
    """Tell which cells have their centre in a box, or within half a step of its middle."""
    sides = boxes[..., 2:] - boxes[..., :2]
    down, right = _offsets(boxes, cells)
    high, wide = (ops.maximum(sides[..., i], step[i])[..., None] / 2 for i in (0, 1))
    return (down <= high) & (right <= wide)
