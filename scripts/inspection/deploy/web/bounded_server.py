"""Python's web server with a bounded number of threads, however many clients come."""

import socket
import sys
import threading
from contextlib import suppress
from http.server import ThreadingHTTPServer

MOST_CONNECTIONS = 64  # each has a thread; a browser opens six


class BoundedServer(ThreadingHTTPServer):
    """A server of files that closes the oldest connection when a new one has no place.

    A page is loaded in a moment: what is oldest is slow, asleep or gone.
    """

    request_queue_size = 128

    def __init__(self, *arguments, most=MOST_CONNECTIONS):
        self._open = {}  # sockets, the oldest first
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(most)
        super().__init__(*arguments)

    def process_request(self, request, client_address):
        """Give a connection its thread as soon as there is a place."""
        patience = 0
        while not self._places.acquire(timeout=patience):
            self._close_oldest()
            patience = 1  # for the thread of the closed one
        with self._lock:
            self._open[request] = None
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        """Close a connection and give its place back."""
        with self._lock:
            known = self._open.pop(request, self) is None
        super().shutdown_request(request)
        if known:
            self._places.release()

    def handle_error(self, request, client_address):
        """Say nothing of clients that went away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def _close_oldest(self):
        with self._lock:
            oldest = next(iter(self._open), None)
            if oldest is not None:
                with suppress(OSError):  # its client may be gone
                    oldest.shutdown(socket.SHUT_RDWR)  # wakes the thread, which ends
