"""Keep notebooks free of what Model Garden prints, logs and warns of."""

import io
import warnings
from contextlib import contextmanager, redirect_stdout

import tensorflow as tf
from absl import logging


@contextmanager
def quiet():
    """Keep back what Model Garden says, and what TensorFlow says about it, meanwhile.

    Among it that the last convolution of MobileNetV2 learns nothing, which is so: the
    pyramid does not use it. Errors are raised as ever.
    """
    logger = tf.get_logger()
    levels = logger.level, logging.get_verbosity()
    logger.setLevel("ERROR")
    logging.set_verbosity(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        logger.setLevel(levels[0])
        logging.set_verbosity(levels[1])
