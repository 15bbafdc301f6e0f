"""Say what a checkpoint of the API is from the names and shapes of its variables alone."""

import re
from dataclasses import dataclass

import tensorflow as tf

from inspection.detection.model.checkpoint import (
    SUFFIX,
    find_checkpoint,
    variables_by_key,
)
from inspection.detection.model.checkpoint_files import refuse_damaged

BACKBONES = {54: "MobileNetV1", 104: "MobileNetV2", 106: "ResNet50"}
BACKBONES |= {208: "ResNet101", 310: "ResNet152"}
# EfficientDet by (rounds of the BiFPN, its channels)
EFFICIENTDET = {
    (3, 64): "D0",
    (4, 88): "D1",
    (5, 112): "D2",
    (6, 160): "D3",
    (7, 224): "D4",
    (7, 288): "D5",
    (8, 384): "D6 or D7",
}
# what the other models of the API have in their checkpoints
OTHERS = {
    "_first_stage_": "Faster R-CNN or Mask R-CNN",
    "_prediction_head_dict": "CenterNet",
}
EXTRACTOR = "model/_feature_extractor/"


@dataclass(frozen=True)
class CheckpointFacts:
    """What a checkpoint holds.

    shapes: {key: shape} of the model's variables. step: of the training, None where
    the checkpoint is of no training.
    """

    prefix: str
    kind: str
    supported: bool
    shapes: dict
    step: int | None


def read_facts(path):
    """Return the `CheckpointFacts` of a checkpoint or the folder of one."""
    prefix = find_checkpoint(path)
    with refuse_damaged(prefix):
        reader = tf.train.load_checkpoint(prefix)
        shapes = reader.get_variable_to_shape_map()
    stored = {key.removesuffix(SUFFIX): shape for key, shape in shapes.items()}
    kind, supported = identify(stored)
    with refuse_damaged(prefix):
        step = reader.get_tensor(f"step{SUFFIX}") if "step" in stored else None
    return CheckpointFacts(
        prefix=prefix,
        kind=kind,
        supported=supported,
        shapes={k: v for k, v in stored.items() if k.startswith("model/")},
        step=None if step is None else int(step),
    )


def identify(shapes):
    """Return (what it is, whether this engine builds it) of {key: shape}."""
    for part, name in OTHERS.items():
        if any(part in key for key in shapes):
            return name, False
    if any(key.startswith("feature_extractor/") for key in shapes):
        return "a classifier of the API, for a backbone", True
    inside = {k.removeprefix(EXTRACTOR) for k in shapes if k.startswith(EXTRACTOR)}
    if not inside:
        return "no detector of the Object Detection API", False
    if any(key.startswith("_bifpn_stage/") for key in inside):
        return _efficientdet(shapes)
    backbone = BACKBONES.get(_numbered(inside), "an unknown backbone")
    if any(key.startswith("feature_map_generator/") for key in inside):
        return f"SSD {backbone}", backbone == "MobileNetV2"
    lite = any("conv_layers/0/0/pointwise_kernel" in key for key in inside)
    pyramid = "FPNLite" if lite else "FPN"
    return f"SSD {backbone} {pyramid}", backbone in BACKBONES.values()


def _numbered(keys):
    """Return how many layers the backbone has."""
    numbers = re.findall(r"layer_with_weights-(\d+)/", "\n".join(keys))
    return max(map(int, numbers), default=-1) + 1


def _efficientdet(shapes):
    keys = "\n".join(shapes)
    nodes = re.findall(r"_bifpn_stage/node_post_combine_block/(\d+)/", keys)
    first = f"{EXTRACTOR}_bifpn_stage/node_input_blocks/0/0/1/0/kernel"
    if not nodes or first not in shapes:
        return "an EfficientDet of which a part is missing", False
    rounds, channels = (max(map(int, nodes)) - 1) // 8, shapes[first][-1]
    name = EFFICIENTDET.get((rounds, channels))
    return (
        f"EfficientDet-{name or f'like, {rounds} rounds of {channels} channels'}",
        True,
    )


@dataclass(frozen=True)
class Fit:
    """How a checkpoint and the network of a config go together, by keys."""

    used: list
    missing: list
    unlike: list
    left: list


def compare(network, facts):
    """Return the `Fit` of a network and a checkpoint's `CheckpointFacts`."""
    wanted = {k: list(v.shape) for k, v in variables_by_key(network).items()}
    unlike = [k for k in wanted if k in facts.shapes and wanted[k] != facts.shapes[k]]
    return Fit(
        used=sorted(set(wanted) & set(facts.shapes) - set(unlike)),
        missing=sorted(set(wanted) - set(facts.shapes)),
        unlike=sorted(unlike),
        left=sorted(set(facts.shapes) - set(wanted)),
    )
