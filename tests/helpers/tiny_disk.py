"""A disk of a megabyte, in memory, that can be full or closed: what commands must do there.

A file system of its own meets every writer: TensorFlow's, OpenCV's and FFmpeg's as well
as Python's. To mount one takes root on Linux.
"""

import gc
import os
import re
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from helpers.commands import run_here

PAGE = 4096
FILLER = "filler"
NOT_WATCHED = (FILLER, "cache")
SAID = re.compile(
    r"^error: (.+?) cannot be written: (.+?); (?:make|name) ", re.MULTILINE
)
FULL, CLOSED = "No space left on device", "Read-only file system"


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


def succeed(words):
    """Run a command that must end well."""
    status, _, err = run_here(*words)
    assert status in (0, None), err


def filled(words, made, out, number):
    """Return the words of a command with the places of its number-th run.

    {in}: what is read. {out}: a folder of the disk. {new}, {name}: one for each run.
    {number}, {more}: of the run, and twice as many from run to run.
    """
    places = {"{in}": made, "{out}": out, "{new}": out / f"n{number}"}
    places |= {"{name}": f"n{number}", "{number}": number, "{more}": 2 << number}
    for mark, place in places.items():
        words = [str(word).replace(mark, str(place)) for word in words]
    return words


def check_refusals(disk, words, goes_on=False):
    """Run a command with room, on full disks, on a closed one, and with room again.

    words(number): of the command, in its number-th run; its outputs lie on the disk.
    goes_on: whether what a refused run has written whole stays, for the next one.
    """
    before = disk.files()
    succeed(words(0))
    old = disk.files()
    needed = sum(len(d) for n, d in old.items() if before.get(n) != d)
    assert needed, "the command has written nothing on this disk"
    check_refused(disk, words(1), FULL, 0, goes_on)
    if needed > 2 * PAGE:  # the disk is full in the middle of a file, or of a set
        check_refused(disk, words(2), FULL, needed // 2, goes_on)
    with disk.closed():
        check_refused(disk, words(3), CLOSED, 0, goes_on)
    succeed(words(4))
    assert disk.drafts() == []


def check_refused(disk, words, reason, left, goes_on):
    """Run a command that must say why it cannot write, and leave all as it was.

    left: bytes that are free. One that gets through with them leaves the same files.
    """
    old = disk.files()
    if reason == FULL:
        disk.fill(left)
    status, out, err = run_here(*words)
    if reason == FULL:
        disk.empty()
    if left and status == 0:
        assert disk.files().keys() >= old.keys()
        return
    assert status == 2, f"{words[0]} ended with {status} on: {reason}\n{out}{err}"
    found = SAID.search(err)
    assert found, err
    named, said = found.groups()
    assert said == reason, err
    assert Path(os.path.realpath(named)).is_relative_to(disk.root.resolve()), err
    assert "Traceback" not in err and not re.search(r"\.new\d*/", named), err
    assert disk.drafts() == []
    now = disk.files()
    if goes_on:  # its tables and curves grow
        old = {n: d for n, d in old.items() if "events" not in n and ".csv" not in n}
        now = {name: now.get(name) for name in old}
    assert {n: len(d) for n, d in now.items()} == {n: len(d) for n, d in old.items()}
    assert now == old
