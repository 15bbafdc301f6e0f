"""The backbones of the detectors, from keras.applications and changed as the API does.

The API gives their convolutions its own initializer, L2 weight and batch norm, pads
"same" where Keras pads by hand, and takes relu6 for every relu.
"""

from functools import partial

import keras

from inspection.detection.model import mobilenet_v2
from inspection.detection.model.layers import PointwiseConv2D, SpareLayers, swish
from inspection.keras_shared.fused_batch_norm import FusedBatchNormalization

APPLICATIONS = {
    "mobilenet_v2": keras.applications.MobileNetV2,
    "mobilenet_v1": keras.applications.MobileNet,
    "resnet50": keras.applications.ResNet50,
    "resnet101": keras.applications.ResNet101,
    "resnet152": keras.applications.ResNet152,
} | {
    f"efficientnet-b{n}": getattr(keras.applications, f"EfficientNetB{n}")
    for n in range(8)
}
# layer whose output is the map of a pyramid level
MOBILENET_V1 = {2: "conv_pw_3_relu", 3: "conv_pw_5_relu", 4: "conv_pw_11_relu"}
MOBILENET_V1 |= {5: "conv_pw_13_relu"}
# those of B0 for all: in larger ones they lie in the middle of their stacks
EFFICIENTNET = {3: "block3b_add", 4: "block5c_add", 5: "block7a_project_bn"}
RESNET_BLOCKS = {"resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3)}
RESNET_BLOCKS |= {"resnet152": (3, 8, 36, 3)}
EFFICIENTNET_L2 = 5e-6
CLASSES = 1000  # of ImageNet: the top of EfficientNet is in every checkpoint
MOBILENET_MIN_DEPTH = 8


def build_backbone(name, images, extractor, make):
    """Return the feature maps {level: map}; a map of level n is 2**n times smaller.

    images: the tensor of the input. extractor: the `FeatureExtractor` of the config.
    """
    if name == "mobilenet_v2":
        return mobilenet_v2.build_backbone(images, extractor.depth_multiplier, make)
    if name == "mobilenet_v1":
        return _mobilenet_v1(images, extractor, make)
    if name.startswith("resnet"):
        return _resnet(name, images, extractor, make)
    return _efficientnet(name, images)


def _clone(name, images, change, **options):
    """Return a network of keras.applications on our input, each layer changed."""
    shape = tuple(images.shape[1:])
    options = {"input_shape": shape, "weights": None, **options}
    original = APPLICATIONS[name](**options)
    return keras.models.clone_model(original, images, change)


def _maps(network, names):
    return {level: network.get_layer(name).output for level, name in names.items()}


def _mobilenet_v1(images, extractor, make):
    alpha = extractor.depth_multiplier

    def width(filters):
        # the application has multiplied once, the API does it once more
        return max(int(filters * alpha), MOBILENET_MIN_DEPTH)

    change = partial(_changed, make=make, width=width)
    network = _clone("mobilenet_v1", images, change, alpha=alpha, include_top=False)
    return _maps(network, MOBILENET_V1)


def _resnet(name, images, extractor, make):
    def width(filters):
        return max(int(filters * extractor.depth_multiplier), extractor.min_depth)

    change = partial(_changed, make=make, width=width)
    network = _clone(name, images, change, include_top=False)
    ends = enumerate(RESNET_BLOCKS[name], 2)
    return _maps(network, {n: f"conv{n}_block{count}_out" for n, count in ends})


def _efficientnet(name, images):
    options = {"classes": CLASSES, "classifier_activation": None}
    network = _clone(name, images, _changed_efficientnet, **options)
    maps = _maps(network, EFFICIENTNET)
    used = set(map(id, keras.Model(images, list(maps.values())).layers))
    spare = [k for k in network.layers if k.weights and id(k) not in used]
    maps[5] = SpareLayers(spare, name="spare")(maps[5])
    return maps


def _nothing(layer):
    return keras.layers.Activation("linear", name=layer.name)


def _changed(layer, make, width):
    """Return the layer of MobileNetV1 or ResNet as the API builds it."""
    kind, name = type(layer), layer.name
    if kind is keras.layers.Conv2D:
        return _convolution(layer, make, width)
    if kind is keras.layers.DepthwiseConv2D:
        return make.depthwise(name, layer.strides[0])
    if kind is keras.layers.BatchNormalization:
        return make.batch_norm(name)
    if kind in (keras.layers.ReLU, keras.layers.Activation):
        return make.activation(name)
    if kind is keras.layers.MaxPooling2D:
        return keras.layers.MaxPooling2D(3, 2, "same", name=name)
    if kind is keras.layers.ZeroPadding2D and name != "conv1_pad":
        return _nothing(layer)
    return kind.from_config(layer.get_config())


def _convolution(layer, make, width):
    kernel = layer.kernel_size[0]
    changed = make.conv(width(layer.filters), kernel, layer.name, layer.strides)
    if kernel == 7:  # of ResNet, behind its own padding
        changed.padding = "valid"
    return changed


def _changed_efficientnet(layer):
    """Return the layer of an EfficientNet, which keeps its own settings, punished."""
    kind, config = type(layer), layer.get_config()
    dropped = (keras.layers.Rescaling, keras.layers.Normalization)
    if kind in (*dropped, keras.layers.ZeroPadding2D):
        return _nothing(layer)
    if kind is keras.layers.BatchNormalization:
        return FusedBatchNormalization.from_config(config)
    if kind is keras.layers.Activation:
        return keras.layers.Activation(swish, name=layer.name)
    if kind in (keras.layers.Conv2D, keras.layers.Dense):
        if config["activation"] in ("silu", "swish"):  # in squeeze-excite
            config["activation"] = swish
        config["kernel_regularizer"] = keras.regularizers.L2(EFFICIENTNET_L2)
        if layer.use_bias:
            config["bias_regularizer"] = keras.regularizers.L2(EFFICIENTNET_L2)
    if kind in (keras.layers.Conv2D, keras.layers.DepthwiseConv2D):
        config["padding"] = "same"
        if kind is keras.layers.Conv2D and layer.kernel_size == (1, 1):
            kind = PointwiseConv2D
    return kind.from_config(config)
