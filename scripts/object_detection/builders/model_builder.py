"""A detection model of a config, to restore a checkpoint into and to look through."""

import numpy as np
import tensorflow as tf
from google.protobuf import text_format

from inspection.common.errors import UserError
from inspection.common.notices import warn_once
from inspection.detection.config import textproto
from inspection.detection.config.pipeline_config import PipelineConfig
from inspection.detection.model.anchors import make_anchors
from inspection.detection.model.checkpoint import checkpoint_tree, variables_by_key
from inspection.detection.model.network import build_network
from inspection.detection.model.postprocess import postprocess
from inspection.detection.model.preprocess import fitted_size, preprocess
from object_detection import refuse_others

__getattr__ = refuse_others(__name__)


def build(model_config, is_training=False, add_summaries=True):
    """Return the model of a DetectionModel message; it has random weights at first.

    Raises UserError for training, and DatasetError for what the engine cannot build.
    """
    if is_training:
        raise UserError("is_training=True: train with model_main_tf2.py, as a command")
    text = f"model {{\n{text_format.MessageToString(model_config)}}}\n"
    config = PipelineConfig(textproto.parse(text, "model"), "the model of the config")
    return DetectionModel(config.model)


class DetectionModel(tf.Module):
    """Pictures in, detections out, in the three steps of the API.

    tf.train.Checkpoint(model=it).restore(path) reads the API's checkpoints and ours.
    """

    def __init__(self, settings):
        super().__init__(name="detection_model")
        network = build_network(settings)
        # not as attributes: a checkpoint would get them under these names, too
        object.__setattr__(self, "_network", network)
        variables = variables_by_key(network)
        tree = checkpoint_tree(variables)["model"]
        self._feature_extractor = tree["_feature_extractor"]
        self._box_predictor = tree["_box_predictor"]
        first = next(iter(variables.values()))
        object.__setattr__(self, "_untouched", (first, first.numpy()))
        self._settings = settings
        self._anchors = tf.constant(make_anchors(settings.size, settings.anchors))

    def preprocess(self, inputs):
        """Return what the network reads of float RGB [B, H, W, 3] in 0..255.

        Beside it int32 [B, 3], height, width and channels of each picture in it.
        """
        prepared, _ = preprocess(inputs, self._settings)
        shape = tf.concat([fitted_size(inputs, self._settings), [3]], 0)
        return prepared, tf.tile(shape[None], [tf.shape(prepared)[0], 1])

    def predict(self, preprocessed_inputs, true_image_shapes):
        """Return the dict of box codes [B, N, 4] and class logits [B, N, columns]."""
        self._warn_of_random_weights()
        found = self._network(preprocessed_inputs, training=False)
        return {
            **found,
            "preprocessed_inputs": preprocessed_inputs,
            "anchors": self._anchors,
        }

    def postprocess(self, prediction_dict, true_image_shapes):
        """Return the API's dict of detections; classes count from 0, numbers are floats."""
        sides = tf.cast(true_image_shapes[:, :2], tf.float32)
        ends = sides / tf.constant(self._settings.size, tf.float32)
        windows = tf.concat([tf.zeros_like(ends), ends], axis=1)
        found = postprocess(prediction_dict, self._anchors, self._settings, windows)
        found["detection_multiclass_scores"] = tf.gather(
            found["raw_detection_scores"],
            found["detection_anchor_indices"],
            batch_dims=1,
        )
        return {name: tf.cast(value, tf.float32) for name, value in found.items()}

    def _warn_of_random_weights(self):
        variable, values = self._untouched
        with tf.init_scope():
            if np.array_equal(variable.numpy(), values):
                warn_once("no checkpoint was restored: this model answers at random")
