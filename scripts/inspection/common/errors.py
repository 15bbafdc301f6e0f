"""The exceptions for what a user can mend, and how a command ends on them."""

import os
import sys
from contextlib import contextmanager

from inspection.common import disk_faults

SHOWN = 20  # faults listed in a message; the rest are counted


class UserError(Exception):
    """Something that the user can mend: settings, files, a checkpoint, data.

    Of no other kind, so that whoever catches what broken files raise lets it pass.
    """


class WriteError(UserError):
    """What a disk did not take: it is full, or nothing may be written there."""


class DatasetError(UserError):
    """Say what is wrong with the user's data, and in which files.

    `faults` are strings or `faults.Fault`, one for each thing to mend; `str(error)` is
    the message, then a line for each fault, then the mend of each kind of fault.
    """

    def __init__(self, message, faults=()):
        super().__init__(message)
        self.message = message
        self.faults = list(faults)

    def __str__(self):
        lines = [self.message]
        lines += [f"  {fault}" for fault in self.faults[:SHOWN]]
        if len(self.faults) > SHOWN:
            lines.append(f"  ... and {len(self.faults) - SHOWN} more")
        mends = dict.fromkeys(getattr(fault, "mend", "") for fault in self.faults)
        lines += [f"  mend: {mend}" for mend in mends if mend]
        return "\n".join(lines)


@contextmanager
def naming_disk_faults(path):
    """Raise WriteError with the name of a file or folder that the disk does not take."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        reason = disk_faults.reason(error, path)
        if reason is None:
            raise
        raise _refused(path, reason) from error


def _refused(path, reason):
    path, mend = disk_faults.shown(path), disk_faults.mend_of(reason)
    return WriteError(f"{path} cannot be written: {reason}; {mend}")


@contextmanager
def exit_on_error():
    """End the program with `error: ...` and status 2 when the user can mend the cause.

    Works as `with exit_on_error():` and as the decorator `@exit_on_error()`.
    """
    for stream in (sys.stdout, sys.stderr):
        # a file name that the terminal cannot show must not end a command
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        yield
    except BrokenPipeError:
        # the reader of a pipe, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except UserError as error:
        _stop(error)
    except Exception as error:
        # a disk may refuse libraries, which write by themselves, and files of the moment
        reason, named = disk_faults.reason(error), getattr(error, "filename", None)
        if reason and named:
            _stop(_refused(named, reason))
        if reason:
            _stop(WriteError(f"nothing more can be written: {reason} ({error})"))
        if not isinstance(error, OSError):
            raise
        _stop(error)


def _stop(message):
    print(f"error: {message}", file=sys.stderr)
    sys.exit(2)
