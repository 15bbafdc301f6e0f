"""From codes and logits to the boxes that are kept: non-maximum suppression by class."""

import tensorflow as tf
from keras import ops

from inspection.detection.model import box_coder

WHOLE = (0.0, 0.0, 1.0, 1.0)


def _clip(boxes, window):
    """Clip boxes to a window, and return them in its frame."""
    least, most = tf.tile(window[:2], [2]), tf.tile(window[2:], [2])
    return (tf.clip_by_value(boxes, least, most) - least) / (most - least)


def _areas(boxes):
    ymin, xmin, ymax, xmax = tf.unstack(boxes, axis=-1)
    return (ymax - ymin) * (xmax - xmin)


def _suppress_class(boxes, scores, class_index, keep):
    """Return (anchors, classes) of the boxes of one class that survive."""
    kept = tf.image.non_max_suppression(
        boxes,
        scores,
        max_output_size=keep.max_detections_per_class,
        iou_threshold=keep.iou_threshold,
        score_threshold=keep.score_threshold,
    )
    return kept, tf.fill(tf.shape(kept), class_index)


def _best(rows, count):
    """Return the `count` rows of the best scores, padded with zeros, and their number."""
    number = tf.minimum(tf.shape(rows[0])[0], count)
    _, order = tf.math.top_k(rows[0], number)
    best = [tf.gather(row, order) for row in rows]
    pads = [[[0, count - number]] + [[0, 0]] * (row.shape.rank - 1) for row in rows]
    return *map(tf.pad, best, pads), number


def _suppress_image(boxes, scores, window, keep):
    by_class = [
        _suppress_class(boxes, scores[:, i], i, keep) for i in range(scores.shape[-1])
    ]
    anchors, classes = (tf.concat(parts, axis=0) for parts in zip(*by_class))
    scores = tf.gather_nd(scores, tf.stack([anchors, classes], axis=1))
    # after suppression, as in the original
    boxes = _clip(tf.gather(boxes, anchors), window)
    inside = _areas(boxes) > 0
    rows = [tf.boolean_mask(x, inside) for x in (scores, boxes, classes, anchors)]
    return _best(rows, keep.max_total_detections)


def to_scores(logits, model):
    """Return the scores of logits [..., class_columns], as the config converts them."""
    if model.post_processing.score_converter == "SOFTMAX":
        return ops.softmax(logits)
    return ops.sigmoid(logits)


def decode(outputs, anchors, model):
    """Return (boxes [B, N, 4], scores [B, N, class_columns]) of a network's outputs."""
    codes, scales = outputs["box_encodings"], box_coder.scales(model.box_coder)
    logits = outputs["class_predictions_with_background"]
    return box_coder.decode(codes, anchors, scales), to_scores(logits, model)


def postprocess(outputs, anchors, model, window=WHOLE):
    """Turn the outputs of the network into detections, best first.

    window: [ymin, xmin, ymax, xmax], of all pictures or [B, 4], of the picture in what
    the network saw, of size 1; detections are given in its frame.

    Returns a dict of float32 boxes [B, M, 4] (ymin, xmin, ymax, xmax in 0..1), scores
    [B, M], int32 classes [B, M] counted from 0, and their number [B]; the rows past
    the number are zeros. M is `max_total_detections`. `detection_anchor_indices` int32
    [B, M] says which anchor each came from; `raw_detection_boxes` [B, N, 4], in what the
    network saw, and `raw_detection_scores` [B, N, class_columns] are of all anchors.
    """
    return keep_best(*decode(outputs, anchors, model), model, window)


def keep_best(boxes, scores, model, window=WHOLE):
    """Return what `postprocess` does, of boxes and scores that are decoded.

    By TensorFlow whatever Keras computes with, which has no non-maximum suppression.
    """
    windows = tf.broadcast_to(tf.cast(window, tf.float32), [tf.shape(scores)[0], 4])
    best_scores, best_boxes, classes, indices, number = tf.map_fn(
        lambda one: _suppress_image(*one, model.post_processing),
        (boxes, scores[..., model.first_class :], windows),
        fn_output_signature=(tf.float32, tf.float32, tf.int32, tf.int32, tf.int32),
    )
    return {
        "detection_boxes": best_boxes,
        "detection_scores": best_scores,
        "detection_classes": classes,
        "num_detections": number,
        "detection_anchor_indices": indices,
        "raw_detection_boxes": boxes,
        "raw_detection_scores": scores,
    }
