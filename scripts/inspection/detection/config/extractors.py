"""The feature extractors of the API that the engine builds: backbone and neck of each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Extractor:
    """What a feature extractor's `type` stands for.

    neck: "ssd" (maps ever smaller), "fpn" or "bifpn". pixels: how the network wants
    them, "unit" (-1..1), "caffe" (0..255 less a mean) or "torch" (a mean and spread).
    """

    backbone: str
    neck: str
    pixels: str = "unit"


EXTRACTORS = {
    "ssd_mobilenet_v2_fpn_keras": Extractor("mobilenet_v2", "fpn"),
    "ssd_mobilenet_v2_keras": Extractor("mobilenet_v2", "ssd"),
    "ssd_mobilenet_v1_fpn_keras": Extractor("mobilenet_v1", "fpn"),
}
EXTRACTORS |= {
    f"ssd_resnet{depth}_v1_fpn_keras": Extractor(f"resnet{depth}", "fpn", "caffe")
    for depth in (50, 101, 152)
}
EXTRACTORS |= {
    f"ssd_efficientnet-b{size}_bifpn_keras": Extractor(
        f"efficientnet-b{size}", "bifpn", "torch"
    )
    for size in range(8)
}
