"""U-Net (Ronneberger et al. 2015) in plain Keras, small enough for two cores.

Input: float32 [B, H, W, 3] from -1 to 1, H and W multiples of 2**depth (32 with the
MobileNetV2 encoder). Output: [B, H, W, 1], the probability of the class of each pixel.
"""

import keras
from keras import layers

from inspection.common.errors import UserError
from inspection.keras_shared.fused_batch_norm import FusedBatchNormalization
from inspection.keras_shared.precision import EXACT
from inspection.segmentation.encoder import build_encoder, load_weights

PLAIN = "plain"
MOBILENET = "mobilenet_v2"
MOBILENET_CONVOLUTIONS = (1, 4, 4, 5, 9, 3)  # 3x3 ones at each level, both ways


def double_conv(x, width, name):
    """Apply two 3x3 convolutions, each with batch normalization and ReLU."""
    for step in (1, 2):
        x = layers.Conv2D(
            width, 3, padding="same", use_bias=False, name=f"{name}_conv{step}"
        )(x)
        x = FusedBatchNormalization(momentum=0.9, name=f"{name}_norm{step}")(x)
        x = layers.ReLU(name=f"{name}_relu{step}")(x)
    return x


def join_up(x, skip, width, name):
    """Double the size of a map, put the finer one beside it and mix both."""
    # bilinear: the nearest one becomes TILE in TFLite, which phone GPUs refuse
    x = layers.UpSampling2D(interpolation="bilinear", name=f"{name}_up")(x)
    x = layers.Concatenate(name=f"{name}_join")([x, skip])
    return double_conv(x, width, name)


def build_unet(
    depth=4, width=16, encoder=PLAIN, weights=None, dropout=0.2, size=(None, None)
):
    """Return a U-Net.

    depth: times the picture is halved (always 5 with the MobileNetV2 encoder).
    width: channels at full size; each halving doubles them up to eight times.
    encoder: "plain", learnt from nothing, or "mobilenet_v2".
    weights: an .npz of the encoder's weights.
    """
    if encoder not in (PLAIN, MOBILENET):
        raise UserError(f"encoder {encoder!r} is neither {PLAIN} nor {MOBILENET}")
    if weights and encoder == PLAIN:
        raise UserError(f"weights are for the encoder {MOBILENET}, not for {PLAIN}")
    images = keras.Input((*size, 3), name="image")
    build = _mobilenet_levels if encoder == MOBILENET else _plain_levels
    x, skips, finest = build(images, depth, width)
    x = layers.Dropout(dropout, name="dropout")(x)
    for level, skip in reversed(list(enumerate(skips, finest))):
        x = join_up(x, skip, channels(width, level), f"up{level}")
    # 16-bit scores are too coarse for a loss
    x = layers.Conv2D(1, 1, dtype=EXACT, name="score")(x)
    if finest:
        up = {"interpolation": "bilinear", "dtype": EXACT, "name": "score_up"}
        x = layers.UpSampling2D(**up)(x)
    mask = layers.Activation("sigmoid", dtype=EXACT, name="mask")(x)
    network = keras.Model(images, mask, name="unet")
    if weights:
        load_weights(network, weights)
    return network


def channels(width, level):
    """Return the channels at a level: 0 is full size, each next one half of it."""
    return width * 2 ** min(level, 3)


def _plain_levels(x, depth, width):
    """Return the coarsest map, the finer ones, finest first, and the finest's level."""
    skips = []
    for level in range(depth):
        x = double_conv(x, channels(width, level), f"down{level}")
        skips.append(x)
        x = layers.MaxPooling2D(name=f"pool{level}")(x)
    return double_conv(x, channels(width, depth), "bottom"), skips, 0


def _mobilenet_levels(images, depth, width):
    # it begins at half size; the doubled answer is as good as masks drawn by hand are,
    # and the convolutions at full size would double the price
    return *build_encoder(images), 1


def stride_of(network):
    """Return what heights and widths of the input must be multiples of."""
    names = [layer.name for layer in network.layers]
    return 2 ** sum(name.endswith("_up") for name in names)


def reach_of(network):
    """Return how many pixels away one pixel can change the probability of another.

    Each 3x3 convolution reaches one pixel of its level further, and so do halving and
    bilinear doubling; a pixel of level n is 2**n pixels of the picture.
    """
    depth = stride_of(network).bit_length() - 1
    plain = "pool0" in [layer.name for layer in network.layers]
    convolutions = [4] * depth + [2] if plain else MOBILENET_CONVOLUTIONS
    return sum((count + 2) * 2**level for level, count in enumerate(convolutions))
