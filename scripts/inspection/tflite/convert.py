"""From a SavedModel or a Keras model to the bytes of a .tflite, in four formats."""

import math
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from inspection.common.errors import UserError
from inspection.common.suppress_output import suppress_log, suppress_output
from inspection.keras_shared import backends
from inspection.tflite import model as tflite_model
from inspection.tflite.formats import FORMATS

BYTES_PER_WEIGHT = {"float32": 4, "float16": 2, "dynamic": 1, "int8": 1}
UNFROZEN = {"VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE"}
KEPT_SHARE = 0.25  # at least; batch norm goes away, Keras may save variables twice
INPUT_RANGE = (-1.0, 1.0)  # black and white, as mean and std of 127.5 give them


def convert(
    saved_model_dir,
    format,
    representative=None,
    custom_ops=False,
    input_range=INPUT_RANGE,
):
    """Return a SavedModel with one picture as input as the bytes of a .tflite.

    representative: returns an iterator of float32 [1, H, W, 3] in `input_range`, as the
    network sees pictures; int8 needs it to learn how large values become.
    custom_ops: let operators stay that TensorFlow Lite itself does not know.
    Raises UserError for an unknown format and for int8 without pictures.
    """
    _check_format(format, representative)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved_model_dir))
    converter.allow_custom_ops = custom_ops
    if format != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if format == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if format == "int8":
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.representative_dataset = _calibration(representative, input_range)
        converter.inference_input_type = tf.uint8
    with suppress_output():
        data = converter.convert()
    _check_weights(data, _count_weights(saved_model_dir), format)
    return data


def convert_keras(model, format, representative=None, input_range=INPUT_RANGE):
    """Return a Keras model of one picture and one output as the bytes of a .tflite."""
    backends.require("an export", backends.TENSORFLOW)
    _check_format(format, representative)
    with tempfile.TemporaryDirectory() as folder:
        save_keras(model, folder)
        return convert(folder, format, representative, input_range=input_range)


def save_keras(model, folder):
    """Write a Keras model as a SavedModel; a classifier's takes any number of pictures.

    With a batch of one, the converter writes that one into the inner shapes of deep
    networks, and serve.py could not ask about several pictures at a time.
    """
    from keras.export import ExportArchive

    (image,) = model.inputs
    batch = None if len(model.output.shape) == 2 else 1
    archive = ExportArchive()
    archive.track(model)
    archive.add_endpoint(
        "serve",
        lambda images: model(images, training=False),
        [tf.TensorSpec([batch, *image.shape[1:]], tf.float32, name="image")],
    )
    with suppress_log("tensorflow"):  # it names a temporary folder
        archive.write_out(str(folder), verbose=False)


def _check_format(format, representative):
    if format not in FORMATS:
        raise UserError(f"{format} is no format; there are: {', '.join(FORMATS)}")
    if format == "int8" and representative is None:
        raise UserError("int8 needs representative pictures, such as those of training")


def _calibration(representative, input_range):
    """Return the function that the converter asks for representative pictures.

    Two pixels of the first picture become black and white. So the input's scale is that
    of all uint8 values whatever the pictures hold, and pixels go in as they are.
    """

    def batches():
        count = 0
        for image in representative():
            image = np.array(image, np.float32)
            if not count:
                image[0, 0, :2] = np.reshape(input_range, (2, 1))
            count += 1
            yield [image]
        if not count:
            raise UserError("int8 needs representative pictures: there are none")

    return batches


def _count_weights(saved_model_dir):
    """Return how many numbers the variables of a SavedModel hold."""
    stored = tf.train.list_variables(str(Path(saved_model_dir) / "variables/variables"))
    # Keras lists every variable a second time below _all_variables
    names = ("_CHECKPOINTABLE_OBJECT_GRAPH", "_all_variables/")
    return sum(math.prod(s) for name, s in stored if not name.startswith(names))


def _check_weights(data, count, format):
    """Stop where the converter left the weights out, which it does without a word."""
    left = UNFROZEN & set(tflite_model.operator_names(tflite_model.unpack(data)))
    wanted = KEPT_SHARE * count * BYTES_PER_WEIGHT[format]
    if left or len(data) < wanted:
        raise RuntimeError(
            f"the weights are not inside: {len(data)} bytes for {count} weights, "
            f"operators {sorted(left) or 'as they should be'}"
        )
