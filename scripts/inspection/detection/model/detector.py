"""The trained network with all around it: pictures in, detections out."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import tensorflow as tf
from keras import ops

from inspection.common.detections import Detections
from inspection.common.errors import UserError
from inspection.common.notices import warn_once
from inspection.detection.config import pipeline_config
from inspection.detection.model import checkpoint
from inspection.detection.model.anchors import make_anchors
from inspection.detection.model.box_coder import scales
from inspection.detection.model.network import build_network
from inspection.detection.model.postprocess import WHOLE, decode, keep_best
from inspection.detection.model.preprocess import preprocess
from inspection.keras_shared.backends import on_tensorflow

FIRST_CLASS_ID = 1  # the network counts classes from 0, label maps from 1


class Detector:
    """Find objects in pictures with a network and the `ModelSettings` it was built from."""

    def __init__(self, network, settings):
        self.network = network
        self.settings = settings
        self.size = settings.size
        anchors = make_anchors(self.size, settings.anchors)
        self.anchors = ops.convert_to_tensor(anchors)
        # traced once for batches of any length, else the last one, which is shorter,
        # would be traced anew
        inputs = tf.TensorSpec([None, *self.size, 3]), tf.TensorSpec([None, 4])
        self._run = tf.function(self._outputs, input_signature=inputs)
        if not on_tensorflow():
            self._suppress = tf.function(self._kept)
            self._run = self._run_in_parts

    def _outputs(self, prepared, windows):
        outputs = self.network(prepared, training=False)
        decoded = decode(outputs, self.anchors, self.settings)
        return self._kept(*decoded, windows)

    def _run_in_parts(self, prepared, windows):
        """Return what `_outputs` does, the network's part as Keras computes it."""
        outputs = self.network.predict_on_batch(ops.convert_to_tensor(prepared))
        decoded = decode(outputs, self.anchors, self.settings)
        return self._suppress(*map(ops.convert_to_numpy, decoded), windows)

    def _kept(self, boxes, scores, windows):
        found = keep_best(boxes, scores, self.settings, windows)
        return {
            **found,
            "detection_classes": found["detection_classes"] + FIRST_CLASS_ID,
        }

    def detect_prepared(self, images, windows=WHOLE):
        """Return the `Detections` of each of [B, height, width, 3] images of `preprocess`.

        windows: float32 [4] or [B, 4], where in them the pictures lie.
        """
        windows = tf.broadcast_to(tf.constant(windows, tf.float32), [len(images), 4])
        found = {k: v.numpy() for k, v in self._run(images, windows).items()}
        return [
            Detections(
                boxes=found["detection_boxes"][i, :number],
                scores=found["detection_scores"][i, :number],
                class_ids=found["detection_classes"][i, :number],
            )
            for i, number in enumerate(found["num_detections"])
        ]

    def detect(self, image):
        """Return the `Detections` of one RGB picture, uint8 [H, W, 3]."""
        prepared, window = preprocess(np.asarray(image)[None], self.settings)
        return self.detect_prepared(prepared, window)[0]


def load_detector(config, path):
    """Return the detector of a `PipelineConfig` with the weights of a checkpoint.

    `path` is a checkpoint or the folder of a training, whose latest is taken.
    """
    return Detector(load_network(config, path), config.model)


def load_network(config, path):
    """Return the network of a config with the weights of a checkpoint."""
    network = build_network(config.model)
    checkpoint.restore(network, path, "full")
    warn_of_other_coder(config.model, path)
    return network


def warn_of_other_coder(settings, path):
    """Say it where the pipeline.config beside a checkpoint codes boxes in another way.

    The zoo's archives and the API's repository differ in it for EfficientDet, and
    nothing else would tell: the boxes have the wrong size.
    """
    prefix = Path(checkpoint.find_checkpoint(path))
    beside = [folder / "pipeline.config" for folder in prefix.parents[:2]]
    config = next(filter(Path.is_file, beside), None)
    if config is None:
        return
    with suppress(UserError):  # it is not the one in use, and may be of another model
        theirs, ours = pipeline_config.read(config).model.box_coder, settings.box_coder
        if theirs != ours:
            warn_once(
                f"{config}, beside the checkpoint, has the box_coder {scales(theirs)}, the "
                f"config in use {scales(ours)}: boxes will have wrong sizes; take the file "
                "that came with the checkpoint"
            )
