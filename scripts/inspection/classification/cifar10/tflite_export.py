"""Hand a trained network over as a .tflite with its labels and the scale of its input."""

import numpy as np

from inspection.classification.cifar10.small_resnet import with_probabilities
from inspection.common.atomic_files import atomic_write
from inspection.tflite.convert import convert_keras
from inspection.tflite.metadata import add_metadata

CALIBRATION = 200  # pictures that show int8 how large values become
INPUT_RANGE = (0.0, 255.0)  # the networks scale by themselves


def export(network, data, path, format="float32", description=""):
    """Write a network of logits as a .tflite that answers with probabilities.

    data: the `ImageArrays` that it was trained on; its labels go into the file.
    """
    chosen = np.linspace(0, len(data.train_images) - 1, CALIBRATION).astype(int)

    def representative():
        for i in chosen:
            yield data.train_images[i : i + 1].astype(np.float32)

    network = with_probabilities(network)
    content = convert_keras(network, format, representative, INPUT_RANGE)
    content = add_metadata(
        content,
        "classifier",
        list(data.class_names),
        network.name,
        description or "one class for a small picture",
        mean=0.0,
        std=1.0,
    )
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)
    return path
