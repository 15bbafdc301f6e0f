"""The models of the TensorFlow 2 detection zoo that this engine can start from.

The zoo publishes no checksums: the first download is trusted, over https from the
zoo's own bucket, its SHA-256 shown and recorded in the cache, and another one refused
from then on (see datasets/fetching/download.py).
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from inspection.common.errors import UserError, WriteError
from inspection.datasets.fetching.archives import unpack
from inspection.datasets.fetching.download import fetch, forget
from inspection.detection.config.label_map import read_label_map

ADDRESS = (
    "https://storage.googleapis.com/download.tensorflow.org/models/object_detection/tf2"
    "/20200711"
)
CHECKPOINT = "checkpoint/ckpt-0"
NEEDED = ("pipeline.config", f"{CHECKPOINT}.index")
TRAINED = "_coco17_tpu-"  # begins what the zoo adds to the name of a config


@dataclass(frozen=True)
class ZooModel:
    """Describe a model of the zoo: coco_map is the published mAP on COCO val2017."""

    name: str
    backbone: str
    input_size: int
    coco_map: float
    sha256: str | None = None

    @property
    def base(self):
        """Return the name of its file in `base_configs`."""
        return self.name.split(TRAINED)[0]


def _resnet(depth, *rows):
    return [
        (f"ssd_resnet{depth}_v1_fpn_{side}x{side}", f"ResNet{depth}", side, coco_map)
        for side, coco_map in rows
    ]


SSD = [
    ("ssd_mobilenet_v2_320x320", "MobileNetV2", 300, 20.2),
    ("ssd_mobilenet_v2_fpnlite_320x320", "MobileNetV2", 320, 22.2),
    ("ssd_mobilenet_v2_fpnlite_640x640", "MobileNetV2", 640, 28.2),
    ("ssd_mobilenet_v1_fpn_640x640", "MobileNetV1", 640, 29.1),
    *_resnet(50, (640, 34.3), (1024, 38.3)),
    *_resnet(101, (640, 35.6), (1024, 39.5)),
    *_resnet(152, (640, 35.4), (1024, 39.6)),
]
EFFICIENTDET = [
    (f"efficientdet_d{number}", f"EfficientNet-B{min(number, 6)}", side, coco_map)
    for number, (side, coco_map) in enumerate(
        zip(
            (512, 640, 768, 896, 1024, 1280, 1408, 1536),
            (33.6, 38.4, 41.8, 45.4, 48.5, 49.7, 50.5, 51.2),
        )
    )
]
# names as the archives have them: trained on 8 or on 32 cores
MODELS = {
    f"{name}{TRAINED}{cores}": ZooModel(f"{name}{TRAINED}{cores}", *facts)
    for cores, family in ((8, SSD), (32, EFFICIENTDET))
    for name, *facts in family
}
# what the zoo holds beside, and what of ours comes nearest
UNSUPPORTED = {
    "faster_rcnn": "ssd_resnet50_v1_fpn_640x640_coco17_tpu-8",
    "mask_rcnn": "ssd_resnet50_v1_fpn_640x640_coco17_tpu-8",
    "centernet": "efficientdet_d0_coco17_tpu-32",
    "extremenet": "efficientdet_d0_coco17_tpu-32",
}


def full_name(name: str) -> str:
    """Return the archive's name for any spelling: the config's, with or without size.

    >>> full_name("ssd_efficientdet_d0_512x512")
    'efficientdet_d0_coco17_tpu-32'
    """
    base = name.split(TRAINED)[0]
    match = re.fullmatch(r"(?:ssd_)?(efficientdet_d\d)(?:_\d+x\d+)?", base)
    base = match.group(1) if match else base
    return next((known for known in MODELS if MODELS[known].base == base), name)


def find_model(name) -> ZooModel:
    """Return a model of the zoo by name; raise UserError that lists the supported."""
    full = full_name(name)
    if full in MODELS:
        return MODELS[full]
    for family, nearest in UNSUPPORTED.items():
        if name.startswith(family):
            raise UserError(
                f"{name} is of another family than the SSD models that this course "
                f"builds; the nearest of them is {nearest}"
            )
    close = get_close_matches(name, MODELS, n=1, cutoff=0.8)
    hint = f" Did you mean {close[0]}?" if close else ""
    supported = "".join(f"\n  {known}" for known in MODELS)
    raise UserError(f"{name} is not a supported model.{hint} Supported:{supported}")


def download_model(name, out_dir, cache_dir=None) -> Path:
    """Download and unpack a model of the zoo; return its folder, out_dir/archive's name.

    The folder has checkpoint/ckpt-0.*, pipeline.config and saved_model/. One that is
    there already, complete, stays as it is. Raises UserError for another name, for a
    failed download, and for an archive or a folder without these files.
    """
    model = find_model(name)
    folder = Path(out_dir) / model.name
    if not folder.exists():
        url = f"{ADDRESS}/{model.name}.tar.gz"
        archive = fetch(url, model.sha256, cache_dir=cache_dir)
        _unpack_model(archive, folder)
    missing = [part for part in NEEDED if not (folder / part).exists()]
    if missing:
        raise UserError(
            f"{folder} has no {missing[0]}: move this folder away, then run the "
            "command again to unpack the model anew"
        )
    return folder


def _unpack_model(archive, folder):
    try:
        unpack(archive, folder.parent)
    except WriteError:
        raise  # of the archive nothing is said
    except UserError:
        if folder.exists():
            return  # another process was first
        # what came may be the log-in page of a network: not to be trusted twice
        forget(archive)
        raise


def find_start(start, out_dir, class_ids):
    """Return (fine_tune_checkpoint, fine_tune_checkpoint_type) for where to start from.

    `start` is the name of a model of the zoo, downloaded into `out_dir`; a checkpoint
    such as .../checkpoint/ckpt-0; ImageNet weights as "imagenet", .npz or .h5; or "" for
    none. The type is "full", heads included, where label_map.pbtxt beside the folder of
    a checkpoint holds `class_ids` ({name: id}): the same classes, the same answers.
    """
    if full_name(str(start)) in MODELS:
        return download_model(start, out_dir) / CHECKPOINT, "detection"
    if not start or start == "imagenet" or Path(start).suffix in (".npz", ".h5"):
        return start, "classification"
    labels = Path(start).parent.parent / "label_map.pbtxt"
    same = labels.is_file() and read_label_map(labels) == class_ids
    return Path(start), "full" if same else "detection"
