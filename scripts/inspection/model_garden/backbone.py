"""Give Model Garden's MobileNetV2 the weights of ours, so that both start alike."""

from pathlib import Path

import tensorflow as tf
import tf_keras
from official.vision.modeling.backbones import factory

from inspection.detection.model import mobilenet_v2
from inspection.keras_shared.pretrained import mobilenet_v2_arrays
from inspection.model_garden.detector import MEAN, STD


def for_standardized_images(arrays):
    """Return weights made for pictures in -1..1, for pictures minus MEAN over STD.

    Both scales are linear, so the first convolution takes the factor and the mean of the
    batch norm behind it the shift. Only at the picture's edge the two differ: zero, with
    which it is padded, is gray for one and ImageNet's mean for the other.
    """
    kernel = arrays["Conv1/kernel"]
    shift = (kernel * (2 * MEAN - 1)[:, None]).sum(axis=(0, 1, 2))
    return {
        **dict(arrays),
        "Conv1/kernel": kernel * (2 * STD)[:, None],
        "bn_Conv1/moving_mean": arrays["bn_Conv1/moving_mean"] - shift,
    }


def build_backbone(experiment):
    """Return Model Garden's backbone with random weights."""
    model = experiment.task.model
    images = tf_keras.layers.InputSpec(shape=[None, *model.input_size])
    return factory.build_backbone(images, model.backbone, model.norm_activation)


def fill(backbone, arrays):
    """Assign {layer/variable: array} to a backbone of Model Garden."""
    names = mobilenet_v2.layer_names_in_order()
    blocks = list(zip(names[::2], names[1::2]))  # a convolution and its batch norm
    trained = [f"{conv}/kernel {norm}/gamma {norm}/beta" for conv, norm in blocks]
    counted = [f"{norm}/moving_mean {norm}/moving_variance" for _, norm in blocks]
    for weights, keys in (
        (backbone.trainable_weights, trained),
        (backbone.non_trainable_weights, counted),
    ):
        for weight, key in zip(weights, " ".join(keys).split(), strict=True):
            weight.assign(arrays[key])


def write_checkpoint(source, experiment, folder):
    """Write weights of our backbone as a checkpoint; return its path.

    source: what `load_backbone` of the course takes: an .npz or .h5 file, or "imagenet".
    Give the path to `make_experiment` as `init_checkpoint`.
    """
    alpha = experiment.task.model.backbone.mobilenet.filter_size_scale
    backbone = build_backbone(experiment)
    fill(backbone, for_standardized_images(mobilenet_v2_arrays(source, alpha)))
    path = Path(folder) / "backbone"
    return tf.train.Checkpoint(backbone=backbone).write(str(path))
