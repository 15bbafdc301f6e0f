"""The layers that SSD MobileNetV2 FPNLite is made of, as the original builds them."""

import keras
import tensorflow as tf

ACTIVATIONS = {"RELU": "relu", "RELU_6": "relu6", "SWISH": "silu", "NONE": "linear"}
INITIALIZERS = {
    "random_normal_initializer": keras.initializers.RandomNormal,
    "truncated_normal_initializer": keras.initializers.TruncatedNormal,
}


@keras.saving.register_keras_serializable(package="inspection")
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Normalize a batch of NHWC maps with TensorFlow's fused kernel.

    Keras 3 spells batch normalization out in elementary operations, which costs a
    training step on a CPU about a third of its time. The fused kernel also feeds the
    *unbiased* batch variance to the moving average, as the original did.
    """

    def call(self, inputs, training=None, mask=None):
        in_training = bool(training) and self.trainable
        empty = tf.zeros([0], tf.float32)
        channels = self.moving_mean.shape
        gamma = self.gamma if self.scale else tf.ones(channels)
        beta = self.beta if self.center else tf.zeros(channels)
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=tf.convert_to_tensor(gamma),
            offset=tf.convert_to_tensor(beta),
            mean=empty if in_training else tf.convert_to_tensor(self.moving_mean),
            variance=empty
            if in_training
            else tf.convert_to_tensor(self.moving_variance),
            epsilon=self.epsilon,
            is_training=in_training,
        )
        if in_training:
            self._move(self.moving_mean, mean)
            self._move(self.moving_variance, variance)
        return outputs

    def _move(self, average, value):
        average.assign(average * self.momentum + value * (1.0 - self.momentum))


def head_conv(filters, kernel_size, name, bias=0.0):
    """Return a head's separable convolution: Keras's own initializers, no L2."""
    return keras.layers.SeparableConv2D(
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
        return keras.layers.Conv2D(
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
        return keras.layers.SeparableConv2D(
            filters,
            kernel_size,
            strides,
            padding="same",
            use_bias=False,
            depthwise_initializer=self._initializer(),
            depthwise_regularizer=self._regularizer(),
            name=name,
        )

    def batch_norm(self, name):
        norm = self.hyperparams.batch_norm
        return FusedBatchNormalization(
            momentum=norm.decay,
            epsilon=norm.epsilon,
            center=norm.center,
            scale=norm.scale,
            trainable=norm.train,
            name=name,
        )

    def activation(self, name):
        return keras.layers.Activation(
            ACTIVATIONS[self.hyperparams.activation], name=name
        )


@keras.saving.register_keras_serializable(package="inspection")
class NearestUpsampling(keras.layers.Layer):
    """Double the height and width of NHWC maps by repeating pixels.

    It resizes rather than repeats (UpSampling2D): TILE breaks phone GPUs and OpenCV.
    """

    def call(self, inputs):
        _, height, width, _ = inputs.shape
        return keras.ops.image.resize(inputs, (2 * height, 2 * width), "nearest")

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return (batch, 2 * height, 2 * width, channels)
