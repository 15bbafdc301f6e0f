"""Slow, many and large clients: each is bounded, and nobody else waits for them."""

import http.client
import logging
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from helpers import tiny_models
from helpers.images import encode, painted
from helpers.service_client import send, upload
from helpers.waiting import PATIENCE, wait_until
from inspection.deploy import runtime
from inspection.deploy.results import Classification
from inspection.deploy.service import connections, images
from inspection.deploy.service.app import create_app
from inspection.deploy.service.log_lines import JsonLines
from inspection.deploy.service.metrics import BOUNDS, Metrics
from inspection.deploy.service.refusals import Refusal
from inspection.deploy.service.room import Room
from inspection.deploy.service.server import create_server, serving

RED = encode(painted(red=200, size=(20, 30)))
SLOW = b"POST /api/predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/png\r\n"


@pytest.fixture
def app(tmp_path):
    path = tmp_path / "colours.tflite"
    path.write_bytes(tiny_models.make_classifier())
    app = create_app(runtime.load_model(path), "colours")
    yield app
    app.extensions["predictor"].close()


class Gate:
    """A classifier that waits until it is opened."""

    kind, labels, input_size = "classifier", ("a", "b"), (8, 8)

    def __init__(self):
        self.asked, self.opened = threading.Event(), threading.Event()

    def predict(self, image):
        self.asked.set()
        self.opened.wait(PATIENCE)
        return Classification(image[0, 0, :2] / 255)

    def predict_batch(self, images):
        return [self.predict(image) for image in images]


def connect(url, stack, text=SLOW):
    """Open a connection that sends the beginning of a request, and no more."""
    address = urlsplit(url)
    one = socket.create_connection((address.hostname, address.port), PATIENCE)
    stack.enter_context(one)
    one.sendall(text)
    return one


def test_slow_connections_do_not_silence_the_service(app):
    with ExitStack() as stack:
        url = stack.enter_context(serving(app))
        slow = [connect(url, stack) for _ in range(connections.MOST_CONNECTIONS + 50)]
        assert upload(url, RED).status == 200
        assert slow[0].recv(1) == b"", "the oldest made place"
        slow[-1].sendall(b"Content-Length: %d\r\n\r\n" % len(RED) + RED)
        assert slow[-1].recv(15) == b"HTTP/1.1 200 OK", "a younger one may go on"


def test_connections_that_say_nothing_make_place_too(app):
    with ExitStack() as stack:
        url = stack.enter_context(serving(app))
        for _ in range(2 * connections.MOST_CONNECTIONS + 10):
            connect(url, stack, b"")
        assert send(url, "GET", "/health").status == 200


def turn(server):
    """Let a server without a thread do what there is to do."""
    server.asyncore.loop(timeout=0.01, map=server._map, count=1)


def test_a_request_that_takes_too_long_to_arrive_is_ended(app):
    server = create_server(app, port=0)
    url = f"http://127.0.0.1:{server.effective_port}"
    with ExitStack() as stack:
        stack.callback(server.task_dispatcher.shutdown)
        stack.callback(server.close)
        client = connect(url, stack)
        wait_until(lambda: turn(server) or any(map(begun, channels(server))))
        (channel,) = channels(server)
        channel.last_activity = now = time.time() + connections.REQUEST_SECONDS + 1
        server.maintenance(now - 2)
        turn(server)
        assert channels(server) == [channel]
        server.maintenance(now)  # something arrived just now, and yet
        wait_until(lambda: turn(server) or not channels(server))
        assert client.recv(1) == b""


def channels(server):
    return list(server.active_channels.values())


def begun(channel):
    return channel.request is not None


def test_who_finds_no_place_is_told_at_once_and_when_to_come_again():
    model = Gate()
    app = create_app(model, places=2, max_batch=1)
    predictor = app.extensions["predictor"]
    with serving(app) as url, ThreadPoolExecutor(2) as pool:
        first = [pool.submit(upload, url, RED) for _ in range(2)]
        wait_until(lambda: model.asked.is_set() and predictor.waiting == 1)
        answer = upload(url, RED)
        assert (answer.status, answer.body["error"]["code"]) == (503, "busy")
        assert int(answer.headers["Retry-After"]) > 0
        assert send(url, "GET", "/health").status == 200
        assert "inspection_waiting 1" in send(url, "GET", "/metrics").body
        model.opened.set()
        assert [future.result().status for future in first] == [200, 200]
        assert upload(url, RED).status == 200


def test_more_pictures_than_threads_do_not_silence_the_service():
    model = Gate()
    app = create_app(model)
    with serving(app) as url, ThreadPoolExecutor(100) as pool:
        asked = [pool.submit(upload, url, RED) for _ in range(100)]
        wait_until(lambda: sum(future.done() for future in asked) == 36)
        assert send(url, "GET", "/health").status == 200
        model.opened.set()
        statuses = sorted(future.result().status for future in asked)
    assert statuses == [200] * 64 + [503] * 36


def test_large_pictures_wait_for_room_and_not_for_ever(app, monkeypatch):
    large, room = encode(painted(size=(1001, 1000)), "JPEG"), Room(1)
    monkeypatch.setattr(images, "large_images", room)
    monkeypatch.setattr(images, "LARGE_SECONDS", 0)
    client = app.test_client()

    def ask(data):
        kind = "image/jpeg" if data is large else "image/png"
        return client.post("/api/predict", data=data, content_type=kind)

    with room.place():
        assert ask(large).status_code == 503
        assert ask(RED).status_code == 200
    assert ask(large).status_code == 200, "the place was given back"
    with pytest.raises(Refusal), room.place(), room.place():
        pass


def test_metrics_are_as_prometheus_reads_them(app):
    client = app.test_client()
    for data in (RED, RED, b"no picture"):
        client.post("/api/predict", data=data, content_type="image/png")
    client.get("/wp-login.php")
    answer = client.get("/metrics")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    values = read_metrics(answer.text)
    requests = "inspection_requests_total"
    assert values[f'{requests}{{route="/api/predict",status="200"}}'] == 2
    assert values[f'{requests}{{route="/api/predict",status="415"}}'] == 1
    assert values[f'{requests}{{route="unknown path",status="404"}}'] == 1
    assert values["inspection_alive"] == 1 and values["inspection_waiting"] == 0
    assert values["inspection_predict_seconds_count"] == 2
    assert values['inspection_predict_seconds_bucket{le="+Inf"}'] == 2
    about = 'inspection_info{version="1.0",name="colours",kind="classifier"}'
    assert values[about] == 1


def read_metrics(text):
    """Return {name with labels: value}; every line has to be of the format."""
    values = {}
    for line in text.splitlines():
        if not re.fullmatch(r"# (HELP|TYPE) \w+ .+", line):
            name, value = re.fullmatch(r"(\w+(?:{.*})?) (\S+)", line).groups()
            values[name] = float(value)
    assert text.endswith("\n")
    return values


def test_the_buckets_count_what_took_no_longer():
    metrics = Metrics()
    for seconds in (0.01, 0.02, 99):
        metrics.time(seconds)
    facts = {"version": "1", "model": {"name": 'a"\\\n', "kind": "detector"}}
    text = metrics.render(facts, 0, False)
    values = read_metrics(text)
    name = "inspection_predict_seconds"
    buckets = [values[f'{name}_bucket{{le="{end}"}}'] for end in (*BOUNDS, "+Inf")]
    assert buckets == [1] + [2] * (len(BOUNDS) - 1) + [3]
    assert values[f"{name}_sum"] == pytest.approx(99.03)
    assert r'name="a\"\\\n"' in text


def test_prometheus_own_reader_takes_them(app):
    parser = pytest.importorskip("prometheus_client.parser")
    app.test_client().post("/api/predict", data=RED, content_type="image/png")
    text = app.test_client().get("/metrics").text
    kinds = {f.name: f.type for f in parser.text_string_to_metric_families(text)}
    assert kinds == {
        "inspection_info": "gauge",
        "inspection_requests": "counter",
        "inspection_waiting": "gauge",
        "inspection_alive": "gauge",
        "inspection_predict_seconds": "histogram",
    }


def test_a_traceback_is_one_line_of_the_log():
    record = logging.LogRecord("a", logging.ERROR, "", 0, "two\nlines", (), None)
    line = JsonLines().format(record)
    assert "\n" not in line and '"message": "two\\nlines"' in line


HOSTILE = [
    b"GET //[ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /%ff%00%2e%2e/ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /?" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: [\r\n\r\n",
    b"GET / HTTP/1.1\r\nCookie: \xff=\xfe\r\nAccept: ;;;q=x\r\n\r\n",
    b"SECRET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /api/predict HTTP/1.1\r\nContent-Type: image/\xff\r\nContent-Length: 1\r\n\r\na",
    b"POST /api/predict?top=\xff HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
    b"POST /api/predict HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /api/predict HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
    b'POST /api/predict HTTP/1.1\r\nContent-Type: multipart/form-data; boundary="\r\n'
    b"Content-Length: 3\r\n\r\n--a",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_requests_are_the_client_s_fault(app, raw):
    with ExitStack() as stack:
        url = stack.enter_context(serving(app))
        client = connect(url, stack, raw)
        status = int(client.recv(100).split()[1])
        assert 200 <= status < 500
        assert send(url, "GET", "/health").status == 200


def test_the_description_names_all_addresses(app):
    rules = {str(rule) for rule in app.url_map.iter_rules()}
    described = app.test_client().get("/openapi.json").get_json()["paths"]
    assert rules - set(described) == {"/", "/static/<path:filename>"}


def test_a_client_that_goes_away_leaves_no_thread_behind(app):
    with serving(app) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
        connection.request("POST", "/api/predict", RED, {"Content-Type": "image/png"})
        connection.close()
        assert upload(url, RED).status == 200
