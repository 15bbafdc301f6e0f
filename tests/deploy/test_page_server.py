"""The server of the page under clients that nobody wants: threads stay few."""

import socket
import threading
import urllib.request
from contextlib import ExitStack

import pytest

from helpers import tiny_models as tiny
from helpers.commands import run_command
from helpers.waiting import PATIENCE, wait_until
from inspection.deploy.model_file import read_model_file
from inspection.deploy.web import package, server
from inspection.deploy.web.bounded_server import MOST_CONNECTIONS


@pytest.fixture
def served(tmp_path, monkeypatch):
    """Serve one model without MediaPipe; yield the server."""
    monkeypatch.setenv("VISUAL_INSPECTION_CACHE", str(tmp_path / "cache"))
    package.package_folder().mkdir(parents=True)
    path = tmp_path / "leaks.tflite"
    path.write_bytes(tiny.make_detector())
    running = server.make_server(
        [read_model_file(path)], package.package_folder(), port=0
    )
    thread = threading.Thread(target=running.serve_forever, args=[0.01])
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def connect(served, stack, text=b""):
    address = ("127.0.0.1", served.server_port)
    one = stack.enter_context(socket.create_connection(address, PATIENCE))
    one.sendall(text)
    return one


def ask(served, path="models/0.tflite", method="GET"):
    url = f"http://127.0.0.1:{served.server_port}/{path}"
    request = urllib.request.Request(url, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return answer.status, answer.read(), answer.headers


@pytest.mark.parametrize("text", [b"", b"GET / HT"], ids=["silent", "slow"])
def test_hundreds_of_connections_take_few_threads_and_stop_nobody(served, text):
    before = threading.active_count()
    with ExitStack() as stack:
        idle = [connect(served, stack, text) for _ in range(300)]
        assert ask(served)[1] == served_model(served)
        assert threading.active_count() <= before + MOST_CONNECTIONS
        assert idle[0].recv(1) == b"", "the oldest made place"
        idle[-1].sendall(b"GET / HTTP/1.1\r\n\r\n"[len(text) :])
        assert idle[-1].recv(15) == b"HTTP/1.1 200 OK", "a younger one may go on"
    wait_until(lambda: threading.active_count() == before)


def served_model(served):
    return served.RequestHandlerClass.args[0]["/models/0.tflite"].read_bytes()


def test_more_visitors_than_places_all_get_their_file(served):
    for _ in range(MOST_CONNECTIONS + 10):
        assert ask(served)[0] == 200


def test_a_head_has_no_body(served):
    status, body, headers = ask(served, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(served_model(served))


@pytest.mark.parametrize(
    "raw",
    [
        b"GET //[ HTTP/1.1\r\n\r\n",
        b"GET /%00%ff HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1 more\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"\0\xff\r\n\r\n",
    ],
    ids=range(6),
)
def test_hostile_requests_are_the_client_s_fault(served, raw, capfd):
    with ExitStack() as stack:
        client = connect(served, stack, raw)
        answer = client.makefile("rb").readline()
        assert b" 4" in answer or b"<!DOCTYPE" in answer
    assert ask(served)[0] == 200
    assert capfd.readouterr().err == ""


def test_a_client_that_goes_away_is_no_news(served, capfd):
    with ExitStack() as stack:
        client = connect(served, stack, b"GET / HT")
        # a reset instead of an end
        linger = b"\1\0\0\0\0\0\0\0"
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    wait_until(lambda: not served._open)
    assert ask(served)[0] == 200
    assert capfd.readouterr().err == ""


def test_a_model_without_metadata_is_refused(tmp_path, monkeypatch, capsys):
    (tmp_path / "bare.tflite").write_bytes(tiny.make_detector(metadata=False))
    (tmp_path / "labelmap.txt").write_text("leak\npuddle\n")
    status, _, err = run_command(
        monkeypatch, capsys, "serve_page", tmp_path / "bare.tflite"
    )
    assert status == 2
    assert "bare.tflite: without metadata MediaPipe takes no model" in err


def test_an_unknown_host_is_named(served):
    from inspection.common.errors import UserError

    with pytest.raises(UserError, match="no.such.invalid, port 0 cannot be used"):
        server.make_server([], package.package_folder(), "no.such.invalid", 0)
