"""From patch features to how unlike the good ones each place is, as layers of Keras.

Plain layers with fixed weights: so the whole way from picture to map is one network, which
is saved, loaded and exported like any other.
"""

import keras
import numpy as np
from keras import ops


def whiten(features, whitening):
    """Return features [N, h, w, C] turned to [N, h, w, K]; see `whitening`."""
    bias = -whitening.mean @ whitening.turn
    return _fixed(features, whitening.turn, bias, "whiten")


def nearest_distance(patches, memory):
    """Return how far each place is from the nearest patch of a memory, [N, h, w, 1].

    patches: [N, h, w, K]. memory: float32 [M, K].
    """
    # |p - m|^2 = |p|^2 - 2 p m + |m|^2, and only the last two depend on m
    rest = _fixed(patches, -2 * memory.T, np.square(memory).sum(axis=1), "memory")
    nearest = ops.min(rest, axis=-1, keepdims=True)
    squares = ops.sum(ops.square(patches), axis=-1, keepdims=True)
    return ops.sqrt(ops.relu(squares + nearest))


def position_distance(patches, means, turns):
    """Return how far each place is from what is good there, [N, h, w, 1].

    means: float32 [h, w, K]. turns: float32 [h, w, K, K], which make distances those of
    Mahalanobis at their place.
    """
    bias = -np.einsum("hwk,hwkj->hwj", means, turns)
    layer = keras.layers.EinsumDense(
        "bhwk,hwkj->bhwj", patches.shape[1:], bias_axes="hwj", name="positions"
    )
    turned = layer(patches)
    layer.set_weights([turns, bias])
    return ops.sqrt(ops.sum(ops.square(turned), axis=-1, keepdims=True))


def as_scores(distances, threshold):
    """Return distances as the chances of good and anomaly, [N, h, w, 2].

    The second is d / (d + threshold): 0.5 at the threshold, and ever closer to 1.
    """
    odds = distances / float(threshold)
    anomaly = odds / (1.0 + odds)
    return keras.layers.Concatenate(name="anomaly_map")([1.0 - anomaly, anomaly])


def _fixed(inputs, kernel, bias, name):
    """Return a convolution of single places with weights that never change."""
    layer = keras.layers.Conv2D(kernel.shape[1], 1, name=name)
    outputs = layer(inputs)
    layer.set_weights([kernel[None, None], bias])
    return outputs
