"""From a picture's pixels to what the network reads."""

import tensorflow as tf


def resize(image, size):
    """Resize float [B, H, W, 3] pictures to `size` (height, width), aspect ratio not kept.

    The original samples at `index * scale`, without the half-pixel shift of
    tf.image.resize; on a photograph the two differ by up to 1.8 on the scale -1..1.
    Where there is no TensorFlow, `resizing.resize_sampling` does the same.
    """
    return tf.raw_ops.ResizeBilinear(images=image, size=size, half_pixel_centers=False)


def normalize(image):
    """Map 0..255 to -1..1, as float32."""
    return tf.cast(image, tf.float32) * (2.0 / 255.0) - 1.0


def preprocess(images, size):
    """Return float32 [B, *size, 3] in -1..1 from RGB [B, H, W, 3] in 0..255."""
    return resize(normalize(images), size)
