"""Measure what a block of code takes: time, and memory of the processes it starts."""

import contextlib
import threading
import time
from dataclasses import dataclass

import psutil


@dataclass
class Usage:
    """Seconds on the clock, and the highest memory of all child processes together."""

    seconds: float = 0.0
    peak_bytes: int = 0


@contextlib.contextmanager
def measure(interval=0.2):
    """Measure a block; the Usage is complete when the block has ended."""
    usage, ended = Usage(), threading.Event()
    watcher = threading.Thread(target=watch, args=(usage, ended, interval), daemon=True)
    start = time.perf_counter()
    watcher.start()
    try:
        yield usage
    finally:
        usage.seconds = time.perf_counter() - start
        ended.set()
        watcher.join()


def watch(usage, ended, interval):
    """Keep the peak of the children's memory in usage until the event is set."""
    while not ended.wait(interval):
        usage.peak_bytes = max(usage.peak_bytes, memory_of_children())


def memory_of_children():
    """Return the bytes of resident memory of all processes below this one."""
    total = 0
    for child in psutil.Process().children(recursive=True):
        # a process may end while it is looked at
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            total += child.memory_info().rss
    return total


def write_seconds(seconds):
    """Write a duration: 48 s, or 3 min 05 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def write_bytes(count):
    """Write an amount of memory: 812 MB, or 1.9 GB."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
