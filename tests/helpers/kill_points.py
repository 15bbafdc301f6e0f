"""What a program leaves that is killed at some point of its work.

The work runs in a forked process that ends, without a word, before its n-th change of
the file system: as after `kill -9`, no `finally` runs, and the system drops its locks.
"""

import itertools
import os
import signal
import sys

CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate"}
CHANGES |= {"os.symlink", "os.link"}
KILLED = 9
PATIENCE = 240  # seconds
WRITING = os.O_WRONLY | os.O_RDWR


def run_killed(work, point):
    """Run work() in a process that is killed at a point; tell whether it was."""
    child = os.fork()
    if not child:
        signal.alarm(PATIENCE)  # threads of the parent are not here: nothing may hang
        _die_at(point)
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, KILLED), f"the work failed, which is killed at point {point}"
    return code == KILLED


def kill_everywhere(work, prepare, check, step=1):
    """Call prepare(), the work killed at its n-th change, check(), for all n; return n.

    step: of n, for works of many changes that are alike.
    """
    for point in itertools.count(1, step):
        prepare()
        killed = run_killed(work, point)
        check()
        if not killed:
            return point


def _die_at(point):
    left = point

    def count(event, arguments):
        nonlocal left
        if event in CHANGES or event == "open" and _writes(arguments):
            left -= 1
            if not left:
                os._exit(KILLED)

    sys.addaudithook(count)


def _writes(arguments):
    path, _, opened = arguments
    return not isinstance(path, int) and bool(opened & WRITING)


def contents(folder):
    """Return {relative path: text or None for a folder} of all that lies in a folder."""
    return {
        path.relative_to(folder).as_posix(): None if path.is_dir() else _read(path)
        for path in sorted(folder.rglob("*"))
    }


def _read(path):
    return path.read_bytes().decode("latin-1")
