"""Networks of keras.applications as backbones, each with its own preprocessing inside.

A backbone takes RGB from 0 to 255 and returns a map of features. VGG16 and ResNet50 were
trained on BGR less the mean of ImageNet, ResNet50V2 and MobileNetV2 on -1 to 1. Whoever
mixes these up gets no error, only worse figures: so nobody has to do it by hand.
"""

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np

from inspection.common.errors import UserError
from inspection.keras_shared import weight_arrays
from inspection.keras_shared.precision import EXACT
from inspection.keras_shared.pretrained import MOBILENET_V2, build_with_weights

# layers around a backbone that compute in 32 bits also where it does not
IN_32_BITS = ("enlarge", "to_unit", "less_mean", "pool", "head", "logits")
IMAGENET_BGR = (103.939, 116.779, 123.68)  # means of the "caffe" networks


@dataclass(frozen=True)
class Backbone:
    """What a backbone is: how it is built, what it wants, where it is trained on."""

    title: str
    build: object
    input: str  # "bgr": less the mean of ImageNet; "unit": -1 to 1
    weights: str  # the official file without top, below pretrained.PLACE


def _mobilenet(alpha):
    return partial(keras.applications.MobileNetV2, alpha=alpha)


BACKBONES = {
    "vgg16": Backbone(
        "VGG16",
        keras.applications.VGG16,
        "bgr",
        "vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
    ),
    "resnet50": Backbone(
        "ResNet50",
        keras.applications.ResNet50,
        "bgr",
        "resnet/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
    ),
    "resnet50v2": Backbone(
        "ResNet50V2",
        keras.applications.ResNet50V2,
        "unit",
        "resnet/resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
    ),
    "mobilenetv2": Backbone(
        "MobileNetV2", _mobilenet(1.0), "unit", MOBILENET_V2.format("1.0")
    ),
    "mobilenetv2_035": Backbone(
        "MobileNetV2 0.35", _mobilenet(0.35), "unit", MOBILENET_V2.format("0.35")
    ),
}


def build_backbone(name, size, weights="none"):
    """Return a Keras model, float RGB 0..255 [B, size, size, 3] -> [B, h, w, C].

    weights: "none" (random, by the seed of Keras), "imagenet" (downloaded by Keras,
    which checks the hash), an official .h5 without top, or an .npz of arrays named
    layer/variable. Raises UserError where they cannot be had, or do not fit.
    """
    backbone = find_backbone(name)
    from_keras = weights if not str(weights).endswith(".npz") else "none"
    network = _from_keras(backbone, size, str(from_keras))
    if str(weights).endswith(".npz"):
        stored = weight_arrays.read_npz(weights)
        weight_arrays.assign(stored, network.layers, weights, network.name)
    inputs = keras.Input((size, size, 3), name="image")
    features = network(prepare(inputs, backbone.input))
    return keras.Model(inputs, features, name=f"{name}_backbone")


def find_backbone(name):
    """Return a Backbone by its key; raise UserError with the keys there are."""
    if name not in BACKBONES:
        raise UserError(f"no backbone {name!r}; there are: {', '.join(BACKBONES)}")
    return BACKBONES[name]


def prepare(images, kind):
    """Return RGB 0..255 as a network of that kind of input wants it, by Keras layers."""
    rescale = partial(keras.layers.Rescaling, dtype=EXACT)
    if kind == "unit":
        return rescale(1 / 127.5, -1.0, name="to_unit")(images)
    bgr = keras.ops.flip(images, axis=-1)
    offset = [-mean for mean in IMAGENET_BGR]
    return rescale(1.0, offset, name="less_mean")(bgr)


def weights_digest(model):
    """Return a short SHA-256 of all weights of a model, in their order."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()[:16]


def save_npz(network, path):
    """Write the weights of a network's layers as float16 arrays named layer/variable."""
    arrays = weight_arrays.arrays_of(network.layers)
    np.savez_compressed(path, **{k: a.astype("float16") for k, a in arrays.items()})


def inner_network(backbone):
    """Return the network of keras.applications inside a model of `build_backbone`."""
    return next(k for k in backbone.layers if isinstance(k, keras.Model))


def _from_keras(backbone, size, weights):
    if weights not in ("none", "imagenet") and not Path(weights).is_file():
        raise UserError(
            f'weights {weights!r}: give "none", "imagenet", or a file, .h5 or .npz'
        )
    build = partial(backbone.build, input_shape=(size, size, 3), include_top=False)
    wanted = None if weights == "none" else weights
    return build_with_weights(build, wanted, backbone.title, backbone.weights)
