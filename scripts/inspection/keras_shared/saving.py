"""Files of Keras: written whole or not at all, read whole or refused."""

import zipfile
import zlib
from contextlib import contextmanager

import keras

from inspection.common import disk_faults
from inspection.common.atomic_files import atomic_write
from inspection.common.errors import UserError
from inspection.keras_shared import precision

# what Keras, the .zip and the HDF5 in it run into where a file is not whole
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
)


@contextmanager
def atomic_keras_file(path):
    """Yield a path for Keras to save to, that takes the place of `path` if nothing fails.

    Keras goes by the ending of a name: .keras or .weights.h5.
    """
    with atomic_write(path) as draft:
        yield draft


def read_model(path, compile=True):
    """Return the model of a .keras file; raise UserError where it is damaged or none.

    Its layers compute in as many bits as the file says, whatever Keras is set to.
    """
    # with 16 bits set, Keras wraps the optimizer of any model, and then drops its state
    with refuse_damaged(path), precision.layers_of(precision.EXACT):
        return keras.saving.load_model(path, compile=compile)


@contextmanager
def refuse_damaged(path):
    """Raise UserError where a file of Keras that is read in the block is damaged.

    Without Keras's own words, some of which advise to load without its safeguards.
    """
    try:
        yield
    except UserError:
        raise
    except UNREADABLE as error:
        if disk_faults.reason(error):  # of what is unpacked on the way
            raise
        raise UserError(
            f"{path} is damaged, or of other software ({type(error).__name__}): fetch it "
            "again, or delete it and train anew"
        ) from error
