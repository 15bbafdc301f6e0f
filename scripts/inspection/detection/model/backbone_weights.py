"""ImageNet weights for the backbone: from keras.applications, or from a local file."""

from functools import partial

import numpy as np

from inspection.common.atomic_files import atomic_write
from inspection.detection.config.extractors import EXTRACTORS
from inspection.detection.model.backbones import APPLICATIONS
from inspection.detection.model.checkpoint_keys import backbone_layers
from inspection.keras_shared import weight_arrays
from inspection.keras_shared.pretrained import (
    build_with_weights,
    check_source,
    mobilenet_v2_arrays,
)

TOP = "predictions"  # of EfficientNet: no picture runs through it
OFFICIAL = "{}_no_top.h5"


def _layers(network):
    """Return the layers of the backbone, without a top."""
    return [layer for layer in backbone_layers(network) if layer.name != TOP]


def save_backbone(network, path):
    """Write the weights of the backbone as an .npz that `load_backbone` reads."""
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **weight_arrays.arrays_of(_layers(network)))


def load_backbone(network, source, alpha):
    """Put ImageNet weights into the backbone; return the number of arrays read.

    `source` is "imagenet" (downloaded by Keras, which checks its hash), an official
    "no top" .h5 file, or an .npz with arrays named `layer/variable`.
    Raises UserError for a missing file, a failed download, other names or shapes.
    """
    name = EXTRACTORS[network.name].backbone
    stored = _arrays(name, source, alpha)
    whose = f"{APPLICATIONS[name].__name__} for depth_multiplier {alpha}"
    return weight_arrays.assign(stored, _layers(network), source, whose)


def _arrays(name, source, alpha):
    if name == "mobilenet_v2":
        return mobilenet_v2_arrays(source, alpha)
    check_source(source)
    if str(source).endswith(".npz"):
        return weight_arrays.read_npz(source)
    application, options = APPLICATIONS[name], {"include_top": False}
    if name == "mobilenet_v1":
        options["alpha"] = alpha
    title = application.__name__
    build = partial(application, **options)
    network = build_with_weights(build, source, title, OFFICIAL.format(title))
    return fold_biases(weight_arrays.arrays_of(network.layers))


def fold_biases(arrays):
    """Return arrays without the biases of convolutions that stand before a batch norm.

    keras.applications gives ResNet's convolutions a bias. The API has none: what a
    bias adds, the mean of the norm behind takes away.
    """
    folded = dict(arrays)
    for name in arrays:
        norm = name.removesuffix("_conv/bias") + "_bn/moving_mean"
        if name.endswith("_conv/bias") and norm in arrays:
            folded[norm] = folded[norm] - folded.pop(name)
    return folded
