"""Bring images to the size a network sees: one way for each kind of model.

A network is right about images that were made small as those of its training were. So
training, commands and service use the same function for the same kind of model:

- classifiers: `resize_antialiased`. A thin crack must not fall between samples.
- segmenters: `resize_area`, which makes masks small in step with their images.
- detectors: `resize_sampling`, as the Object Detection API and MediaPipe do, or
  `letterbox_sampling` where the model was trained with the aspect ratio kept.

All of them take RGB, uint8 [H, W, 3], and change its shape to `size`, (height, width).
"""

import cv2
import numpy as np
from PIL import Image


def resize_antialiased(image, size):
    """Resize as classifiers want it: bilinear, over all pixels that an output covers.

    image: an array or a Pillow image.
    """
    height, width = size
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image)


def resize_area(image, size):
    """Resize as segmenters want it: each output is the mean of the area it covers.

    image: also a mask, float32 [H, W], which becomes the share of each pixel.
    """
    height, width = size
    if image.shape[:2] == (height, width):
        return np.ascontiguousarray(image)
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def letterbox_size(shape: tuple, size: tuple) -> tuple[int, int]:
    """Return (height, width) of an image of some shape in `size`, its aspect ratio kept.

    As the API's keep_aspect_ratio_resizer rounds: in float32, halves to even. Nothing
    is left of a line of pixels: it keeps one.

    >>> letterbox_size((1, 2000), (320, 320))
    (1, 320)
    """
    sides = np.array(shape[:2], np.float32)
    scale = (np.array(size, np.float32) / sides).min()
    return tuple(max(1, int(side)) for side in np.round(scale * sides))


def letterbox_sampling(image, size, color):
    """Resize as detectors want it that keep the aspect ratio; pad bottom and right.

    color: R, G and B of the padding.
    """
    height, width = letterbox_size(image.shape, size)
    padded = np.empty((*size, 3), np.uint8)
    padded[:] = np.round(color)
    padded[:height, :width] = resize_sampling(image, (height, width))
    return padded


def resize_sampling(image, size):
    """Resize as detectors want it: bilinear at index * scale, and nothing in between.

    This is without the half-pixel shift of cv2.resize, as the original API samples in
    training (`detection.model.preprocess.resize`), and MediaPipe on phones.
    """
    height, width = size
    if image.shape[:2] == (height, width):
        return np.ascontiguousarray(image)
    down, across = image.shape[0] / height, image.shape[1] / width
    return cv2.warpAffine(
        image,
        np.array([[across, 0, 0], [0, down, 0]]),
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
