"""MobileNetV2 as the detector's backbone (Sandler et al. 2018, arXiv:1801.04381).

Layer names are those of keras.applications, so that its ImageNet weights fit by name.
Every convolution pads "same", also where keras.applications pads by hand; at even sizes
both give the same values.
"""

import keras

# expansion, channels at alpha 1, stride of each of the 17 inverted residual blocks
BLOCKS = (
    [(1, 16, 1), (6, 24, 2), (6, 24, 1), (6, 32, 2)]
    + [(6, 32, 1)] * 2
    + [(6, 64, 2)]
    + [(6, 64, 1)] * 3
    + [(6, 96, 1)] * 3
    + [(6, 160, 2)]
    + [(6, 160, 1)] * 2
    + [(6, 320, 1)]
)
LEVEL_OF_BLOCK = {2: 2, 5: 3, 12: 4}  # block number -> pyramid level of its output
LAST_CHANNELS = 1280


def round_channels(channels, divisor=8):
    """Round to a multiple of `divisor`, never below 90 % of `channels`."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded


def _inverted_residual(x, number, expansion, channels, stride, make):
    prefix = f"block_{number}_" if number else "expanded_conv_"
    shortcut = x
    if number:
        x = make.expand(x, expansion * x.shape[-1], prefix + "expand")
        x = make.activation(prefix + "expand_relu")(x)
    x = make.depthwise(prefix + "depthwise", stride)(x)
    x = make.batch_norm(prefix + "depthwise_BN")(x)
    x = make.activation(prefix + "depthwise_relu")(x)
    x = make.conv(channels, 1, prefix + "project")(x)
    x = make.batch_norm(prefix + "project_BN")(x)
    if stride == 1 and shortcut.shape[-1] == channels:
        x = keras.layers.Add(name=prefix + "add")([shortcut, x])
    return x


def build_backbone(images, alpha, make):
    """Return the feature maps by pyramid level, {2: 1/4 size, ... 5: 1/32 size}."""
    x = make.conv(round_channels(32 * alpha), 3, "Conv1", strides=2)(images)
    x = make.batch_norm("bn_Conv1")(x)
    x = make.activation("Conv1_relu")(x)
    levels = {}
    for number, (expansion, channels, stride) in enumerate(BLOCKS):
        width = round_channels(channels * alpha)
        x = _inverted_residual(x, number, expansion, width, stride, make)
        if number in LEVEL_OF_BLOCK:
            levels[LEVEL_OF_BLOCK[number]] = x
    last = round_channels(LAST_CHANNELS * alpha) if alpha > 1.0 else LAST_CHANNELS
    x = make.batch_norm("Conv_1_bn")(make.conv(last, 1, "Conv_1")(x))
    levels[5] = make.activation("out_relu")(x)
    return levels


def layer_names_in_order():
    """Return the names of the layers with weights, in the order of the graph."""
    names = ["Conv1", "bn_Conv1"]
    for number in range(len(BLOCKS)):
        prefix = f"block_{number}_" if number else "expanded_conv_"
        steps = (["expand"] if number else []) + ["depthwise", "project"]
        for step in steps:
            names += [prefix + step, f"{prefix}{step}_BN"]
    return names + ["Conv_1", "Conv_1_bn"]
