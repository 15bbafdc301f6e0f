"""SSD MobileNetV2 FPNLite: one picture in, a box code and class logits per anchor out.

Liu et al. 2016 (SSD, arXiv:1512.02325), Lin et al. 2017 (FPN, arXiv:1612.03144, and
focal loss with a shared head, arXiv:1708.02002), with separable convolutions throughout.
"""

import keras

from inspection.detection.model.layer_factory import LayerFactory, head_conv
from inspection.detection.model.layers import NearestUpsampling
from inspection.detection.model.mobilenet_v2 import build_backbone

BACKBONE_TOP_LEVEL = 5


def _fit(x, like, name):
    """Cut the row and column that doubling an odd size adds."""
    rows, columns = x.shape[1] - like.shape[1], x.shape[2] - like.shape[2]
    if not (rows or columns):
        return x
    return keras.layers.Cropping2D(((0, rows), (0, columns)), name=name)(x)


def _top_down(maps, min_level, depth, make):
    """Return the FPN maps {level: map} for the levels that the backbone reaches.

    The top level is a bare projection; each finer one adds the doubled map above it,
    which is already smoothed and activated, and is smoothed in turn.
    """
    top = BACKBONE_TOP_LEVEL
    number = top - min_level + 1
    x = make.conv(depth, 1, f"projection_{number}", use_bias=True)(maps[top])
    pyramid = {top: x}
    for level in range(top - 1, min_level - 1, -1):
        number = level - min_level + 1
        project = make.conv(depth, 1, f"projection_{number}", use_bias=True)
        lateral = project(maps[level])
        x = NearestUpsampling(name=f"upsampling_{number}")(x)
        x = _fit(x, lateral, f"crop_{number}")
        x = keras.layers.Add(name=f"top_down_{number}")([x, lateral])
        x = make.separable(depth, 3, f"smoothing_{number}_conv")(x)
        x = make.batch_norm(f"smoothing_{number}_batchnorm")(x)
        pyramid[level] = x = make.activation(f"smoothing_{number}_relu")(x)
    return pyramid


def build_pyramid(maps, extractor, make):
    """Return the maps {level: map} that are searched for objects, of equal depth."""
    fpn = extractor.fpn
    scaled = int(fpn.additional_layer_depth * extractor.depth_multiplier)
    depth = max(scaled, extractor.min_depth)
    pyramid = _top_down(maps, fpn.min_level, depth, make)
    for level in range(BACKBONE_TOP_LEVEL + 1, fpn.max_level + 1):
        x = make.separable(depth, 3, f"coarse_{level}_conv", 2)(pyramid[level - 1])
        x = make.batch_norm(f"coarse_{level}_batchnorm")(x)
        pyramid[level] = make.activation(f"coarse_{level}_relu")(x)
    return pyramid


def _tower(predictor):
    """Return a function that runs the prediction tower over the map of one level.

    The levels share the convolutions; each level has batch norms of its own.
    """
    make = LayerFactory(predictor.conv_hyperparams)
    convs = [
        make.separable(predictor.depth, predictor.kernel_size, f"tower_{i}_conv")
        for i in range(predictor.num_layers_before_predictor)
    ]

    def run(x, level):
        for i, conv in enumerate(convs):
            x = make.batch_norm(f"tower_{i}_batchnorm_level_{level}")(conv(x))
            x = make.activation(f"tower_{i}_relu_level_{level}")(x)
        return x

    return run


def _heads(model):
    """Return a function from the tower's maps to (box codes, class logits)."""
    cell = len(model.anchors.aspect_ratios) * model.anchors.scales_per_octave
    columns = model.num_classes + 1  # column 0 is background, trained towards zero
    predictor = model.predictor
    bias = predictor.class_prediction_bias_init
    boxes = head_conv(cell * 4, predictor.kernel_size, "box_head")
    classes = head_conv(cell * columns, predictor.kernel_size, "class_head", bias)

    def run(x, level):
        box_rows = keras.layers.Reshape((-1, 4), name=f"boxes_level_{level}")
        class_rows = keras.layers.Reshape((-1, columns), name=f"classes_level_{level}")
        return box_rows(boxes(x)), class_rows(classes(x))

    return run


def build_network(model):
    """Build the network that a `ModelSettings` describes.

    Input: float32 [B, height, width, 3], RGB scaled to -1..1. Outputs, with one row for
    each anchor in the order of `make_anchors`: `box_encodings` [B, N, 4] and the logits
    `class_predictions_with_background` [B, N, classes + 1].
    """
    extractor = model.feature_extractor
    make = LayerFactory(extractor.conv_hyperparams)
    images = keras.Input((model.image_height, model.image_width, 3), name="images")
    maps = build_backbone(images, extractor.depth_multiplier, make)
    pyramid = build_pyramid(maps, extractor, make)
    tower, heads = _tower(model.predictor), _heads(model)
    codes, logits = zip(*[heads(tower(x, i), i) for i, x in sorted(pyramid.items())])
    outputs = {
        "box_encodings": keras.layers.Concatenate(1, name="box_encodings")(codes),
        "class_predictions_with_background": keras.layers.Concatenate(
            1, name="class_predictions_with_background"
        )(logits),
    }
    return keras.Model(images, outputs, name="ssd_mobilenet_v2_fpnlite")
