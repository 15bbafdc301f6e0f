"""Boxes as offsets from anchors, and back (Faster R-CNN's code, arXiv:1506.01497)."""

from keras import ops

DEFAULT_SCALES = (10.0, 10.0, 5.0, 5.0)  # y, x, height, width
EPSILON = 1e-8  # keeps the logarithm finite for an empty box


def scales(settings):
    """Return the (y, x, height, width) scales of a `BoxCoder` of the settings."""
    return (
        settings.y_scale,
        settings.x_scale,
        settings.height_scale,
        settings.width_scale,
    )


def to_centres(boxes):
    """Return (centre y, centre x, height, width) of (ymin, xmin, ymax, xmax) boxes."""
    ymin, xmin, ymax, xmax = ops.unstack(boxes, 4, axis=-1)
    height, width = ymax - ymin, xmax - xmin
    return ymin + height / 2, xmin + width / 2, height, width


def encode(boxes, anchors, scale=DEFAULT_SCALES):
    """Return the codes (ty, tx, th, tw) [..., 4] of boxes against their anchors."""
    yc, xc, height, width = to_centres(boxes)
    ya, xa, anchor_height, anchor_width = to_centres(anchors)
    height, width = height + EPSILON, width + EPSILON
    anchor_height, anchor_width = anchor_height + EPSILON, anchor_width + EPSILON
    codes = [
        (yc - ya) / anchor_height * scale[0],
        (xc - xa) / anchor_width * scale[1],
        ops.log(height / anchor_height) * scale[2],
        ops.log(width / anchor_width) * scale[3],
    ]
    return ops.stack(codes, axis=-1)


def decode(codes, anchors, scale=DEFAULT_SCALES):
    """Return the boxes (ymin, xmin, ymax, xmax) [..., 4] that the codes stand for."""
    ty, tx, th, tw = ops.unstack(codes, 4, axis=-1)
    ya, xa, anchor_height, anchor_width = to_centres(anchors)
    yc = ty / scale[0] * anchor_height + ya
    xc = tx / scale[1] * anchor_width + xa
    height = ops.exp(th / scale[2]) * anchor_height
    width = ops.exp(tw / scale[3]) * anchor_width
    corners = [yc - height / 2, xc - width / 2, yc + height / 2, xc + width / 2]
    return ops.stack(corners, axis=-1)
