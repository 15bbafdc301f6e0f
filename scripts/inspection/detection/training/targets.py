"""Which anchor answers for which object, and what it should say."""

from keras import ops

from inspection.detection.config.pipeline_settings import AtssMatcher
from inspection.detection.model import box_coder
from inspection.detection.training.adaptive_overlap import eligible

BACKGROUND = -1  # in `matches`: the anchor answers for no object


def iou(boxes, anchors):
    """Return the intersection over union [B, M, N] of [B, M, 4] and [N, 4] boxes."""
    # coordinate by coordinate, so that the innermost of every loop is the long one
    ymin, xmin, ymax, xmax = ops.unstack(boxes[:, :, None], 4, axis=-1)
    top, left, bottom, right = ops.unstack(anchors, 4, axis=-1)
    height = ops.relu(ops.minimum(ymax, bottom) - ops.maximum(ymin, top))
    width = ops.relu(ops.minimum(xmax, right) - ops.maximum(xmin, left))
    intersection = height * width
    areas = (ymax - ymin) * (xmax - xmin) + (bottom - top) * (right - left)
    return ops.where(intersection > 0, intersection / (areas - intersection), 0.0)


def match(overlaps, real, matcher):
    """Return for each anchor the index of its object, or BACKGROUND, int32 [B, N].

    `overlaps` [B, M, N] are IoUs; `real` [B, M] is False for rows that only pad. An
    anchor takes the object it overlaps most, from the threshold up. Then every object
    takes the anchor that overlaps it most, however little; the earlier object wins.
    """
    best_object = ops.cast(ops.argmax(overlaps, axis=1), "int32")
    enough = ops.max(overlaps, axis=1) >= matcher.matched_threshold
    matches = ops.where(enough, best_object, BACKGROUND)
    if not matcher.force_match_for_each_row:
        return matches
    return _force(matches, overlaps, real)


def match_adaptively(overlaps, allowed, real, matcher):
    """Return what `match` does, of the anchors that `eligible` allows each object.

    allowed: bool [B, M, N]. An anchor that several objects may have takes the one it
    overlaps most.
    """
    among = ops.where(allowed, overlaps, 0.0)
    best_object = ops.cast(ops.argmax(among, axis=1), "int32")
    matches = ops.where(ops.max(among, axis=1) > 0, best_object, BACKGROUND)
    if not matcher.force_match_for_each_row:
        return matches
    return _force(matches, overlaps, real)


def _force(matches, overlaps, real):
    """Give every object the anchor that overlaps it most; the earlier object wins."""
    best_anchor = ops.argmax(overlaps, axis=2)
    claims = ops.one_hot(best_anchor, overlaps.shape[-1], dtype="bool")
    claims = ops.logical_and(claims, real[:, :, None])
    forced = ops.cast(ops.argmax(ops.cast(claims, "int32"), axis=1), "int32")
    return ops.where(ops.any(claims, axis=1), forced, matches)


def _at_least_one_row(boxes, classes):
    """Return both with a row that pads, where no picture of the batch has an object."""
    pictures, rows = ops.shape(classes)
    if isinstance(rows, int):  # known before anything is computed, as always on JAX
        missing = max(1 - rows, 0)
    else:
        missing = ops.maximum(1 - rows, 0)
    pads = ops.zeros((pictures, missing, 4)), ops.zeros((pictures, missing), "int32")
    return (
        ops.concatenate([boxes, pads[0]], axis=1),
        ops.concatenate([classes, pads[1]], axis=1),
    )


def assign(boxes, classes, anchors, model):
    """Return what each anchor should say about the objects of its image.

    Takes boxes float32 [B, M, 4] and classes int32 [B, M], counted from 1; rows with
    class 0 only pad. Returns (codes [B, N, 4], classes int32 [B, N] with 0 for
    background, matched float32 [B, N], 1 where the anchor answers for an object).
    """
    boxes, classes = _at_least_one_row(boxes, classes)
    real = classes > 0
    overlaps = ops.where(real[:, :, None], iou(boxes, anchors), 0.0)
    if isinstance(model.matcher, AtssMatcher):
        allowed = eligible(boxes, overlaps, anchors, model)
        matches = match_adaptively(overlaps, allowed, real, model.matcher)
    else:
        matches = match(overlaps, real, model.matcher)
    matched = matches != BACKGROUND
    index = ops.maximum(matches, 0)
    anchor_classes = ops.take_along_axis(classes, index, axis=1)
    anchor_boxes = ops.take_along_axis(boxes, index[..., None], axis=1)
    codes = box_coder.encode(anchor_boxes, anchors, box_coder.scales(model.box_coder))
    codes = ops.where(matched[..., None], codes, 0.0)
    return codes, ops.where(matched, anchor_classes, 0), ops.cast(matched, "float32")
