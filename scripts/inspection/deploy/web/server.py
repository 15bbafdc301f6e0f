"""Serve the page, MediaPipe and the models to a browser: files only, no computing."""

import json
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

from inspection.common.errors import UserError
from inspection.deploy.web.bounded_server import BoundedServer

STATIC = Path(__file__).with_name("static")
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".json": "application/json; charset=utf-8",
    ".tflite": "application/octet-stream",
}
# the browser itself refuses whatever would leave this machine
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

CLIENT_SECONDS = 60


class Handler(BaseHTTPRequestHandler):
    """Answers GET for what stands in `files`, {path: file or bytes}."""

    protocol_version = "HTTP/1.1"
    timeout = CLIENT_SECONDS  # to send something, and to take a whole file away

    def __init__(self, files, *arguments):
        self.files = files
        super().__init__(*arguments)

    def do_GET(self):
        # urlsplit refuses some of what strangers write
        path = unquote(self.path.partition("?")[0].partition("#")[0])
        content = self.files.get("/index.html" if path == "/" else path)
        if content is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        data = content if isinstance(content, bytes) else content.read_bytes()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", TYPES[Path(path).suffix or ".html"])
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        # a model that was exported anew must not come from the browser's cache
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_HEAD = do_GET

    def log_message(self, *_):
        """Keep the terminal for what the user should read."""


def make_server(models, package, host="127.0.0.1", port=8001):
    """Return a server of the page for some `ModelFile`s; port 0 takes a free one.

    package: the folder of MediaPipe Tasks Vision. Raises UserError where the port is
    taken.
    """
    files = {f"/{path.name}": path for path in STATIC.iterdir()}
    for path in (*package.glob("*.mjs"), *package.glob("wasm/*")):
        files[f"/vision/{path.relative_to(package).as_posix()}"] = path
    for i, model in enumerate(models):
        files[f"/models/{i}.tflite"] = model.path
    files["/models.json"] = json.dumps(
        [model_entry(*pair) for pair in enumerate(models)]
    ).encode()
    try:
        return BoundedServer((host, port), partial(Handler, files))
    except OSError as error:
        raise UserError(
            f"{host}, port {port} cannot be used ({error.strerror}); try --port 0"
        ) from error


def model_entry(number, model):
    """Return what the page needs to know of a model before it loads it."""
    return {
        "url": f"/models/{number}.tflite",
        "name": model.path.stem,
        "kind": model.kind,
        "labels": model.labels,
        "letterbox": model.letterbox,
        "size": model.input_size,
        "threshold": model.threshold,
        "topShare": model.top_share,
    }
