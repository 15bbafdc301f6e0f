"""Make the layers of the network as the settings of a pipeline.config ask for them."""

import keras

from inspection.detection.model.expansion import (
    MOST_CHANNELS,
    ExpansionConv2D,
    ExpansionNormalization,
)
from inspection.detection.model.layers import PointwiseConv2D, SeparableConv2D
from inspection.keras_shared.fused_batch_norm import FusedBatchNormalization

ACTIVATIONS = {"RELU": "relu", "RELU_6": "relu6", "SWISH": "silu", "NONE": "linear"}
INITIALIZERS = {
    "random_normal_initializer": keras.initializers.RandomNormal,
    "truncated_normal_initializer": keras.initializers.TruncatedNormal,
}


def head_conv(filters, kernel_size, name, bias=0.0):
    """Return a head's separable convolution: Keras's own initializers, no L2."""
    return SeparableConv2D(
        filters,
        kernel_size,
        padding="same",
        bias_initializer=keras.initializers.Constant(bias),
        name=name,
    )


class LayerFactory:
    """Make named layers from the `Hyperparams` of a config.

    The original hands half of the L2 weight to Keras, and puts none on pointwise
    kernels, heads, biases and batch norm.
    """

    def __init__(self, hyperparams):
        self.hyperparams = hyperparams

    def _regularizer(self):
        return keras.regularizers.L2(self.hyperparams.l2_weight / 2)

    def _initializer(self):
        wanted = self.hyperparams.initializer
        return INITIALIZERS[wanted.kind](wanted.mean, wanted.stddev)

    def conv(self, filters, kernel_size, name, strides=1, use_bias=False):
        kind = PointwiseConv2D if kernel_size == 1 else keras.layers.Conv2D
        return self._conv(kind, filters, kernel_size, name, strides, use_bias)

    def _conv(self, kind, filters, kernel_size, name, strides=1, use_bias=False):
        return kind(
            filters,
            kernel_size,
            strides,
            padding="same",
            use_bias=use_bias,
            kernel_initializer=self._initializer(),
            kernel_regularizer=self._regularizer(),
            name=name,
        )

    def depthwise(self, name, strides=1):
        return keras.layers.DepthwiseConv2D(
            3,
            strides,
            padding="same",
            use_bias=False,
            depthwise_initializer=self._initializer(),
            depthwise_regularizer=self._regularizer(),
            name=name,
        )

    def separable(self, filters, kernel_size, name, strides=1):
        return SeparableConv2D(
            filters,
            kernel_size,
            strides,
            padding="same",
            use_bias=False,
            depthwise_initializer=self._initializer(),
            depthwise_regularizer=self._regularizer(),
            name=name,
        )

    def batch_norm(self, name, kind=FusedBatchNormalization):
        norm = self.hyperparams.batch_norm
        return kind(
            momentum=norm.decay,
            epsilon=norm.epsilon,
            center=norm.center,
            scale=norm.scale,
            trainable=norm.train,
            name=name,
        )

    def expand(self, maps, filters, name):
        """Return the maps convolved 1x1 to `filters` channels and normalized."""
        norm = self.hyperparams.batch_norm
        if maps.shape[-1] > MOST_CHANNELS or not (norm.center and norm.scale):
            return self.batch_norm(f"{name}_BN")(self.conv(filters, 1, name)(maps))
        wide, kernel = self._conv(ExpansionConv2D, filters, 1, name)(maps)
        return self.batch_norm(f"{name}_BN", ExpansionNormalization)(wide, maps, kernel)

    def activation(self, name):
        return keras.layers.Activation(
            ACTIVATIONS[self.hyperparams.activation], name=name
        )
