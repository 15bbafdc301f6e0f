"""Wait for something that comes by itself, as long as a busy machine may need."""

import time

PATIENCE = 240  # seconds; only what never comes takes so long


def wait_until(condition, pause=0.001):
    """Ask until a condition holds; fail where it never does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(pause)
