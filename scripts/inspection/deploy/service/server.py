"""waitress in front of the application: in the foreground, or beside a notebook."""

import select
import threading
from contextlib import contextmanager

from waitress import wasyncore

from inspection.common.errors import UserError
from inspection.deploy.service.app import PLACES
from inspection.deploy.service.connections import MOST_CONNECTIONS, BoundedServer

SPARE = 16  # for what does not wait for the model: pages, refusals, /health
THREADS = PLACES + SPARE  # requests worked on at a time
HEADER_BYTES = 2**16


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
        return BoundedServer(
            app,
            host=host,
            port=port,
            ipv4=not ipv6,
            ipv6=ipv6,
            threads=threads,
            # above the limit of connections, which are closed to keep it
            connection_limit=2 * MOST_CONNECTIONS,
            channel_timeout=30,  # seconds for a client that sends nothing
            cleanup_interval=5,  # seconds between looks at who takes too long
            max_request_body_size=most,
            max_request_header_size=HEADER_BYTES,
            asyncore_use_poll=hasattr(select, "poll"),  # select takes 1,024 files
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
