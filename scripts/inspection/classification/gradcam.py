"""Where a classifier looked: Grad-CAM (Selvaraju et al., ICCV 2017)."""

import cv2
import keras
import numpy as np
import tensorflow as tf

from inspection.classification.model import HEAD, POOL


def grad_cam(classifier, image, class_id=-1):
    """Return float32 [h, w], 0..1: how much each place spoke for a class.

    image: RGB 0..255 [size, size, 3]. class_id: the last class if not given. The map is
    as coarse as the features, and enlarged; the strongest place is 1, also where the
    class is unlikely.
    """
    pool = classifier.get_layer(POOL)
    backbone = keras.Model(classifier.input, pool.input)
    features = backbone(np.asarray(image, np.float32)[None], training=False)
    with tf.GradientTape() as tape:
        tape.watch(features)
        score = _logit(classifier.get_layer(HEAD), pool(features), class_id)
    slopes = tape.gradient(score, features)[0]
    weights = tf.reduce_mean(slopes, axis=(0, 1))
    heat = np.maximum(np.sum(features[0] * weights, axis=-1), 0).astype(np.float32)
    heat = cv2.resize(heat, np.shape(image)[1::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(heat / max(heat.max(), 1e-9), 0, 1)


def _logit(head, features, class_id):
    """Return the score of a class before sigmoid or softmax, where slopes do not end."""
    last = head.get_layer("scores")
    scores = (head.get_layer("scale")(features) @ last.kernel + last.bias)[0]
    if len(scores) > 1:
        return scores[class_id]
    return scores[0] if class_id else -scores[0]
