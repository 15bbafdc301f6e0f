"""From codes and logits to the boxes that are kept: non-maximum suppression by class."""

import tensorflow as tf
from keras import ops

from inspection.detection import box_coder


def _clip(boxes):
    return tf.clip_by_value(boxes, 0.0, 1.0)


def _areas(boxes):
    ymin, xmin, ymax, xmax = tf.unstack(boxes, axis=-1)
    return (ymax - ymin) * (xmax - xmin)


def _suppress_class(boxes, scores, class_index, keep):
    """Return (boxes, scores, classes) that survive among the boxes of one class."""
    kept = tf.image.non_max_suppression(
        boxes,
        scores,
        max_output_size=keep.max_detections_per_class,
        iou_threshold=keep.iou_threshold,
        score_threshold=keep.score_threshold,
    )
    classes = tf.fill(tf.shape(kept), class_index)
    return tf.gather(boxes, kept), tf.gather(scores, kept), classes


def _best(boxes, scores, classes, count):
    """Return the `count` best-scored detections, padded with zeros, and their number."""
    number = tf.minimum(tf.shape(scores)[0], count)
    scores, order = tf.math.top_k(scores, number)
    pad = [[0, count - number]]
    boxes = tf.pad(tf.gather(boxes, order), pad + [[0, 0]])
    return boxes, tf.pad(scores, pad), tf.pad(tf.gather(classes, order), pad), number


def _suppress_image(boxes, scores, keep):
    by_class = [
        _suppress_class(boxes, scores[:, i], i, keep) for i in range(scores.shape[-1])
    ]
    boxes, scores, classes = (tf.concat(parts, axis=0) for parts in zip(*by_class))
    boxes = _clip(boxes)  # after suppression, as in the original
    inside = _areas(boxes) > 0
    boxes, scores, classes = (
        tf.boolean_mask(x, inside) for x in (boxes, scores, classes)
    )
    return _best(boxes, scores, classes, keep.max_total_detections)


def postprocess(outputs, anchors, model):
    """Turn the outputs of the network into detections, best first.

    Returns a dict of float32 boxes [B, M, 4] (ymin, xmin, ymax, xmax in 0..1), scores
    [B, M], int32 classes [B, M] counted from 0, and their number [B]; the rows past
    the number are zeros. M is `max_total_detections`.
    """
    boxes = box_coder.decode(
        outputs["box_encodings"], anchors, box_coder.scales(model.box_coder)
    )
    logits = outputs["class_predictions_with_background"]
    scores = ops.sigmoid(logits)[..., 1:]
    boxes, scores, classes, number = tf.map_fn(
        lambda pair: _suppress_image(pair[0], pair[1], model.post_processing),
        (boxes, scores),
        fn_output_signature=(tf.float32, tf.float32, tf.int32, tf.int32),
    )
    return {
        "detection_boxes": boxes,
        "detection_scores": scores,
        "detection_classes": classes,
        "num_detections": number,
    }
