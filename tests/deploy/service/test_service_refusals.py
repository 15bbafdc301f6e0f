"""What the service refuses, and what only looks odd."""

import http.client
import socket
from urllib.parse import urlsplit

import pytest

from helpers.images import encode, painted, quarters
from helpers.service_client import code_of, send, upload
from helpers.waiting import PATIENCE

RED = encode(painted(red=200, size=(20, 30)))

NAMES = [
    "../../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "C:\\photo.jpg",
    "photo.php",
    "",
    "x" * 5000,
    "\u202egpj.exe",
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: name[:20])
def test_the_name_of_a_file_changes_nothing(url, name):
    answer = upload(url, RED, filename=name or " ")
    assert (answer.status, answer.body) == (200, upload(url, RED).body)


def test_a_line_break_in_a_name_makes_no_header(url):
    answer = upload(url, RED, filename="a\r\nSet-Cookie: x=1\r\n\r\n.jpg")
    assert answer.status in (200, 400) and "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "data, status, code",
    [
        (b"", 400, "empty"),
        (b"I am a picture, honestly", 415, "not_a_picture"),
        (encode(painted(), "GIF"), 415, "not_a_picture"),
        (encode(quarters(), "JPEG")[:400], 415, "broken_picture"),
        (b"\xff\xd8\xff" + b"x" * (5 * 2**20 + 1), 413, "too_large"),
        (b"\xff\xd8\xff" + b"x" * (8 * 2**20), 413, "too_large"),
        ([RED] * 20, 400, "several"),
        ([b"x"] * 2000, 413, "too_large"),
    ],
    ids="empty text gif truncated oversized far-oversized twenty two-thousand".split(),
)
def test_refuses(url, data, status, code):
    answer = upload(url, data, filename="photo.jpg")
    assert (answer.status, code_of(answer)) == (status, code)
    assert answer.body["error"]["message"].endswith(".")
    assert upload(url, RED).status == 200, "and goes on"


def test_five_megabytes_are_taken(url):
    data = RED + b"\0" * (5 * 2**20 - len(RED))
    assert upload(url, data).status == 200
    assert send(url, body=data, Content_Type="image/png").status == 200


def test_the_server_hangs_up_on_what_is_far_too_large(url):
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    connection.putrequest("POST", "/api/predict")
    connection.putheader("Content-Type", "image/png")
    connection.putheader("Content-Length", str(10**9))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_in_chunks_is_counted_too(url):
    chunks = (b"x" * 2**20 for _ in range(7))
    answer = send(url, body=chunks, Content_Type="image/png")
    assert (answer.status, code_of(answer)) == (413, "too_large")


FORM = "multipart/form-data"


@pytest.mark.parametrize(
    "kind, body, status, code",
    [
        (None, b"", 400, "missing"),
        (None, RED, 415, "wrong_content_type"),
        ("text/plain", RED, 415, "wrong_content_type"),
        ("application/json", b"{}", 415, "wrong_content_type"),
        ("application/x-www-form-urlencoded", b"picture=1", 415, "wrong_content_type"),
        ("image/png", b"", 400, "empty"),
        (FORM, b"", 400, "missing"),
        (FORM, b"--x\r\n", 400, "missing"),
        (f"{FORM}; boundary=", b"--\r\n", 400, "missing"),
        (f"{FORM}; boundary=x", b"", 400, "missing"),
        (f"{FORM}; boundary=x", b"--x\r\nContent-Dispo", 400, "missing"),
        (f"{FORM}; boundary=x", b"--y\r\n\r\n--y--", 400, "missing"),
        (f"{FORM}; boundary=x", b"--x\r\n\r\nhello\r\n--x--\r\n", 400, "missing"),
        (f"{FORM}; boundary=" + "x" * 9000, b"--x", 400, "missing"),
    ],
    ids=range(14),
)
def test_refuses_malformed_requests(url, kind, body, status, code):
    headers = {"Content_Type": kind} if kind else {}
    answer = send(url, body=body, **headers)
    assert (answer.status, code_of(answer)) == (status, code)


def test_the_picture_must_be_a_file_of_its_field(url):
    assert code_of(upload(url, RED, field="image")) == "missing"
    body = (
        b'--x\r\nContent-Disposition: form-data; name="picture"\r\n\r\nhi\r\n--x--\r\n'
    )
    answer = send(url, body=body, Content_Type="multipart/form-data; boundary=x")
    assert (answer.status, code_of(answer)) == (400, "missing")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_not_allowed(url, method):
    answer = send(url, method)
    assert answer.status == 405
    assert "POST" in answer.headers["Allow"]
    assert method == "HEAD" or code_of(answer) == "method_not_allowed"


@pytest.mark.parametrize(
    "query",
    ["top=0", "top=-1", "top=1001", "top=x", "top=", "top=%D9%A3", "top=5_0"]
    + ["threshold=2", "threshold=-0.1", "threshold=nan", "threshold=inf", "threshold="],
)
def test_refuses_wrong_settings(url, query):
    answer = upload(url, RED, query=f"?{query}")
    assert (answer.status, code_of(answer)) == (400, "wrong_setting")


@pytest.mark.parametrize("path", ["/no", "/static/../app.py", "/static/%2e%2e/app.py"])
def test_unknown_addresses(url, path):
    answer = send(url, "GET", path)
    assert (answer.status, code_of(answer)) == (404, "not_found")


@pytest.mark.parametrize(
    "raw",
    [
        b"\0\xff\r\n\r\n",
        b"POST /api/predict HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/predict HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 300_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(url, raw):
    host, port = urlsplit(url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(raw)
        assert connection.recv(100).split()[1] in (b"400", b"431")
    assert send(url, "GET", "/health").status == 200
