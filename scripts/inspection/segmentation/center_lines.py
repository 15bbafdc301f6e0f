"""The loss of center lines, clDice: is the line of a crack whole?

Shit et al. 2021, arXiv:2003.07311. The skeleton of each map, its center lines, is to lie
in the other map: a gap of one pixel in a thin crack loses little area, but a piece of
the line. Skeletons are made with pooling, so that a gradient passes through.
"""

from keras import ops

STEPS = 10  # of thinning: lines of up to twice as many pixels become skeletons


def center_line_loss(y_true, y_pred, steps=STEPS):
    """Return 1 - clDice over all pixels of a batch, [B, H, W, 1] in 0..1."""
    y_true = ops.cast(y_true, y_pred.dtype)
    found, wanted = soft_skeleton(y_pred, steps), soft_skeleton(y_true, steps)
    # 1 keeps a batch without a crack finite
    precision = (ops.sum(found * y_true) + 1) / (ops.sum(found) + 1)
    recall = (ops.sum(wanted * y_pred) + 1) / (ops.sum(wanted) + 1)
    return 1 - 2 * precision * recall / (precision + recall)


def soft_skeleton(image, steps=STEPS):
    """Return how much each pixel is of a center line, in the shape of the image.

    image: [B, H, W, 1] in 0..1. Whatever an opening takes away is of a line; then the
    image is thinned by a pixel all around, and asked again.
    """
    skeleton = ops.relu(image - _open(image))
    for _ in range(steps):
        image = _erode(image)
        rest = ops.relu(image - _open(image))
        skeleton = skeleton + rest * (1 - skeleton)
    return skeleton


def _erode(image):
    """Return the least of each pixel and its four neighbours."""
    down, across = (-_largest(-image, size) for size in ((3, 1), (1, 3)))
    return ops.minimum(down, across)


def _open(image):
    return _largest(_erode(image), (3, 3))


def _largest(image, size):
    return ops.max_pool(image, size, strides=1, padding="same")
