"""Locks die with their process, and with nothing else."""

import os
import signal

import pytest

from inspection.common.errors import UserError
from inspection.common.locks import RUN_LOCK, lock_run, release, try_lock

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")


def in_fork(work):
    """Start a process that works, says so and waits; return its number."""
    ready, told = os.pipe()
    child = os.fork()
    if not child:
        try:
            work()
            os.write(told, b"+")
            signal.pause()
        finally:
            os._exit(1)
    os.close(told)
    assert os.read(ready, 1) == b"+"
    os.close(ready)
    return child


def kill(child):
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_a_folder_is_trained_in_once_at_a_time(tmp_path):
    with lock_run(tmp_path / "run"):
        with pytest.raises(UserError) as error:
            with lock_run(tmp_path / "run"):
                pass
        text = str(error.value)
        assert f"process {os.getpid()}" in text and "another folder" in text
        with lock_run(tmp_path / "other"):
            pass
    with lock_run(tmp_path / "run"):
        pass
    assert list((tmp_path / "run").iterdir()) == []


@needs_fork
def test_a_kill_frees_the_folder(tmp_path):
    held = []
    child = in_fork(lambda: held.append(try_lock(tmp_path / RUN_LOCK)))
    with pytest.raises(UserError, match="is being trained in"):
        with lock_run(tmp_path):
            pass
    kill(child)
    assert (tmp_path / RUN_LOCK).exists()  # the file says nothing
    with lock_run(tmp_path):
        pass
    assert not (tmp_path / RUN_LOCK).exists()


@needs_fork
def test_a_worker_does_not_keep_the_lock_of_its_parent(tmp_path):
    path = tmp_path / "lock"
    number = try_lock(path)
    child = in_fork(lambda: release(number, path))
    try:
        assert path.exists() and try_lock(path) is None  # the worker removed nothing
        release(number, path)
        again = try_lock(path)
        assert again is not None
        release(again, path)
    finally:
        kill(child)
