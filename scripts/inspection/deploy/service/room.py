"""Places for work that takes memory or time; whoever finds none is told at once."""

import threading
from contextlib import contextmanager

from inspection.deploy.service.refusals import busy


class Room:
    """A number of places, each for one picture at a time."""

    def __init__(self, places):
        self._places = threading.BoundedSemaphore(places)

    @contextmanager
    def place(self, patience=0):
        """Hold a place; raise Refusal 503 where none is free within so many seconds."""
        if not self._places.acquire(timeout=patience):
            raise busy()
        try:
            yield
        finally:
            self._places.release()
