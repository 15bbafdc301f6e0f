"""Sets are drawn in a process that runs TensorFlow, too: a fork would wait for ever."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from helpers import ROOT
from helpers.waiting import wait_until
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


PROGRAM = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from inspection.common import processes
processes.start_method = lambda: sys.argv[2]
if __name__ == "__main__":
    pool = processes.drawing_pool(2)
    found = [pool.submit(os.getpid) for _ in range(8)]
    print(*{one.result() for one in found}, *pool._processes, flush=True)
    time.sleep(600)
"""


def is_alive(number):
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="looks into /proc")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_end_with_a_killed_program(tmp_path, method):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, program, ROOT / "scripts", method]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        workers = set(map(int, process.stdout.readline().split()))
        assert len(workers) == 2 and all(map(is_alive, workers))
        os.kill(process.pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, workers)), 0.05)
