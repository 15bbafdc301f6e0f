"""CIFAR-10 from Keras, which downloads it once and checks its hash, or from a path."""

from pathlib import Path

import numpy as np

from inspection.common.errors import UserError
from inspection.datasets.cifar10 import image_arrays

FROM_KERAS = "keras"


def read(source, size=image_arrays.SIZE):
    """Return an `ImageArrays`: "keras", or what `datasets.cifar10.read` reads."""
    if source == FROM_KERAS:
        return _from_keras()
    return image_arrays.read(source, size)


def _from_keras():
    from keras.datasets import cifar10 as original

    try:
        (train, train_labels), (test, test_labels) = original.load_data()
    except Exception as error:
        # Keras raises a bare Exception without network, ValueError for a wrong hash
        raise UserError(
            f"Keras could not get CIFAR-10: {error}. Offline? Fetch "
            "cifar-10-python.tar.gz from https://www.cs.toronto.edu/~kriz/cifar.html on "
            f"another machine and give its path in place of {FROM_KERAS!r}"
        ) from error
    arrays = {"train": (train, train_labels), "test": (test, test_labels)}
    return image_arrays.checked(Path(FROM_KERAS), arrays, image_arrays.CLASSES)


def hold_out(data, share, seed=0):
    """Return (set without, (images, labels) of) a share of each class's training part."""
    labels = data.train_labels
    order = np.random.default_rng(seed).permutation(len(labels))
    kept = np.ones(len(labels), bool)
    for class_id in range(len(data.class_names)):
        members = order[labels[order] == class_id]
        kept[members[: round(share * len(members))]] = False
    rest = image_arrays.ImageArrays(
        data.train_images[kept],
        labels[kept],
        data.test_images,
        data.test_labels,
        data.class_names,
    )
    return rest, (data.train_images[~kept], labels[~kept])
