"""Model Garden's network behind the interface of our detector, for our COCO code."""

import numpy as np
import tensorflow as tf
from official.vision.ops import preprocess_ops

from inspection.common.detections import Detections
from inspection.common.suppress_output import suppress_remarks
from inspection.detection.model.preprocess import normalize, resize
from inspection.model_garden import TALKATIVE

MEAN = np.array(preprocess_ops.MEAN_NORM, np.float32)  # of ImageNet, in 0..1
STD = np.array(preprocess_ops.STDDEV_NORM, np.float32)


def standardize(images):
    """Return images in -1..1 as Model Garden's networks want them."""
    return ((images + 1) / 2 - MEAN) / STD


class GardenDetector:
    """Find objects in pictures with a trained model."""

    def __init__(self, model, experiment):
        self.model = model
        self.size = tuple(experiment.task.model.input_size[:2])
        self._run = tf.function(self._outputs, reduce_retracing=True)

    def _outputs(self, prepared):
        images = standardize(prepared)
        shape = tf.tile(tf.constant([self.size], tf.float32), [tf.shape(images)[0], 1])
        with suppress_remarks(*TALKATIVE):
            return self.model(images, image_shape=shape, training=False)

    def detect_prepared(self, images, windows=None):
        """Return the `Detections` of each of [B, height, width, 3] images in -1..1.

        windows: of padded pictures; these are not, so that it changes nothing.
        """
        found = self._run(images)
        boxes = found["detection_boxes"].numpy() / np.tile(self.size, 2)
        scores = found["detection_scores"].numpy()
        class_ids = found["detection_classes"].numpy()
        counts = found["num_detections"].numpy()
        return [
            Detections(
                boxes=boxes[i, :n], scores=scores[i, :n], class_ids=class_ids[i, :n]
            )
            for i, n in enumerate(counts)
        ]

    def detect(self, image):
        """Return the `Detections` of one RGB picture, uint8 [H, W, 3]."""
        prepared = resize(normalize(np.asarray(image)[None]), self.size)
        return self.detect_prepared(prepared)[0]
