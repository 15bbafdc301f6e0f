"""Keep quiet what TensorFlow's own libraries write past every setting."""

import logging
import os
from contextlib import contextmanager


@contextmanager
def silence():
    """Send what is written to both streams of the process nowhere, meanwhile."""
    streams, nowhere = (1, 2), os.open(os.devnull, os.O_WRONLY)
    kept = [os.dup(stream) for stream in streams]
    try:
        for stream in streams:
            os.dup2(nowhere, stream)
        yield
    finally:
        for stream, old in zip(streams, kept):
            os.dup2(old, stream)
            os.close(old)
        os.close(nowhere)


@contextmanager
def without_remarks():
    """Keep to itself where TensorFlow wrote a temporary folder, meanwhile."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
