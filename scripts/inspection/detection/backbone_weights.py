"""ImageNet weights for the backbone: from keras.applications, or from a local file."""

import zipfile
from pathlib import Path

import keras
import numpy as np

from inspection.datasets.errors import UserError
from inspection.datasets.files import whole_file
from inspection.detection import mobilenet_v2


def _from_keras(source, alpha):
    """Return {layer/variable: array} of "imagenet" or of an official .h5 file."""
    try:
        model = keras.applications.MobileNetV2(
            (224, 224, 3), alpha, include_top=False, weights=source
        )
    except Exception as error:
        # Keras raises exceptions of every kind: no network, another width, no HDF5
        raise UserError(_explain(error, source, alpha)) from error
    return {
        f"{layer.name}/{variable.name}": variable.numpy()
        for layer in model.layers
        for variable in layer.variables
    }


def _explain(error, source, alpha):
    if "URL fetch failure" not in str(error):
        return f"{source}: no weights for depth_multiplier {alpha}: {error}"
    return (
        "the ImageNet weights could not be downloaded. Offline? Put the file"
        f" mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{alpha}_224_no_top.h5 of"
        " https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"
        " on this machine and give its path as fine_tune_checkpoint"
    )


def _from_npz(path):
    """Return {layer/variable: array}; Keras 3 names a depthwise kernel `kernel`."""
    if not zipfile.is_zipfile(path):
        raise UserError(f"{path} is not an .npz file")
    with np.load(path) as arrays:
        return {
            name.replace("depthwise_kernel", "kernel"): arrays[name] for name in arrays
        }


def read_arrays(source, alpha):
    """Return {layer/variable: array} of `source`, as `load_backbone` takes it."""
    if source == "imagenet":
        return _from_keras(source, alpha)
    if not Path(source).exists():
        raise UserError(
            f"{source}: there is no such file of weights; give an .npz or .h5 file, or"
            ' "imagenet" to download them'
        )
    return (
        _from_npz(source)
        if str(source).endswith(".npz")
        else _from_keras(source, alpha)
    )


def _variables(network):
    """Return {layer/variable: variable} of the backbone."""
    return {
        f"{name}/{variable.name}": variable
        for name in mobilenet_v2.layer_names_in_order()
        for variable in network.get_layer(name).variables
    }


def save_backbone(network, path):
    """Write the weights of the backbone as an .npz that `load_backbone` reads."""
    arrays = {key: variable.numpy() for key, variable in _variables(network).items()}
    with whole_file(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)


def load_backbone(network, source, alpha):
    """Put ImageNet weights into the backbone; return the number of arrays read.

    `source` is "imagenet" (downloaded by Keras, which checks its hash), an official
    "no top" .h5 file, or an .npz with arrays named `layer/variable`.
    Raises UserError for a missing file, a failed download, other names or shapes.
    """
    stored = read_arrays(source, alpha)
    wanted = _variables(network)
    wrong = [
        k for k, v in wanted.items() if k not in stored or stored[k].shape != v.shape
    ]
    if wrong:
        raise UserError(
            f"{source}: {len(wrong)} of {len(wanted)} arrays are missing or of another"
            f" shape, the first is {wrong[0]}; are the weights for depth_multiplier {alpha}?"
        )
    for key, variable in wanted.items():
        variable.assign(stored[key])
    return len(wanted)
