"""The layers that SSD MobileNetV2 FPNLite is made of, as the original builds them."""

import keras
import tensorflow as tf


def multiply_channels(maps, kernel):
    """Return the 1x1 convolution of NHWC maps, written as one product of matrices."""
    rows = tf.reshape(maps, [-1, maps.shape[-1]])
    products = tf.matmul(rows, tf.reshape(kernel, kernel.shape[-2:]))
    return tf.reshape(products, [-1, *maps.shape[1:-1], kernel.shape[-1]])


@keras.saving.register_keras_serializable(package="inspection")
class PointwiseConv2D(keras.layers.Conv2D):
    """Convolve with a 1x1 kernel.

    In training as a product of matrices: on a CPU its gradients take a quarter less
    time. Elsewhere as a convolution, which converters and phones know best.
    """

    def call(self, inputs, training=None):
        if not training:
            return super().call(inputs)
        outputs = multiply_channels(inputs, self.kernel)
        return outputs + self.bias if self.use_bias else outputs


@keras.saving.register_keras_serializable(package="inspection")
class SeparableConv2D(keras.layers.SeparableConv2D):
    """Convolve each channel, then mix the channels; in training as PointwiseConv2D."""

    def call(self, inputs, training=None):
        if not training:
            return super().call(inputs)
        strides = [1, *self.strides, 1]
        maps = tf.nn.depthwise_conv2d(inputs, self.depthwise_kernel, strides, "SAME")
        outputs = multiply_channels(maps, self.pointwise_kernel)
        return outputs + self.bias if self.use_bias else outputs


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
