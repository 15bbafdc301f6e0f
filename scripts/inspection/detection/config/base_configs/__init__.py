"""The course's own pipeline.config files, to start from, one for each model of the zoo.

Each family has a file; its other members differ in the backbone, the size and, for
EfficientDet, in depth and width.
"""

from pathlib import Path

from inspection.common.errors import UserError
from inspection.detection.config import pipeline_config

FOLDER = Path(__file__).parent
OWN = "ssd_mobilenet_v2_fpnlite_320x320"  # the one with a training beside the model
SSD = "model.ssd"
EXTRACTOR = f"{SSD}.feature_extractor"
HEAD = f"{SSD}.box_predictor.weight_shared_convolutional_box_predictor"
RESIZER = f"{SSD}.image_resizer"
# EfficientDet: backbone, pixels, channels, rounds of the BiFPN, layers of a tower
EFFICIENTDET = {
    1: ("b1", 640, 88, 4, 3),
    2: ("b2", 768, 112, 5, 3),
    3: ("b3", 896, 160, 6, 4),
    4: ("b4", 1024, 224, 7, 4),
    5: ("b5", 1280, 288, 7, 4),
    6: ("b6", 1408, 384, 8, 5),
    7: ("b6", 1536, 384, 8, 5),
}
UNWEIGHTED = (6, 7)  # their BiFPN adds maps as they are


def _square(side):
    fixed = f"{RESIZER}.fixed_shape_resizer"
    return {f"{fixed}.height": side, f"{fixed}.width": side}


def _efficientdet(number):
    backbone, side, channels, rounds, layers = EFFICIENTDET[number]
    kept, bifpn = f"{RESIZER}.keep_aspect_ratio_resizer", f"{EXTRACTOR}.bifpn"
    changes = {
        f"{EXTRACTOR}.type": f"ssd_efficientnet-{backbone}_bifpn_keras",
        f"{kept}.min_dimension": side,
        f"{kept}.max_dimension": side,
        f"{bifpn}.num_filters": channels,
        f"{bifpn}.num_iterations": rounds,
        f"{HEAD}.depth": channels,
        f"{HEAD}.num_layers_before_predictor": layers,
    }
    if number in UNWEIGHTED:
        changes[f"{bifpn}.combine_method"] = "sum"
    return changes


def _resnet(depth, side):
    return {f"{EXTRACTOR}.type": f"ssd_resnet{depth}_v1_fpn_keras", **_square(side)}


# name: (file, changes)
VARIANTS = {file.stem: (file.stem, {}) for file in FOLDER.glob("*.config")}
VARIANTS["ssd_mobilenet_v2_fpnlite_640x640"] = (OWN, _square(640))
VARIANTS |= {
    f"ssd_resnet{depth}_v1_fpn_{side}x{side}": (
        "ssd_resnet50_v1_fpn_640x640",
        _resnet(depth, side),
    )
    for depth in (50, 101, 152)
    for side in (640, 1024)
}
VARIANTS |= {
    f"efficientdet_d{number}": ("efficientdet_d0", _efficientdet(number))
    for number in EFFICIENTDET
}


def read(name: str) -> pipeline_config.PipelineConfig:
    """Return the `PipelineConfig` of a base model; raise UserError for another name.

    >>> read("ssd_mobilenet_v2_fpnlite_320x320").model.num_classes
    1
    >>> read("efficientdet_d1").model.size
    (640, 640)
    """
    if name not in VARIANTS:
        known = ", ".join(sorted(VARIANTS))
        raise UserError(f"there is no base config {name!r} (there are: {known})")
    file, changes = VARIANTS[name]
    config = pipeline_config.read(FOLDER / f"{file}.config")
    if file != OWN:
        own = pipeline_config.read(FOLDER / f"{OWN}.config").message
        config.message.fields += own.fields[1:]
    for path, value in changes.items():
        config.set(path, value)
    return config
