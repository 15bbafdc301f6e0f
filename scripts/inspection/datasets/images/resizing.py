"""Bring pictures to the size a network sees."""

import numpy as np
from PIL import Image


def to_square(image, size):
    """Return uint8 RGB [size, size, 3] of a picture of any shape, which is not kept.

    Every pixel counts, so that a thin crack does not fall between samples.
    """
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    if image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(image)
