"""Pictures that show the conversion to int8 how large values become."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from inspection.common.errors import UserError
from inspection.datasets.images.image_file import read_rgb
from inspection.datasets.images.image_folder import ImageFolder
from inspection.datasets.images.resizing import letterbox_sampling
from inspection.datasets.images.value_range import find_range

COUNT = 200  # more change the ranges by less than a step of 8 bits


def representative(folder, size, mean=127.5, std=127.5, count=COUNT, letterbox=None):
    """Return a function that yields pictures of a folder as a network sees them.

    At most `count` of them, evenly from the folder's sorted names, as float32
    [1, *size, 3]. letterbox: colour of the padding where the aspect ratio is kept.
    Raises UserError for a folder that is none or holds none.
    """
    paths = choose(folder, count)

    def generate():
        for path in paths:
            image = read_rgb(path)
            if letterbox:
                image = letterbox_sampling(image, size, letterbox)
            yield (resize(image, size) - np.float32(mean)) / np.float32(std)

    return generate


def choose(folder, count):
    """Return the paths of at most `count` pictures, evenly from the sorted names."""
    if not Path(folder).is_dir():
        raise UserError(f"{folder} is no folder; looked from {Path.cwd()}")
    paths = ImageFolder(folder).paths
    if not paths:
        raise UserError(f"{folder} holds no pictures")
    find_range(paths)
    count = min(count, len(paths))
    return [paths[i * len(paths) // count] for i in range(count)]


def resize(image, size):
    """Return an RGB picture, uint8 [H, W, 3], as float32 [1, *size, 3] in 0..255.

    Without the half-pixel shift of tf.image.resize, as the detector is trained and as
    MediaPipe and the runtime do it.
    """
    images = tf.cast(image, tf.float32)[None]
    resized = tf.raw_ops.ResizeBilinear(images=images, size=size)
    return resized.numpy()
