"""Keep back what libraries write past every setting, for the length of a block."""

import io
import logging
import os
import tempfile
import threading
import warnings
from contextlib import contextmanager, redirect_stdout

STDOUT, STDERR = 1, 2  # file descriptors

# a stream belongs to the whole process: whoever sent it elsewhere second would take the
# first one's place for the stream, and put that back at the end
_one_at_a_time = threading.RLock()


@contextmanager
def suppress_output():
    """Send nowhere what the process writes to both of its streams."""
    with (
        open(os.devnull, "wb") as nowhere,
        _sent_to(nowhere, STDOUT),
        _sent_to(nowhere, STDERR),
    ):
        yield


@contextmanager
def suppress_lines(text):
    """Keep lines that hold a text out of the error stream of the process.

    All other lines, of whatever thread, follow at the end of the block.
    """
    with tempfile.TemporaryFile() as kept:
        try:
            with _sent_to(kept, STDERR):
                yield
        finally:
            kept.seek(0)
            for line in kept:
                if text.encode() not in line:
                    os.write(STDERR, line)


@contextmanager
def suppress_log(*names):
    """Keep back what loggers of these names have to say, except errors."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        yield
    finally:
        for logger, level in zip(loggers, levels):
            logger.setLevel(level)


@contextmanager
def suppress_remarks(*names):
    """Keep back prints, user warnings and what loggers of these names say, not errors."""
    with (
        suppress_log(*names),
        warnings.catch_warnings(),
        redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore", UserWarning)
        yield


@contextmanager
def _sent_to(file, stream):
    """Let a stream, by its number, end in a file."""
    with _one_at_a_time:
        kept = os.dup(stream)
        try:
            os.dup2(file.fileno(), stream)
            yield
        finally:
            os.dup2(kept, stream)
            os.close(kept)
