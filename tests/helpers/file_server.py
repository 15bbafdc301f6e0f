"""A web server on this machine that sends files, as whole, in parts, or spoilt."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOG_IN = b"<!DOCTYPE html>\n<html><title>Please log in</title></html>\n"


class Handler(BaseHTTPRequestHandler):
    """Send what `server.files` holds; `server.stops_after` bytes break a transfer off."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range")))
        data = self.server.files.get(self.path.lstrip("/"))
        if data is None:
            return self.send_error(404)
        data = data.read_bytes() if isinstance(data, Path) else data
        first = self._first(data)
        self.send_response(206 if first else 200)
        if first:
            self.send_header(
                "Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}"
            )
        if self.server.tag:
            self.send_header("ETag", self.server.tag)
            self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        self.wfile.write(data[first:][: self.server.stops_after])

    def _first(self, data):
        asked, tag = self.headers.get("Range"), self.headers.get("If-Range")
        if not (asked and self.server.tag and tag == self.server.tag):
            return 0
        return min(int(asked.removeprefix("bytes=").rstrip("-")), len(data) - 1)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(files):
    """Yield a server of files, {name: bytes or a path}; its address is `url`.

    What was asked for is in `asked`, pairs of path and range.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.asked, server.tag, server.stops_after = files, [], "", None
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
