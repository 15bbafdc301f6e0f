"""Make the layers of the network as the settings of a pipeline.config ask for them."""

import keras

from inspection.detection.model.expansion import (
    MOST_CHANNELS,
    ExpansionConv2D,
    ExpansionNormalization,
)
from inspection.detection.model.layers import (
    PointwiseConv2D,
    SeparableConv2D,
    swish,
)
from inspection.keras_shared.fused_batch_norm import FusedBatchNormalization
from inspection.keras_shared.precision import EXACT

ACTIVATIONS = {"RELU": "relu", "RELU_6": "relu6", "SWISH": swish, "NONE": "linear"}
INITIALIZERS = {
    "random_normal_initializer": keras.initializers.RandomNormal,
    "truncated_normal_initializer": keras.initializers.TruncatedNormal,
}


class LayerFactory:
    """Make named layers from the `Hyperparams` of a config.

    The original hands half of the L2 weight to Keras, and puts none on the pointwise
    kernels of separable convolutions, biases and batch norm.
    depthwise: whether `spatial` and `head` make separable convolutions.
    """

    def __init__(self, hyperparams, depthwise=False):
        self.hyperparams, self.depthwise_too = hyperparams, depthwise

    def _regularizer(self):
        return keras.regularizers.L2(self.hyperparams.l2_weight / 2)

    def _initializer(self):
        wanted = self.hyperparams.initializer
        return INITIALIZERS[wanted.kind](wanted.mean, wanted.stddev)

    def conv(self, filters, kernel_size, name, strides=1, use_bias=False, dtype=None):
        kind = PointwiseConv2D if kernel_size == 1 else keras.layers.Conv2D
        return self._conv(kind, filters, kernel_size, name, strides, use_bias, dtype)

    def _conv(
        self, kind, filters, kernel_size, name, strides=1, use_bias=False, dtype=None
    ):
        return kind(
            filters,
            kernel_size,
            strides,
            padding="same",
            use_bias=use_bias,
            kernel_initializer=self._initializer(),
            kernel_regularizer=self._regularizer(),
            name=name,
            dtype=dtype,
        )

    def spatial(self, filters, kernel_size, name, strides=1):
        """Return the convolution before a batch norm, separable where that is wanted."""
        make = self.separable if self.depthwise_too else self.conv
        bias = self.hyperparams.force_use_bias
        return make(filters, kernel_size, name, strides, use_bias=bias)

    def head(self, filters, kernel_size, name, bias=0.0):
        """Return the last convolution of a head, which always computes in 32 bits.

        Sixteen are too coarse for a loss. As a separable one it has Keras's own
        initializers and no L2.
        """
        first = keras.initializers.Constant(bias)
        if not self.depthwise_too:
            layer = self.conv(filters, kernel_size, name, use_bias=True, dtype=EXACT)
            layer.bias_initializer = first
            return layer
        same = {"padding": "same", "name": name, "dtype": EXACT}
        return SeparableConv2D(filters, kernel_size, bias_initializer=first, **same)

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

    def separable(
        self, filters, kernel_size, name, strides=1, use_bias=False, pointwise=False
    ):
        """Return a separable convolution.

        pointwise: whether its second kernel begins and is punished as the first.
        """
        more = {}
        if pointwise:
            more["pointwise_initializer"] = self._initializer()
            more["pointwise_regularizer"] = self._regularizer()
        return SeparableConv2D(
            filters,
            kernel_size,
            strides,
            padding="same",
            use_bias=use_bias,
            **more,
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
