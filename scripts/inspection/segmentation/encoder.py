"""MobileNetV2 (Sandler et al. 2018) as the encoder of a U-Net, with ImageNet weights."""

import keras

from inspection.keras_shared import weight_arrays
from inspection.keras_shared.pretrained import mobilenet_v2_arrays

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


def load_weights(network, path):
    """Put weights of MobileNetV2 into the layers of the same name; return their number.

    path: what `mobilenet_v2_arrays` takes. Raises UserError unless all of the encoder's
    layers are there, in their shapes.
    """
    stored = mobilenet_v2_arrays(path, ALPHA)
    known = {name.split("/")[0] for name in stored}
    layers = [k for k in network.layers if k.name in known or is_of_encoder(k.name)]
    whose = f"MobileNetV2 for alpha {ALPHA}"
    return weight_arrays.assign(stored, layers, path, whose)


def is_of_encoder(name):
    """Tell whether a layer of this name belongs to MobileNetV2."""
    return name.startswith(("block_", "expanded_conv_", "Conv1", "bn_Conv1", "Conv_1"))
