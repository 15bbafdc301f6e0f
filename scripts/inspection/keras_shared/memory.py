"""What to do when a training runs out of memory."""

from contextlib import contextmanager

import tensorflow as tf

from inspection.common.errors import UserError


@contextmanager
def explained_memory(name, batch_size):
    """Raise UserError that names a batch size to try where memory runs out inside.

    name: of the setting, such as --batch_size.
    """
    try:
        yield
    except (tf.errors.ResourceExhaustedError, MemoryError) as error:
        raise UserError(_advice(name, batch_size)) from error


def _advice(name, batch_size):
    if batch_size > 1:
        return (
            f"memory ran out with {name} {batch_size}: take {batch_size // 2}, and end "
            "other programs"
        )
    return (
        f"memory ran out with {name} 1: take smaller pictures or a smaller network, and "
        "end other programs"
    )
