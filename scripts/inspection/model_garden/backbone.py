"""Give Model Garden's MobileNetV2 the weights of ours, so that both start alike."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from inspection.detection import mobilenet_v2
from inspection.model_garden.detector import MEAN, STD
from inspection.model_garden.training import build_model

CONVOLUTIONS = ("conv2d", "depthwise_conv2d")
NORM_ORDER = ("gamma", "beta", "moving_mean", "moving_variance")


def read_backbone(network):
    """Return {layer/variable: array} of the backbone of one of our networks."""
    return {
        f"{name}/{variable.name}": variable.numpy()
        for name in mobilenet_v2.layer_names_in_order()
        for variable in network.get_layer(name).variables
    }


def for_standardized_pictures(arrays):
    """Return weights made for pictures in -1..1, for pictures minus MEAN over STD.

    Both scales are linear, so the first convolution can take the difference: its kernel
    the factor, the mean of the batch norm behind it the shift.
    """
    kernel = arrays["Conv1/kernel"]
    shift = (kernel * (2 * MEAN - 1)[:, None]).sum(axis=(0, 1, 2))
    return {
        **arrays,
        "Conv1/kernel": kernel * (2 * STD)[:, None],
        "bn_Conv1/moving_mean": arrays["bn_Conv1/moving_mean"] - shift,
    }
