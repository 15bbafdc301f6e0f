"""Probabilities of a picture: whole, turned and averaged, or tile by tile."""

import cv2
import numpy as np

from inspection.datasets.images.resizing import resize_area
from inspection.segmentation.batches import scale
from inspection.segmentation.unet import reach_of, stride_of

TURNS = (  # what is done to a picture, and what undoes it
    (lambda x: x, lambda x: x),
    (lambda x: x[:, ::-1], lambda x: x[:, ::-1]),
    (lambda x: x[::-1], lambda x: x[::-1]),
    (lambda x: np.rot90(x, 2), lambda x: np.rot90(x, 2)),
)


def probability(network, image, size, turns=1):
    """Return the probability of the class of each pixel, float32 [H, W].

    The picture is resized to the square `size` that the network was trained on, and
    the answer back. turns: 4 averages over the picture, its mirror images and its half
    turn (test-time augmentation), at four times the price.
    """
    small = resize_area(image, (size, size))
    views = np.stack([turn(small) for turn, _ in TURNS[:turns]])
    answers = network.predict_on_batch(scale(views))[..., 0]
    undone = [back(a) for (_, back), a in zip(TURNS[:turns], answers, strict=False)]
    mean = np.mean(undone, axis=0, dtype=np.float32)
    height, width = image.shape[:2]
    return cv2.resize(mean, (width, height), interpolation=cv2.INTER_LINEAR)


def probabilities(network, images, size, turns=1):
    """Return `probability` of each picture."""
    return [probability(network, image, size, turns) for image in images]


def tiled_probability(network, image, tile=512, margin=None):
    """Return the probability of each pixel of a large picture, tile by tile.

    Each tile is computed with `margin` pixels around it and cut to its core, so it
    knows what its neighbours show. By default the margin is as far as the network sees:
    the result is then that of the whole picture at once, and memory is that of one
    tile. Less is faster and leaves faint seams. The network sees the picture at its
    own size, not resized: train on pictures, or cuts of them, of the same scale.
    """
    step = stride_of(network)
    margin = reach_of(network) if margin is None else margin
    margin, tile = _round_up(margin, step), _round_up(tile, step)
    height, width = image.shape[:2]
    result = np.empty((height, width), np.float32)
    for top in range(0, height, tile):
        for left in range(0, width, tile):
            core = np.s_[top : min(top + tile, height), left : min(left + tile, width)]
            result[core] = _one_tile(network, image, core, margin, step)
    return result


def whole_probability(network, image):
    """Return the probability of each pixel of a picture at its own size, at once."""
    height, width = image.shape[:2]
    core = np.s_[0:height, 0:width]
    return _one_tile(network, image, core, 0, stride_of(network))


def _one_tile(network, image, core, margin, step):
    """Return the probability of a core, computed from it and `margin` around it."""
    rows, columns = core
    top, left = max(0, rows.start - margin), max(0, columns.start - margin)
    bottom = min(image.shape[0], rows.stop + margin)
    right = min(image.shape[1], columns.stop + margin)
    piece = image[top:bottom, left:right]
    # the picture's own end is mirrored up to what the network can halve
    below, beside = -piece.shape[0] % step, -piece.shape[1] % step
    piece = np.pad(piece, ((0, below), (0, beside), (0, 0)), "symmetric")
    answer = np.asarray(network(scale(piece[None]), training=False))[0, ..., 0]
    answer = answer[rows.start - top :, columns.start - left :]
    return answer[: rows.stop - rows.start, : columns.stop - columns.start]


def _round_up(value, step):
    return -(-value // step) * step
