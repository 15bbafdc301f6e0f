"""Which anchors suit the boxes of a set: their aspect ratios and the smallest scale.

The config of the zoo has the anchors of COCO: aspect ratios 1/2, 1 and 2, the smallest
32 pixels. A crack of 20 by 200 pixels overlaps the best of them by less than a third.
"""

import dataclasses

import numpy as np

from inspection.common.errors import UserError
from inspection.detection.config.pipeline_settings import Anchors

GOOD = 0.5  # IoU of a box with an anchor about the same centre
ENOUGH = 0.95  # share of boxes that have such an anchor
MOST_RATIOS = 7
ROUNDS = 20  # of Lloyd's algorithm
SMALLEST = (4.0, 3.0, 2.0, 1.5, 1.0)  # anchor_scale to choose from
TAIL = 5  # percent of boxes that may be smaller than the smallest anchor, or thinner


def box_sizes(records, settings) -> np.ndarray:
    """Return the (height, width) of all boxes of records, as the network sees them.

    settings: `ModelSettings`; sizes are in pixels of its input, [N, 2].
    """
    sizes = [_seen(record, settings) for record in records]
    return np.concatenate(sizes) if sizes else np.zeros((0, 2))


def _seen(record, settings):
    boxes = record.box_array().astype(float)
    shares, input_size = boxes[:, 2:] - boxes[:, :2], np.array(settings.size, float)
    if not settings.pad_to_square:
        return shares * input_size
    sides = np.array([record.height, record.width])
    return shares * sides * (input_size / sides).min()


def shape_overlaps(sizes: np.ndarray, anchors: Anchors) -> np.ndarray:
    """Return the IoU of each box with the anchor that suits it best, both centred, [N].

    >>> coco = Anchors(3, 7, 4.0, (1.0, 2.0, 0.5), 2)
    >>> shape_overlaps(np.array([[32.0, 32.0], [20.0, 200.0]]), coco).round(2).tolist()
    [1.0, 0.29]
    """
    shapes = _shapes(anchors)
    shared = np.minimum(sizes[:, None], shapes[None]).prod(axis=2)
    union = sizes.prod(axis=1)[:, None] + shapes.prod(axis=1)[None] - shared
    return (shared / union).max(axis=1, initial=0)


def _shapes(anchors):
    """Return the (height, width) of all kinds of anchors, [K, 2]."""
    levels = np.arange(anchors.min_level, anchors.max_level + 1)
    octave = np.arange(anchors.scales_per_octave) / anchors.scales_per_octave
    sides = anchors.anchor_scale * 2.0 ** (levels[:, None] + octave).ravel()
    roots = np.sqrt(anchors.aspect_ratios)
    pairs = sides[:, None] / roots, sides[:, None] * roots
    return np.stack(pairs, axis=-1).reshape(-1, 2)


def propose_anchors(sizes: np.ndarray, anchors: Anchors) -> Anchors:
    """Return anchors whose aspect ratios and smallest scale come from boxes.

    sizes: (height, width) in pixels of the network's input, [N, 2]. anchors: whose levels
    and scales per octave stay. The ratios are as few as give 95 % of the boxes an anchor
    with IoU 0.5, seven at most. Raises UserError where there is no box.

    >>> long = np.array([[10.0, 80.0], [12.0, 90.0], [11.0, 100.0]])
    >>> propose_anchors(long, Anchors(3, 7, 4.0, (1.0,), 2)).aspect_ratios
    (8.2,)
    """
    if not isinstance(anchors, Anchors):
        raise UserError("the anchors of this model cannot be fitted: it has no pyramid")
    sizes = sizes[(sizes > 0).all(axis=1)]
    if not len(sizes):
        raise UserError("there is no box to fit anchors to")
    scaled = dataclasses.replace(anchors, anchor_scale=_smallest_scale(sizes, anchors))
    for count in range(1, MOST_RATIOS + 1):
        ratios = _ratios(np.log2(sizes[:, 1] / sizes[:, 0]), count)
        proposed = dataclasses.replace(scaled, aspect_ratios=ratios)
        if np.mean(shape_overlaps(sizes, proposed) >= GOOD) >= ENOUGH:
            break
    return proposed


def _smallest_scale(sizes, anchors):
    """Return the largest anchor_scale whose smallest anchor is as small as the boxes."""
    side = np.percentile(np.sqrt(sizes.prod(axis=1)), TAIL)
    step = 2**anchors.min_level
    # a quarter of an octave above it equal shapes overlap by 0.7
    fitting = [scale for scale in SMALLEST if scale * step <= side * 2**0.25]
    return fitting[0] if fitting else SMALLEST[-1]


def _ratios(logs, count):
    """Return so many ratios, rising: the means of clusters of their logarithms."""
    ends = np.percentile(logs, [TAIL / 2, 100 - TAIL / 2])
    shares = (np.arange(count) + 0.5) / count
    middles = ends[0] + (ends[1] - ends[0]) * shares
    for _ in range(ROUNDS):
        nearest = np.abs(logs[:, None] - middles).argmin(axis=1)
        for number in set(nearest.tolist()):
            middles[number] = logs[nearest == number].mean()
    return tuple(
        dict.fromkeys(float(f"{2**middle:.2g}") for middle in np.sort(middles))
    )
