"""The SSD family: one picture in, a box code and class logits per anchor out."""

import keras

from inspection.detection.config.extractors import EXTRACTORS
from inspection.detection.model.backbones import build_backbone
from inspection.detection.model.bifpn import build_bifpn
from inspection.detection.model.layer_factory import LayerFactory
from inspection.detection.model.necks import build_pyramid, build_ssd_maps
from inspection.detection.model.predictors import predict
from inspection.keras_shared import precision


def build_network(model, policy=precision.EXACT):
    """Build the network that a `ModelSettings` describes.

    policy: in how many bits it computes, of `precision.POLICIES`; its weights and its
    outputs are of 32 bits.

    Input: float32 [B, height, width, 3], RGB as `preprocess` scales it. Outputs, with
    one row for each anchor in the order of `make_anchors`: `box_encodings` [B, N, 4]
    and the logits `class_predictions_with_background` [B, N, class_columns].
    """
    images = keras.Input((*model.size, 3), name="images")
    with precision.layers_of(policy):
        codes, logits = predict(_maps(images, model.feature_extractor), model)
    outputs = {"box_encodings": codes, "class_predictions_with_background": logits}
    return keras.Model(images, outputs, name=model.feature_extractor.type)


def _maps(images, extractor):
    """Return the maps {level: map} that are searched for objects."""
    kind = EXTRACTORS[extractor.type]
    make = LayerFactory(extractor.conv_hyperparams, extractor.use_depthwise)
    maps = build_backbone(kind.backbone, images, extractor, make)
    if kind.neck == "ssd":
        return build_ssd_maps(images, maps, extractor, make)
    if kind.neck == "bifpn":
        return build_bifpn(maps, extractor.bifpn, make)
    return build_pyramid(maps, extractor, make)
