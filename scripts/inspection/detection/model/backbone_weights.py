"""ImageNet weights for the backbone: from keras.applications, or from a local file."""

from pathlib import Path

import keras
import numpy as np

from inspection.common.atomic_files import whole_file
from inspection.common.errors import UserError
from inspection.detection.model import mobilenet_v2
from inspection.keras_shared import weight_arrays


def _from_keras(source, alpha):
    """Return {layer/variable: array} of "imagenet" or of an official .h5 file."""
    try:
        model = keras.applications.MobileNetV2(
            (224, 224, 3), alpha, include_top=False, weights=source
        )
    except Exception as error:
        # Keras raises exceptions of every kind: no network, another width, no HDF5
        raise UserError(_explain(error, source, alpha)) from error
    return weight_arrays.arrays_of(model.layers)


def _explain(error, source, alpha):
    if "URL fetch failure" not in str(error):
        return f"{source}: no weights for depth_multiplier {alpha}: {error}"
    return (
        "the ImageNet weights could not be downloaded. Offline? Put the file"
        f" mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{alpha}_224_no_top.h5 of"
        " https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"
        " on this machine and give its path as fine_tune_checkpoint"
    )


def check_weights(source):
    """Raise UserError where `source`, as `load_backbone` takes it, is not there."""
    if source != "imagenet" and not Path(source).exists():
        raise UserError(
            f"{source}: there is no such file of weights; give an .npz or .h5 file, or"
            ' "imagenet" to download them'
        )


def read_arrays(source, alpha):
    """Return {layer/variable: array} of `source`, as `load_backbone` takes it."""
    check_weights(source)
    if source == "imagenet":
        return _from_keras(source, alpha)
    if str(source).endswith(".npz"):
        return weight_arrays.read_npz(source)
    return _from_keras(source, alpha)


def _layers(network):
    """Return the layers of the backbone."""
    return [network.get_layer(name) for name in mobilenet_v2.layer_names_in_order()]


def save_backbone(network, path):
    """Write the weights of the backbone as an .npz that `load_backbone` reads."""
    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **weight_arrays.arrays_of(_layers(network)))


def load_backbone(network, source, alpha):
    """Put ImageNet weights into the backbone; return the number of arrays read.

    `source` is "imagenet" (downloaded by Keras, which checks its hash), an official
    "no top" .h5 file, or an .npz with arrays named `layer/variable`.
    Raises UserError for a missing file, a failed download, other names or shapes.
    """
    stored = read_arrays(source, alpha)
    whose = f"MobileNetV2 for depth_multiplier {alpha}"
    return weight_arrays.assign(stored, _layers(network), source, whose)
