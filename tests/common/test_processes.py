"""Sets are drawn in a process that runs TensorFlow, too: a fork would wait for ever."""

import sys
import threading

import pytest

from inspection.common.processes import drawing_pool, start_method


@pytest.fixture
def other_thread():
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    yield
    ended.set()
    thread.join()


def test_no_fork_beside_another_thread(other_thread):
    assert start_method() == "spawn"


def test_no_fork_beside_the_threads_of_tensorflow(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", object())
    assert start_method() == "spawn"


def test_the_pool_works_beside_another_thread(other_thread):
    with drawing_pool(2) as pool:
        assert list(pool.map(abs, [-1, 2, -3])) == [1, 2, 3]
