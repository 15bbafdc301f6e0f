"""Batch normalization of all our networks: by TensorFlow's fused kernel, where it is."""

import keras
from keras import ops

from inspection.keras_shared.backends import on_tensorflow


@keras.saving.register_keras_serializable(package="inspection")
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Normalize a batch of NHWC maps, on TensorFlow with its fused kernel.

    Keras 3 spells batch normalization out in elementary operations, which costs a
    training step on a CPU about a third of its time. The fused kernel also feeds the
    *unbiased* batch variance to the moving average, as the original did, and so do we
    where there is no such kernel. In 16-bit training mean, variance, scale and offset
    stay in 32 bits.
    """

    def call(self, inputs, training=None, mask=None):
        in_training = bool(training) and self.trainable
        channels = self.moving_mean.shape
        gamma = self.gamma if self.scale else ops.ones(channels)
        beta = self.beta if self.center else ops.zeros(channels)
        moving = None if in_training else (self.moving_mean, self.moving_variance)
        normalize = _fused if on_tensorflow() else _spelled_out
        outputs, mean, variance = normalize(inputs, gamma, beta, moving, self.epsilon)
        if in_training:
            self._move(self.moving_mean, mean)
            self._move(self.moving_variance, variance)
        return outputs

    def _move(self, average, value):
        average.assign(average * self.momentum + value * (1.0 - self.momentum))


def _fused(inputs, gamma, beta, moving, epsilon):
    """Return (outputs, mean, unbiased variance); moving: None in training."""
    import tensorflow as tf

    empty = tf.zeros([0], tf.float32)
    mean, variance = moving or (empty, empty)
    outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=inputs,
        scale=tf.convert_to_tensor(gamma),
        offset=tf.convert_to_tensor(beta),
        mean=tf.convert_to_tensor(mean),
        variance=tf.convert_to_tensor(variance),
        epsilon=epsilon,
        is_training=moving is None,
    )
    return outputs, mean, variance


def _spelled_out(inputs, gamma, beta, moving, epsilon):
    """Return what `_fused` does, in operations that every backend of Keras has."""
    maps = ops.cast(inputs, "float32")
    axes = list(range(len(maps.shape) - 1))
    mean, variance = moving or (ops.mean(maps, axes), ops.var(maps, axes))
    outputs = (maps - mean) * (gamma * ops.rsqrt(variance + epsilon)) + beta
    count = ops.size(maps) // maps.shape[-1]
    unbiased = variance * (count / ops.maximum(count - 1, 1))
    return ops.cast(outputs, inputs.dtype), mean, unbiased


# Version 1.0 had a class for each task. Keras finds the weights in a file by the name of
# their layer's class, so that its files need classes of the old names.


@keras.saving.register_keras_serializable(package="inspection.classification")
class FusedBatchNorm(FusedBatchNormalization):
    """Read what version 1.0 saved for classification."""


@keras.saving.register_keras_serializable(package="inspection")
class FusedNorm(FusedBatchNormalization):
    """Read what version 1.0 saved for segmentation."""
