"""Arrays in a file .npz, read whole or refused."""

import struct
import tokenize
import zipfile
import zlib

import numpy as np

from inspection.common.errors import DatasetError

# what reading a .npz that is none, or not whole, runs into
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    tokenize.TokenError,
    EOFError,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    RuntimeError,  # a password or an unknown method
    MemoryError,  # a shape that was never stored
)


def read_npz(path):
    """Return {name: array} of a .npz; raise DatasetError where it cannot be read.

    Objects, which could run any program when they are loaded, are refused.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except BROKEN as error:
        raise DatasetError(f"{path} is no whole .npz of arrays: {error}") from error
