"""ImageNet weights for the backbone: from keras.applications, or from a local file."""

import numpy as np

from inspection.common.atomic_files import atomic_write
from inspection.detection.model import mobilenet_v2
from inspection.keras_shared import weight_arrays
from inspection.keras_shared.pretrained import mobilenet_v2_arrays


def _layers(network):
    """Return the layers of the backbone."""
    return [network.get_layer(name) for name in mobilenet_v2.layer_names_in_order()]


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
    stored = mobilenet_v2_arrays(source, alpha)
    whose = f"MobileNetV2 for depth_multiplier {alpha}"
    return weight_arrays.assign(stored, _layers(network), source, whose)
