"""The two widest layers of a MobileNetV2 block in one: a 1x1 convolution and its norm.

A block begins by mixing few channels into six times as many. In training most of the
time of that goes into reading and writing the wide maps, and batch normalization reads
them again and again. But each wide channel is a weighted sum of narrow ones, so its mean
and variance follow from mean and covariance of the narrow ones; and what normalization
multiplies by can be multiplied into the kernel. The wide maps are then written once.
"""

import keras
from keras import ops

from inspection.detection.model.layers import PointwiseConv2D
from inspection.keras_shared.fused_batch_norm import FusedBatchNormalization
from inspection.keras_shared.precision import EXACT

MOST_CHANNELS = 128  # with more of them the covariance costs what it saves


def sum_rows(rows):
    """Return the sum over the first axis, as a product: reductions take longer."""
    return ops.matmul(ops.ones((1, ops.shape(rows)[0])), rows)[0]


@ops.custom_gradient
def add_bias(rows, bias):
    """Add a bias to each row; its gradient is a sum of rows."""
    return rows + bias, lambda upstream: (upstream, sum_rows(upstream))


@keras.saving.register_keras_serializable(package="inspection")
class ExpansionConv2D(PointwiseConv2D):
    """Convolve with a 1x1 kernel, and return the kernel beside the outputs."""

    def call(self, inputs, training=None):
        outputs = super().call(inputs, training=training)
        return outputs, ops.copy(self.kernel)

    def compute_output_shape(self, input_shape):
        kernel_shape = (*self.kernel_size, input_shape[-1], self.filters)
        return super().compute_output_shape(input_shape), kernel_shape


@keras.saving.register_keras_serializable(package="inspection")
class ExpansionNormalization(FusedBatchNormalization):
    """Normalize `wide`, the 1x1 convolution of `narrow` with `kernel`.

    In training it computes the normalized maps from the narrow ones; `wide` then has no
    reader left, and is not computed. In 16 bits it normalizes `wide` as it
    is: variances out of 16-bit covariances would be too coarse.
    """

    def call(self, wide, narrow, kernel, training=None):
        computed = training and self.trainable and self.compute_dtype == EXACT
        if not computed:
            return super().call(wide, training=training)
        rows = ops.reshape(narrow, (-1, narrow.shape[-1]))
        kernel = ops.reshape(kernel, kernel.shape[-2:])
        count = ops.cast(ops.shape(rows)[0], "float32")
        mean = sum_rows(rows) / count
        centred = rows - mean
        variance = self._variance(centred, kernel, count)
        self._move(self.moving_mean, ops.matmul(mean[None], kernel)[0])
        factor = self.gamma * ops.rsqrt(variance + self.epsilon)
        scaled = ops.matmul(centred, kernel * factor)
        normalized = add_bias(scaled, ops.copy(self.beta))
        return ops.reshape(normalized, (-1, *narrow.shape[1:-1], kernel.shape[-1]))

    def _variance(self, centred, kernel, count):
        """Return the variance of each wide channel; move its average."""
        covariance = ops.matmul(ops.transpose(centred), centred) / count
        variance = ops.sum(kernel * ops.matmul(covariance, kernel), axis=0)
        self._move(self.moving_variance, variance * count / (count - 1.0))
        return variance
