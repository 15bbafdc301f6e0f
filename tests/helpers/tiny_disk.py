"""A disk of a megabyte, in memory, that can be full or closed for writing.

A file system of its own meets every writer: TensorFlow's, OpenCV's and FFmpeg's as well
as Python's. To mount one takes root on Linux.
"""

import gc
import os
import subprocess
from contextlib import contextmanager, suppress

import pytest

PAGE = 4096
FILLER = "filler"
NOT_WATCHED = (FILLER, "cache")


class TinyDisk:
    """A mounted disk; `root` is its folder."""

    def __init__(self, root, size):
        self.root = root
        options = f"size={size},mode=755"
        _run("mount", "-t", "tmpfs", "-o", options, "tmpfs", str(root))

    def fill(self, left=0):
        """Leave so many bytes free, rounded down to whole pages."""
        self.empty()
        found = os.statvfs(self.root)
        free = found.f_bavail * found.f_frsize - left // PAGE * PAGE
        (self.root / FILLER).write_bytes(bytes(free))

    def empty(self):
        """Take back what filled the disk."""
        (self.root / FILLER).unlink(missing_ok=True)

    @contextmanager
    def closed(self):
        """Let nothing be written while the block runs."""
        gc.collect()  # what is open for writing keeps it open
        _run("mount", "-o", "remount,ro", str(self.root))
        try:
            yield
        finally:
            _run("mount", "-o", "remount,rw", str(self.root))

    def files(self):
        """Return {name: bytes} of all files, but for the cache and what fills the disk."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
            and path.relative_to(self.root).parts[0] not in NOT_WATCHED
        }

    def drafts(self):
        """Return the names of all that is written aside, anywhere."""
        return [path.name for path in self.root.rglob(".*")]


@contextmanager
def tiny_disk(root, size=1 << 20):
    """Yield a TinyDisk of so many bytes, mounted on an empty folder; skip without root."""
    try:
        disk = TinyDisk(root, size)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no disk can be mounted here: {error}")
    try:
        yield disk
    finally:
        with suppress(subprocess.CalledProcessError):
            _run("umount", "--lazy", str(root))


def _run(*words):
    subprocess.run(words, check=True, capture_output=True)
