"""From a picture's pixels to what the network reads, and back to the picture's frame."""

import numpy as np
import tensorflow as tf

from inspection.detection.config.extractors import EXTRACTORS

# of ImageNet, R G B: the mean on 0..255, and mean and spread on 0..1
CAFFE_MEAN = (123.68, 116.779, 103.939)
TORCH_MEAN = (0.485, 0.456, 0.406)
TORCH_SPREAD = (0.229, 0.224, 0.225)


def resize(image, size):
    """Resize float [B, H, W, 3] pictures to `size` (height, width), aspect ratio not kept.

    The original samples at `index * scale`, without the half-pixel shift of
    tf.image.resize; on a photograph the two differ by up to 1.8 on the scale -1..1.
    Where there is no TensorFlow, `resizing.resize_sampling` does the same.
    """
    return tf.raw_ops.ResizeBilinear(images=image, size=size, half_pixel_centers=False)


def normalize(image, extractor="ssd_mobilenet_v2_fpn_keras"):
    """Map RGB 0..255 to what the network of a feature extractor wants, as float32.

    MobileNet: -1..1. ResNet: less the mean of ImageNet. EfficientNet: mean 0 and
    spread 1 on ImageNet.
    """
    image, pixels = tf.cast(image, tf.float32), EXTRACTORS[extractor].pixels
    if pixels == "unit":
        return image * (2.0 / 255.0) - 1.0
    if pixels == "caffe":
        return image - CAFFE_MEAN
    return (image / 255.0 - TORCH_MEAN) / TORCH_SPREAD


def fitted_size(image, model):
    """Return int32 [2], the (height, width) that [B, H, W, 3] pictures are resized to."""
    if not model.pad_to_square:
        return tf.constant(model.size)
    sides = tf.cast(tf.shape(image)[1:3], tf.float32)
    scale = tf.reduce_min(tf.constant(model.size, tf.float32) / sides)
    return tf.cast(tf.round(scale * sides), tf.int32)


def shrink(image, model):
    """Resize float [B, H, W, 3] pictures to what the network sees; return (them, window).

    window: float32 [ymin, xmin, ymax, xmax] of the picture in the network's input, of
    size 1: all of it but where the aspect ratio is kept.
    """
    size = fitted_size(image, model)
    window = tf.cast(tf.concat([[0, 0], size], 0), tf.float32) / [1, 1, *model.size]
    return resize(image, size), window


def pad(image, model):
    """Add zeros at bottom and right of normalized [B, H, W, 3] pictures: the mean colour."""
    if model.pad_to_square:
        missing = tf.constant(model.size) - tf.shape(image)[1:3]
        pads = tf.stack([[0, 0], [0, missing[0]], [0, missing[1]], [0, 0]])
        image = tf.pad(image, pads)
    return tf.ensure_shape(image, [None, *model.size, 3])


def preprocess(images, model):
    """Return (float32 [B, height, width, 3], window) of RGB [B, H, W, 3] in 0..255.

    model: the `ModelSettings`. window: as `shrink` returns it.
    """
    normalized = normalize(images, model.feature_extractor.type)
    resized, window = shrink(normalized, model)
    return pad(resized, model), window


def to_frame(boxes, window):
    """Return boxes of a picture as boxes of the input that its window lies in."""
    return boxes * tf.tile(window[2:], [2])


def from_unit(image, extractor):
    """Return what the network of an extractor wants from pixels in -1..1.

    Models for phones take -1..1, whatever they are made of.
    """
    pixels = EXTRACTORS[extractor].pixels
    if pixels == "unit":
        return image
    if pixels == "caffe":
        return image * 127.5 + (127.5 - np.float32(CAFFE_MEAN))
    spread = np.float32(TORCH_SPREAD)
    return image * (0.5 / spread) + (0.5 - np.float32(TORCH_MEAN)) / spread


def mean_color(extractor):
    """Return the colour that `pad` stands for, R, G and B in 0..255."""
    means = {"unit": (127.5,) * 3, "caffe": CAFFE_MEAN}
    torch = tuple(255 * mean for mean in TORCH_MEAN)
    return means.get(EXTRACTORS[extractor].pixels, torch)
