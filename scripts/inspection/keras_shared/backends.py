"""Which library computes for Keras: TensorFlow, or JAX, where a task can do with both.

Keras takes the one that KERAS_BACKEND names. TensorFlow is loaded with either: it reads
the records and the files of checkpoints.
"""

import keras

from inspection.common.errors import UserError

TENSORFLOW, JAX = "tensorflow", "jax"


def on_jax():
    """Tell whether Keras computes with JAX."""
    return keras.backend.backend() == JAX


def on_tensorflow():
    """Tell whether Keras computes with TensorFlow."""
    return keras.backend.backend() == TENSORFLOW


def step_of(optimizer):
    """Return how many steps an optimizer has done, also where devices share its count."""
    return int(keras.ops.copy(optimizer.iterations))


def require(what, *backends):
    """Raise UserError where Keras computes with another library than those named.

    what: the work, such as "the export to TensorFlow Lite".
    """
    name = keras.backend.backend()
    if name not in backends:
        raise UserError(
            f"KERAS_BACKEND is {name}, and {what} needs {' or '.join(backends)}: start "
            f"it with KERAS_BACKEND={backends[0]}; checkpoints are the same for all"
        )
