"""Export a trained detector as the Object Detection API's exporter_main_v2 does."""

from pathlib import Path

import tensorflow as tf

from inspection.common.atomic_files import together, whole_folder, write_text
from inspection.common.errors import UserError
from inspection.common.text_files import read_text
from inspection.detection.config.label_map import write_label_map
from inspection.detection.export.files import (
    class_labels,
    hold,
)
from inspection.detection.export.frozen_graph import write_frozen_graph
from inspection.detection.model import checkpoint
from inspection.detection.model.anchors import make_anchors
from inspection.detection.model.detector import FIRST_CLASS_ID, load_network
from inspection.detection.model.postprocess import postprocess
from inspection.detection.model.preprocess import preprocess
from inspection.keras_shared import backends

ENCODED = {"image/encoded": tf.io.FixedLenFeature([], tf.string)}
INDEX = 'model_checkpoint_path: "ckpt-0"\nall_model_checkpoint_paths: "ckpt-0"\n'
WRITTEN = (
    "saved_model",
    "checkpoint",
    "label_map.pbtxt",
    "frozen_inference_graph.pb",
    "pipeline.config",
)


def _decode(encoded):
    return tf.io.decode_image(encoded[0], 3, expand_animations=False)[None]


def _decode_example(serialized):
    return _decode(tf.io.parse_example(serialized, ENCODED)["image/encoded"])


PICTURE, TEXT = [1, None, None, 3], [1]
# what goes in: shape, type, and what makes an RGB picture of it
INPUT_TYPES = {
    "image_tensor": (PICTURE, tf.uint8, tf.identity),
    "float_image_tensor": (PICTURE, tf.float32, tf.identity),
    "encoded_image_string_tensor": (TEXT, tf.string, _decode),
    "tf_example": (TEXT, tf.string, _decode_example),
}


def describe_input(input_type):
    """Return in words what a SavedModel of this input type takes, and nothing else."""
    shape, dtype, _ = INPUT_TYPES[input_type]
    if shape == TEXT:
        return f"{dtype.name} [1], the bytes of one picture"
    return f"{dtype.name} [1, height, width, 3], one RGB picture of 0 to 255"


class InferenceModule(tf.Module):
    """The detector with the API's signature: `input_tensor` in, a dict of arrays out."""

    def __init__(self, network, settings, input_type="image_tensor"):
        super().__init__()
        shape, dtype, self._read = INPUT_TYPES[input_type]
        self._settings = settings
        self._network, self._variables = hold(network)
        self._anchors = tf.constant(make_anchors(settings.size, settings.anchors))
        spec = tf.TensorSpec(shape, dtype, name="input_tensor")
        self.__call__ = tf.function(self._detect, input_signature=[spec])

    def _detect(self, input_tensor):
        prepared, window = preprocess(self._read(input_tensor), self._settings)
        outputs = self._network(prepared)
        found = postprocess(outputs, self._anchors, self._settings, window)
        scores, anchors = found["raw_detection_scores"], "detection_anchor_indices"
        found["detection_multiclass_scores"] = tf.gather(
            scores, found[anchors], batch_dims=1
        )
        found["detection_classes"] += FIRST_CLASS_ID
        # the API returns every number as a float
        return {name: tf.cast(value, tf.float32) for name, value in found.items()}


def _write_label_map(source, labels, output):
    """Write label_map.pbtxt: the map that was given, as it is, or one of the labels."""
    path = output / "label_map.pbtxt"
    if source and Path(source).is_file():
        write_text(path, read_text(source))
    else:
        write_label_map(labels, path)


def export(
    config,
    checkpoint_path,
    output_directory,
    input_type="image_tensor",
    label_map=None,
):
    """Write what the API writes: saved_model/, checkpoint/ and pipeline.config.

    Beside them label_map.pbtxt, of the classes of `class_labels`, and
    frozen_inference_graph.pb. Returns the paths of all. Raises UserError for a label
    map, checkpoint or type that does not fit.
    """
    backends.require("an export", backends.TENSORFLOW)
    if input_type not in INPUT_TYPES:
        known = ", ".join(INPUT_TYPES)
        raise UserError(f"{input_type} is no input type; there are: {known}")
    labels = class_labels(config, label_map)
    network = load_network(config, checkpoint_path)
    output = Path(output_directory)
    module = InferenceModule(network, config.model, input_type)
    with together():
        with whole_folder(output / "saved_model") as folder:
            tf.saved_model.save(module, str(folder), signatures=module.__call__)
        with whole_folder(output / "checkpoint") as folder:
            checkpoint.write(network, folder / "ckpt-0")
            write_text(folder / "checkpoint", INDEX)
        _write_label_map(label_map or config.label_map_path, labels, output)
        write_frozen_graph(network, config.model, output / "frozen_inference_graph.pb")
        config.write(output / "pipeline.config")
    return [output / name for name in WRITTEN]
