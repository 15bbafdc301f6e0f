"""What an error of TensorFlow, raised inside a graph, means for the user's files."""

import re
from contextlib import contextmanager

import tensorflow as tf

from inspection.common.errors import UserError
from inspection.detection.records.tfrecord import expand_paths, read_frames
from inspection.keras_shared.backends import on_tensorflow

CLASS_ID = "class id outside the label map, in the record of"
NON_FINITE = "loss not finite, in the batch of"


class NonFiniteLossError(UserError):
    """The loss became NaN or infinite; the message names the pictures of the batch."""


def assert_that(condition, text, names):
    """Return an operation that fails with a text and file names, for `explained`."""
    joined = tf.strings.reduce_join(names, separator=", ")
    return tf.debugging.Assert(condition, [text, joined])


def checked(loss, names):
    """Return the loss of a batch of these names; TensorFlow fails where it is not finite.

    Other backends cannot fail inside a graph: `callbacks.FiniteLoss` looks afterwards.
    """
    if not on_tensorflow():
        return loss
    finite = assert_that(tf.math.is_finite(loss), NON_FINITE, names)
    with tf.control_dependencies([finite]):
        return tf.identity(loss)


def non_finite(names):
    """Return the error for a loss that is not finite, in a batch of these names."""
    return NonFiniteLossError(
        f"the loss is not finite; the batch held {names}. Look at the boxes of"
        " these pictures with check_dataset.py, then try a learning rate of a tenth"
    )


def _names(message, text):
    """Return the file names that `assert_that` put behind a text, or None."""
    found = re.search(rf"\[{re.escape(text)}\] \[(.*?)\]\n", message)
    # TensorFlow escapes quotes
    return found and re.sub(r"\\(['\"\\])", r"\1", found.group(1))


def _explain(message):
    """Return the UserError for a message of TensorFlow; None for another cause."""
    if names := _names(message, NON_FINITE):
        return non_finite(names)
    if names := _names(message, CLASS_ID):
        return UserError(f"{names}: a class id that is not in the label map")
    if record := re.search(
        r"transformation with iterator: Iterator::\S* (.*)", message
    ):
        return UserError(
            f"a record cannot be read ({record.group(1)}): write the records again"
        )
    return None


@contextmanager
def explained(record_paths):
    """Raise a UserError for what is wrong with the records or the loss inside.

    `record_paths` are the files and patterns read; a damaged one is named.
    """
    try:
        yield
    except tf.errors.DataLossError:
        for path in expand_paths(record_paths):
            for _ in read_frames(path):
                pass
        raise
    except tf.errors.InvalidArgumentError as error:
        explanation = _explain(error.message)
        if explanation is None:
            raise
        raise explanation from error
