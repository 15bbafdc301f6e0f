"""Every SSD model of the zoo, built: variables, L2 terms and anchors as the original has."""

import pytest

from inspection.detection.config import base_configs
from inspection.detection.model import checkpoint
from inspection.detection.model.anchors import make_anchors
from inspection.detection.model.checkpoint_facts import identify
from inspection.detection.model.network import build_network

# variables, terms of L2, anchors; counted with the original but for D5 and D7, which
# follow from the same formulas
MODELS = {
    "ssd_mobilenet_v2_320x320": (324, 72, 1917),
    "ssd_mobilenet_v2_fpnlite_320x320": (384, 63, 12804),
    "ssd_mobilenet_v2_fpnlite_640x640": (384, 63, 51150),
    "ssd_mobilenet_v1_fpn_640x640": (333, 44, 51150),
    "ssd_resnet50_v1_fpn_640x640": (463, 70, 51150),
    "ssd_resnet50_v1_fpn_1024x1024": (463, 70, 130944),
    "ssd_resnet101_v1_fpn_640x640": (718, 121, 51150),
    "ssd_resnet101_v1_fpn_1024x1024": (718, 121, 130944),
    "ssd_resnet152_v1_fpn_640x640": (973, 172, 51150),
    "ssd_resnet152_v1_fpn_1024x1024": (973, 172, 130944),
    "efficientdet_d0": (683, 159, 49104),
    "efficientdet_d1": (875, 216, 76725),
    "efficientdet_d2": (939, 232, 110484),
    "efficientdet_d3": (1106, 268, 150381),
    "efficientdet_d4": (1284, 320, 196416),
    "efficientdet_d5": (None, 361, 306900),
    "efficientdet_d6": (1572, 415, 371349),
    "efficientdet_d7": (1572, 415, 441936),
}

KINDS = {
    "ssd_mobilenet_v2_320x320": "SSD MobileNetV2",
    "ssd_mobilenet_v2_fpnlite_320x320": "SSD MobileNetV2 FPNLite",
    "ssd_mobilenet_v2_fpnlite_640x640": "SSD MobileNetV2 FPNLite",
    "ssd_mobilenet": "SSD MobileNetV1 FPN",
    "ssd_resnet50": "SSD ResNet50 FPN",
    "ssd_resnet101": "SSD ResNet101 FPN",
    "ssd_resnet152": "SSD ResNet152 FPN",
    "efficientdet_d6": "EfficientDet-D6 or D7",
} | {f"efficientdet_d{number}": f"EfficientDet-D{number}" for number in range(6)}

# the same network as another's, larger, or as long in the making as all others together
NOT_BUILT = {"efficientdet_d2", "efficientdet_d4", "efficientdet_d5", "efficientdet_d7"}
NOT_BUILT |= {name for name in MODELS if name.endswith("1024x1024")}


def test_every_base_config_is_counted():
    assert set(MODELS) == set(base_configs.VARIANTS)


@pytest.mark.parametrize("name", MODELS)
def test_anchors_are_as_many_as_the_originals(name):
    settings = base_configs.read(name).model
    assert len(make_anchors(settings.size, settings.anchors)) == MODELS[name][2]


LONG = {"ssd_resnet101_v1_fpn_640x640", "ssd_resnet152_v1_fpn_640x640"}
LONG |= {"efficientdet_d3", "efficientdet_d6"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.soak] if name in LONG else [])
        for name in MODELS
        if name not in NOT_BUILT
    ],
)
def test_a_model_of_the_zoo_is_as_large_as_the_original(name):
    settings = base_configs.read(name).model
    variables, penalties, anchors = MODELS[name]
    network = build_network(settings)
    keyed = checkpoint.variables_by_key(network)
    assert len(keyed) == variables
    assert len(network.losses) == penalties
    stored = {key: list(variable.shape) for key, variable in keyed.items()}
    assert identify(stored) == (KINDS.get(name.split("_v1")[0], KINDS.get(name)), True)
    shapes = {head: tuple(x.shape[1:]) for head, x in network.output.items()}
    columns = settings.num_classes + (not name.startswith("efficientdet"))
    assert shapes == {
        "box_encodings": (anchors, 4),
        "class_predictions_with_background": (anchors, columns),
    }
