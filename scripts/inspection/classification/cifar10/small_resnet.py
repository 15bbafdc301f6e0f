"""Residual networks for pictures of 32x32: their first layer keeps every pixel.

The stem of the ImageNet networks halves the picture twice before the first block, which
suits 224 pixels and leaves 8 of 32. Here the stem is one 3x3 convolution, no pooling.
ResNet-20 and ResNet-50: He et al., 2015, arXiv:1512.03385 (4.2 and table 1). ResNet-9,
after D. Page's "How to train your ResNet": few, wide layers, which a CPU likes.

Every network takes RGB from 0 to 255, of any value type, and returns logits.
"""

import math
from functools import partial

import keras
from keras import layers

from inspection.common.errors import UserError
from inspection.keras_shared import precision
from inspection.keras_shared.fused_batch_norm import FusedBatchNormalization


def build_network(name, num_classes, size=32):
    """Return a network of NETWORKS, [B, size, size, 3] of 0..255 -> logits [B, C]."""
    if name not in NETWORKS:
        raise UserError(f"no network {name!r}; there are: {', '.join(NETWORKS)}")
    inputs = keras.Input((size, size, 3), name="image")
    x = layers.Rescaling(1 / 127.5, -1.0, name="to_unit")(inputs)
    features = NETWORKS[name](x)
    # 16-bit logits are too coarse for a loss
    logits = layers.Dense(num_classes, dtype="float32", name="logits")(features)
    return keras.Model(inputs, logits, name=name)


def with_probabilities(network):
    """Return the network in 32 bits with softmax behind it, for use outside training."""
    network = precision.in_float32(network)
    scores = layers.Softmax(dtype="float32", name="scores")(network.output)
    return keras.Model(network.input, scores, name=network.name)


def multiply_adds(network):
    """Return how often a network multiplies and adds for one picture."""
    total = 0
    for layer in network.layers:
        if isinstance(layer, layers.Conv2D):
            height, width = layer.output.shape[1:3]
            total += height * width * math.prod(layer.kernel.shape)
        elif isinstance(layer, layers.Dense):
            total += math.prod(layer.kernel.shape)
    return total


def conv(x, filters, kernel=3, strides=1, active=True):
    """Convolve, normalize, and rectify unless told otherwise."""
    x = layers.Conv2D(
        filters,
        kernel,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    x = FusedBatchNormalization(momentum=0.9, epsilon=1e-5)(x)
    return layers.ReLU()(x) if active else x


def resnet9(x, widths):
    """Return the features of four stages, the second and the fourth with a shortcut."""
    first, second, third, fourth = widths
    x = conv(x, first)
    x = layers.MaxPooling2D()(conv(x, second))
    x = layers.Add()([x, conv(conv(x, second), second)])
    x = layers.MaxPooling2D()(conv(x, third))
    x = layers.MaxPooling2D()(conv(x, fourth))
    x = layers.Add()([x, conv(conv(x, fourth), fourth)])
    # the largest values are large: unscaled, the first logits would be far off
    return layers.Rescaling(1 / 8)(layers.GlobalMaxPooling2D()(x))


def basic_block(x, filters, strides):
    """Add two 3x3 convolutions to what came in."""
    change = conv(conv(x, filters, 3, strides), filters, active=False)
    return layers.ReLU()(layers.Add()([_shortcut(x, filters, strides), change]))


def bottleneck(x, filters, strides):
    """Add 1x1, 3x3, 1x1 convolutions to what came in: narrow inside, 4 times as wide."""
    change = conv(conv(x, filters, 1), filters, 3, strides)
    change = conv(change, 4 * filters, 1, active=False)
    return layers.ReLU()(layers.Add()([_shortcut(x, 4 * filters, strides), change]))


def staged(x, stem, block, widths, counts):
    """Return the features of a stem and of stages of blocks, each half as large."""
    x = conv(x, stem)
    for stage, (filters, count) in enumerate(zip(widths, counts, strict=True)):
        for number in range(count):
            x = block(x, filters, 2 if stage and not number else 1)
    return layers.GlobalAveragePooling2D(dtype="float32")(x)


def _shortcut(x, filters, strides):
    if strides == 1 and x.shape[-1] == filters:
        return x
    return conv(x, filters, 1, strides, active=False)


NETWORKS = {
    "resnet9_small": partial(resnet9, widths=(16, 32, 64, 128)),
    "resnet9": partial(resnet9, widths=(24, 48, 96, 192)),
    "resnet20": partial(
        staged, stem=16, block=basic_block, widths=(16, 32, 64), counts=(3, 3, 3)
    ),
    "resnet50": partial(
        staged,
        stem=64,
        block=bottleneck,
        widths=(64, 128, 256, 512),
        counts=(3, 4, 6, 3),
    ),
}
