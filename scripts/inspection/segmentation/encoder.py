"""MobileNetV2 (Sandler et al. 2018) as the encoder of a U-Net, with ImageNet weights."""

import zipfile
from pathlib import Path

import keras
import numpy as np

from inspection.datasets.errors import UserError

ALPHA = 0.35  # width of the network; the weights must be of the same
STAGES = (  # the last layer at 1/2, 1/4, 1/8 and 1/16 of the picture
    "block_1_expand_relu",
    "block_3_expand_relu",
    "block_6_expand_relu",
    "block_13_expand_relu",
)
LAST = "block_16_project_BN"  # at 1/32


def build_encoder(images, alpha=ALPHA):
    """Return the coarsest map, and those at 1/2 to 1/16 of the picture's size.

    Batch norms keep their statistics: small batches would spoil those of ImageNet.
    """
    base = keras.applications.MobileNetV2(
        input_tensor=images, alpha=alpha, include_top=False, weights=None
    )
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    taps = [base.get_layer(name).output for name in (*STAGES, LAST)]
    return taps[-1], taps[:-1]


def read_weights(source):
    """Return {layer/variable: array} of an .npz, or of what Keras downloads.

    source: a path, or "imagenet". Raises UserError where neither can be had.
    """
    if source == "imagenet":
        return _download()
    path = Path(source)
    if not path.exists():
        raise UserError(
            f"{path}: there is no such file of weights; looked from {Path.cwd()}"
        )
    if not zipfile.is_zipfile(path):
        raise UserError(f"{path} is not an .npz file")
    with np.load(path) as arrays:
        # Keras 3 names a depthwise kernel `kernel`
        return {
            name.replace("depthwise_kernel", "kernel"): arrays[name] for name in arrays
        }


def _download():
    try:
        model = keras.applications.MobileNetV2((224, 224, 3), ALPHA, include_top=False)
    except Exception as error:
        # Keras raises exceptions of every kind where there is no network
        raise UserError(
            f"the ImageNet weights could not be downloaded ({error}); offline, give an "
            f".npz of MobileNetV2 {ALPHA}, or train the plain encoder"
        ) from error
    return {
        f"{layer.name}/{variable.name}": variable.numpy()
        for layer in model.layers
        for variable in layer.variables
    }


def load_weights(network, path):
    """Put weights of MobileNetV2 (see `read_weights`) into the layers of the same name.

    Returns the number of arrays read. Raises UserError unless all of the encoder's
    layers are there, in their shapes.
    """
    stored = read_weights(path)
    known = {name.split("/")[0] for name in stored}
    wanted = {
        f"{layer.name}/{variable.name}": variable
        for layer in network.layers
        if layer.name in known or is_of_encoder(layer.name)
        for variable in layer.variables
    }
    wrong = [
        name
        for name, variable in wanted.items()
        if name not in stored or stored[name].shape != tuple(variable.shape)
    ]
    if wrong or not wanted:
        first = f", the first is {wrong[0]}" if wrong else ""
        raise UserError(
            f"{path}: {len(wrong)} of {len(wanted)} arrays are missing or of another "
            f"shape{first}; it must hold MobileNetV2 weights for alpha {ALPHA}"
        )
    for name, variable in wanted.items():
        variable.assign(stored[name])
    return len(wanted)


def is_of_encoder(name):
    """Tell whether a layer of this name belongs to MobileNetV2."""
    return name.startswith(("block_", "expanded_conv_", "Conv1", "bn_Conv1", "Conv_1"))
