"""What to do when a training runs out of memory."""

from contextlib import contextmanager

import tensorflow as tf

from inspection.common import disk_faults
from inspection.common.errors import UserError

OF_JAX = "RESOURCE_EXHAUSTED"  # how its error begins, which is a RuntimeError


@contextmanager
def explained_memory(name, batch_size):
    """Raise UserError that names a batch size to try where memory runs out inside.

    name: of the setting, such as --batch_size.
    """
    try:
        yield
    except (tf.errors.ResourceExhaustedError, MemoryError, RuntimeError) as error:
        other = isinstance(error, RuntimeError) and OF_JAX not in str(error)
        if other or disk_faults.reason(error):  # of a full disk it is the same error
            raise
        less = "smaller pictures or a smaller network"
        less = f"{batch_size // 2}" if batch_size > 1 else less
        raise UserError(
            f"memory ran out with {name} {batch_size}: take {less}, and end other programs"
        ) from error
