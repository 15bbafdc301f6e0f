"""What the copies of a network on several devices of TensorFlow tell each other.

MirroredStrategy runs a step on each device with its share of the batch, and adds the
gradients up. JAX computes as if there were one device, and needs nothing of this.
"""

from keras import ops

from inspection.keras_shared.backends import on_tensorflow


def count():
    """Return the number of copies that compute the step together."""
    context = _context()
    return context.num_replicas_in_sync if context else 1


def total(value):
    """Return the sum of the values that the copies compute of their shares."""
    context = _context()
    if context is None or context.num_replicas_in_sync == 1:
        return value
    return context.all_reduce("SUM", ops.convert_to_tensor(value))


def _context():
    """Return TensorFlow's context inside a step, None elsewhere."""
    if not on_tensorflow():
        return None
    import tensorflow as tf

    return tf.distribute.get_replica_context()
