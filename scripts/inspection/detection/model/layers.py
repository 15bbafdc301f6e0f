"""The layers that the detectors are made of, as the original builds them."""

import keras
from keras import ops


def multiply_channels(maps, kernel):
    """Return the 1x1 convolution of NHWC maps, written as one product of matrices."""
    rows = ops.reshape(maps, (-1, maps.shape[-1]))
    products = ops.matmul(rows, ops.reshape(kernel, kernel.shape[-2:]))
    return ops.reshape(products, (-1, *maps.shape[1:-1], kernel.shape[-1]))


@keras.saving.register_keras_serializable(package="inspection")
def swish(x):
    """Return x times its sigmoid.

    Spelled out, because OpenCV does not read what TensorFlow's own becomes.
    """
    return x * ops.sigmoid(x)


@keras.saving.register_keras_serializable(package="inspection")
class PointwiseConv2D(keras.layers.Conv2D):
    """Convolve with a 1x1 kernel.

    In training as a product of matrices: on a CPU its gradients take a quarter less
    time. Elsewhere as a convolution, which converters and phones know best.
    """

    def call(self, inputs, training=None):
        if not training:
            return super().call(inputs)
        rows, columns = self.strides
        outputs = multiply_channels(inputs[:, ::rows, ::columns], self.kernel)
        return outputs + self.bias if self.use_bias else outputs


@keras.saving.register_keras_serializable(package="inspection")
class SeparableConv2D(keras.layers.SeparableConv2D):
    """Convolve each channel, then mix the channels; in training as PointwiseConv2D."""

    def call(self, inputs, training=None):
        if not training:
            return super().call(inputs)
        kernel, strides = self.depthwise_kernel, self.strides
        maps = ops.depthwise_conv(inputs, kernel, strides, "same")
        outputs = multiply_channels(maps, self.pointwise_kernel)
        return outputs + self.bias if self.use_bias else outputs


@keras.saving.register_keras_serializable(package="inspection")
class NearestUpsampling(keras.layers.Layer):
    """Double the height and width of NHWC maps by repeating pixels.

    It resizes rather than repeats (UpSampling2D): TILE breaks phone GPUs and OpenCV.
    """

    def call(self, inputs):
        _, height, width, _ = inputs.shape
        return ops.image.resize(inputs, (2 * height, 2 * width), "nearest")

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return (batch, 2 * height, 2 * width, channels)


@keras.saving.register_keras_serializable(package="inspection")
class WeightedFusion(keras.layers.Layer):
    """Add maps, each times a share that is learned and never negative.

    The "fast attention" of Tan et al. 2020 (EfficientDet, arXiv:1911.09070).
    """

    EPSILON = 1e-4

    def build(self, input_shapes):
        self.bifpn_combine_weights = self.add_weight(
            shape=(len(input_shapes), 1),
            initializer="ones",
            name="bifpn_combine_weights",
            autocast=False,  # the shares are of 32 bits until they are multiplied
        )

    def call(self, inputs):
        weights = ops.relu(self.bifpn_combine_weights[:, 0])
        shares = weights / (ops.sum(weights) + self.EPSILON)
        shares = ops.cast(shares, self.compute_dtype)
        return sum(x * shares[i] for i, x in enumerate(inputs))

    def compute_output_shape(self, input_shapes):
        return input_shapes[0]


@keras.saving.register_keras_serializable(package="inspection")
class SpareLayers(keras.layers.Layer):
    """Hand maps on as they are, and carry layers that they do not run through.

    The original saves and punishes the top of EfficientNet, which it never runs.
    layers: built ones.
    """

    def __init__(self, layers, **kwargs):
        super().__init__(**kwargs)
        self.layers = list(layers)
        for layer in self.layers:
            # no gradient ever comes here
            layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)

    def call(self, inputs):
        return inputs

    def get_config(self):
        layers = [keras.saving.serialize_keras_object(k) for k in self.layers]
        return {**super().get_config(), "layers": layers}

    @classmethod
    def from_config(cls, config):
        # each comes built, as it was saved
        layers = [
            keras.saving.deserialize_keras_object(k) for k in config.pop("layers")
        ]
        return cls(layers, **config)
