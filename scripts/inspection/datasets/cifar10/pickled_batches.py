"""Read the python batches of the original CIFAR-10, which are pickles, without risk.

A pickle can run any program. These need only NumPy arrays, so nothing else is let in.
Format: https://www.cs.toronto.edu/~kriz/cifar.html
"""

import io
import pickle
import re

import numpy as np

from inspection.common.errors import DatasetError

BATCH = re.compile(r"(.*/)?(data_batch_\d+|test_batch|batches\.meta)$")
SIDE = 32
ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("_codecs", "encode"),
}


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def is_batch(name):
    """Tell whether a file's path is that of a python batch."""
    return bool(BATCH.match(name))


def read_batches(path, files):
    """Return ({part: (images, labels)}, class names) of {file name: bytes}."""
    contents, faults = {}, []
    for name, data in sorted(files.items()):
        try:
            contents[name] = _read_dict(data)
            if name != "batches.meta":
                contents[name] = _images(contents[name])
        except (pickle.UnpicklingError, EOFError, ValueError, KeyError) as error:
            faults.append(f"{name} is no batch of CIFAR-10: {error}")
    expected = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch", "batches.meta"]
    faults += [f"{name} is missing" for name in expected if name not in files]
    if faults:
        raise DatasetError(f"{path} does not hold the whole CIFAR-10", faults)
    names = contents.pop("batches.meta")[b"label_names"]
    train = [contents[name] for name in expected[:5]]
    arrays = {"train": _joined(train), "test": contents["test_batch"]}
    return arrays, tuple(name.decode() for name in names)


def _read_dict(data):
    content = _ArraysOnly(io.BytesIO(data), encoding="bytes").load()
    if not isinstance(content, dict):
        raise ValueError(f"it holds a {type(content).__name__}")
    return content


def _images(batch):
    """Return (images, labels): a row holds 1,024 red, then green, then blue values."""
    rows = np.asarray(batch[b"data"], np.uint8).reshape(-1, 3, SIDE, SIDE)
    return rows.transpose(0, 2, 3, 1).copy(), np.asarray(batch[b"labels"])


def _joined(batches):
    images, labels = zip(*batches, strict=True)
    return np.concatenate(images), np.concatenate(labels)
