"""Checkpoints under the names of the Object Detection API, read and written.

The zoo's checkpoints, and those that this course writes while it trains, hold the
same keys: `model/_feature_extractor/...` and `model/_box_predictor/...`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from inspection.detection.model.checkpoint_files import (
    CheckpointError,
    latest_named,
    number_of,
    refuse_damaged,
)
from inspection.detection.model.checkpoint_keys import layer_keys
from inspection.keras_shared.backends import on_tensorflow

SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"
NUMBERED = "layer_with_weights-"
SCOPES = {"detection": "model/_feature_extractor/", "full": "model/"}


@dataclass(frozen=True)
class Restored:
    """The keys of a checkpoint that were read into the network, and those left."""

    used: list
    unused: list


def variables_by_key(network):
    """Return {key without suffix: variable of Keras} of all variables of the network."""
    keyed = {}
    for layer, key in layer_keys(network).items():
        # Keras 3 renamed the depthwise kernel, alone of all variables
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        for variable in layer.weights:
            name = "depthwise_kernel" if depthwise else variable.name
            keyed[f"model/{key}/{name}"] = variable
    return keyed


def in_file(variable):
    """Return the tf.Variable that stands for a variable of Keras in a checkpoint.

    On TensorFlow it is the variable itself, else a copy, with integers of 64 bits, as
    TensorFlow's are. One of TensorFlow stands for itself.
    """
    if not isinstance(variable, keras.Variable):
        return variable
    if on_tensorflow():
        return variable.value
    array = np.asarray(variable.value)
    return tf.Variable(array.astype("int64") if array.dtype.kind in "iu" else array)


def checkpoint_tree(variables):
    """Return nested dicts, one level for each "/" of the keys, for tf.train.Checkpoint.

    variables: {key: variable}, of Keras or of TensorFlow.
    """
    tree = {}
    for key, variable in variables.items():
        *folders, name = key.split("/")
        node = tree
        for folder in folders:
            node = node.setdefault(folder, {})
        node[name] = in_file(variable)
    return tree


def find_checkpoint(path):
    """Return the prefix of a checkpoint, given as `.../ckpt-0` or as its folder.

    Raises CheckpointError when there is none.
    """
    path = Path(path)
    if path.is_dir():
        latest = latest_named(path)
        prefixes = [file.with_suffix("") for file in path.glob("*.index")]
        if latest or prefixes:
            return latest or str(max(prefixes, key=number_of))
    prefix = str(path).removesuffix(".index")
    if Path(f"{prefix}.index").exists():
        return prefix
    raise CheckpointError(
        f"{path}: no checkpoint here; give the path without its ending, such as"
        " training/ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8/checkpoint/ckpt-0"
    )


def _check(stored, wanted, prefix):
    missing = sorted(key for key in wanted if key not in stored)
    if missing:
        raise CheckpointError(
            f"{prefix}: {len(missing)} of {len(wanted)} variables are not in this"
            f" checkpoint, the first is {missing[0]}; is it of another base model?"
        )
    wrong = [k for k, v in wanted.items() if list(v.shape) != list(stored[k])]
    if wrong:
        key = wrong[0]
        hint = "the number of classes or the depth_multiplier differs"
        raise CheckpointError(
            f"{prefix}: {key} has shape {stored[key]}, the network needs"
            f" {list(wanted[key].shape)}: {hint}."
            ' With other classes use fine_tune_checkpoint_type: "detection"'
        )


def check_classifier(path):
    """Raise UserError unless a checkpoint is that of a classifier of the API."""
    if not Path(f"{path}.index").exists() and not Path(path).is_dir():
        raise CheckpointError(_no_classifier(path))
    prefix = find_checkpoint(path)
    with refuse_damaged(prefix):
        shapes = tf.train.load_checkpoint(prefix).get_variable_to_shape_map()
    if not any(key.startswith("feature_extractor/") for key in shapes):
        raise CheckpointError(_no_classifier(path))


def _no_classifier(path):
    return (
        f"{path} is no .npz or .h5 of a backbone trained on ImageNet, and no checkpoint"
        ' of a classifier, as fine_tune_checkpoint_type "classification" of the zoo\'s'
        " own file means. For a detection checkpoint write"
        ' fine_tune_checkpoint_type: "detection"'
    )


def _wanted(network, scope):
    """Return {key: variable} of what a scope asks for."""
    keyed = variables_by_key(network)
    if scope != "classification":
        return {k: v for k, v in keyed.items() if k.startswith(SCOPES[scope])}
    of_backbone = re.compile(rf"model/_feature_extractor/\w+/({NUMBERED}\d+/\w+)")
    matches = {key: of_backbone.fullmatch(key) for key in keyed}
    return {f"feature_extractor/{m[1]}": keyed[k] for k, m in matches.items() if m}


def restore(network, path, scope="full"):
    """Read a checkpoint into the network; return which of its keys were used.

    `scope` is the API's fine_tune_checkpoint_type: "detection" takes the backbone and
    its neck, and leaves the predictor as it is; "full" takes all; "classification" takes
    the backbone, out of a checkpoint of a classifier of the API.
    Raises CheckpointError for a missing file, missing keys, other shapes.
    """
    prefix = find_checkpoint(path)
    with refuse_damaged(prefix):
        reader = tf.train.load_checkpoint(prefix)
        shapes = reader.get_variable_to_shape_map()
    stored = {key.removesuffix(SUFFIX): shape for key, shape in shapes.items()}
    wanted = _wanted(network, scope)
    _check(stored, wanted, prefix)
    with refuse_damaged(prefix):
        arrays = {key: reader.get_tensor(key + SUFFIX) for key in wanted}
    for key, variable in wanted.items():
        variable.assign(arrays[key])
    weights = [
        key for key in stored if key.startswith(("model/", "feature_extractor/"))
    ]
    return Restored(sorted(wanted), sorted(set(weights) - set(wanted)))


def write(network, prefix):
    """Write the weights of a network as a checkpoint `prefix`, without an optimizer."""
    tree = checkpoint_tree(variables_by_key(network))
    return tf.train.Checkpoint(**tree).write(str(prefix))
