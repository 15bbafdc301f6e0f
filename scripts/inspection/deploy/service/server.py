"""waitress in front of the application: in the foreground, or beside a notebook."""

import atexit
import logging
import logging.handlers
import queue
import threading
from contextlib import contextmanager

import waitress
from waitress import wasyncore

from inspection.common.errors import UserError

THREADS = 64  # requests worked on at a time; most of them wait for the model


def create_server(app, host="127.0.0.1", port=8000, threads=THREADS):
    """Return a waitress server, its port open; port 0 takes a free one.

    Raises UserError where the port is taken or may not be opened, or the host unknown.
    """
    if not 0 <= port <= 65535:
        raise UserError(f"{port} is no port: they go from 0 to 65535")
    ipv6 = ":" in host  # one socket, also where a name means an address of each kind
    # the application refuses what is too large in words; far above, the server hangs up
    most = 4 * app.config["MAX_CONTENT_LENGTH"]
    try:
        return waitress.create_server(
            app,
            host=host,
            port=port,
            ipv4=not ipv6,
            ipv6=ipv6,
            threads=threads,
            connection_limit=256,
            channel_timeout=30,  # seconds for a client that sends nothing
            max_request_body_size=most,
            ident=None,
        )
    except (OSError, ValueError) as error:
        raise UserError(f"cannot listen on {host}, port {port}: {error}") from error


def address_of(server, host):
    """Return the address of the page, as a browser on this machine wants it."""
    host = {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{server.effective_port}"


@contextmanager
def serving(app, host="127.0.0.1", port=0, threads=THREADS):
    """Serve in a thread as long as the block runs; yield the address of the page."""
    server = create_server(app, host, port, threads)
    thread = threading.Thread(target=server.run, daemon=True, name="service")
    thread.start()
    try:
        yield address_of(server, host)
    finally:
        stop = threading.Event()
        server.trigger.pull_trigger(lambda: _close(server, stop))
        stop.wait()
        thread.join()
        server.task_dispatcher.shutdown()
        app.extensions["predictor"].close()


def _close(server, stop):
    # runs in the server's own thread, which ends when nothing is open
    wasyncore.close_all(server._map)
    stop.set()


def log_to_stderr():
    """Write one line a request: method, route, status, milliseconds. Nothing else."""
    lines = logging.StreamHandler()
    lines.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    # one thread writes: with a lock around each line, many threads spend more time
    # handing the lock on than answering
    waiting = queue.SimpleQueue()
    writer = logging.handlers.QueueListener(waiting, lines)
    writer.start()
    atexit.register(writer.stop)  # writes what still waits
    logging.getLogger().addHandler(logging.handlers.QueueHandler(waiting))
    logging.getLogger("inspection.service").setLevel(logging.INFO)
    # its warnings name the depth of a queue that is meant to fill
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
