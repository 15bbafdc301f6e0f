"""A trained U-Net as a .tflite that MediaPipe's ImageSegmenter takes."""

from pathlib import Path

import keras
import numpy as np

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import UserError
from inspection.keras_shared import precision
from inspection.segmentation.batches import scale
from inspection.tflite import convert, metadata

LABELS = ("background", "rust")
EXAMPLES = 100  # pictures from which int8 learns the ranges of values


def for_export(network, size):
    """Return a network of a fixed size with one channel for each class.

    Input [1, size, size, 3] from -1 to 1, output [1, size, size, 2]: the chances of
    background and class, which add up to 1.
    """
    image = keras.Input((size, size, 3), name="image")
    marked = precision.in_float32(network)(image)
    join = keras.layers.Concatenate(dtype=precision.EXACT, name="segmentation")
    both = join([1.0 - marked, marked])
    return keras.Model(image, both, name="segmenter")


def export(network, size, path, pairs=(), kind="float32", labels=LABELS, threshold=0.5):
    """Write a .tflite with metadata and labels inside; return its size in bytes.

    pairs: training pictures, from which "int8" learns how large values become.
    threshold: the probability from which on a pixel counts, that of the settings.
    """
    if kind == "int8" and not pairs:
        raise UserError(
            "int8 needs pictures to learn the range of values from, with their masks: "
            "name them with --images and --masks"
        )
    data = convert.convert_keras(
        for_export(network, size), kind, lambda: _examples(pairs, size)
    )
    data = metadata.add_metadata(
        data,
        "segmenter",
        list(labels),
        name="Visual inspection U-Net",
        description=f"Marks the pixels that show {labels[1]}",
        threshold=float(threshold),
    )
    with atomic_write(Path(path)) as temporary:
        temporary.write_bytes(data)
    return len(data)


def _examples(pairs, size):
    step = max(1, len(pairs) // EXAMPLES)
    for pair in pairs[::step]:
        image, _ = pair.read((size, size))
        yield scale(image[None]).astype(np.float32)
