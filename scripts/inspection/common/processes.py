"""Processes that share the work on many pictures."""

import os
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import connection, get_context, parent_process

THREADED = ("tensorflow", "torch")  # bring threads that Python does not count


def start_method():
    """Return how to start a process: a fork is quick, but other threads do not survive.

    What a thread had locked stays locked in the copy, which then waits for ever.
    """
    alone = threading.active_count() == 1 and not sys.modules.keys() & set(THREADED)
    return "fork" if alone and sys.platform == "linux" else "spawn"


def end_with_parent():
    """End this process when the one that started it has ended, however that was.

    Otherwise workers of a killed program wait for work for ever.
    """
    started_by = parent_process()
    if started_by is not None:
        watch = threading.Thread(target=_wait_for, args=(started_by,), daemon=True)
        watch.start()


def _wait_for(process):
    connection.wait([process.sentinel])
    os._exit(1)


def drawing_pool(workers):
    """Return a ProcessPoolExecutor in which OpenCV keeps to one thread a process."""
    return ProcessPoolExecutor(workers, get_context(start_method()), _calm_opencv)


def _calm_opencv():
    end_with_parent()
    import cv2  # here: generate_tfrecord.py starts quicker without

    cv2.setNumThreads(1)
