"""Requests that nobody would write by hand, and what must hold for each answer."""

import json
import zlib

from hypothesis import strategies as st

from helpers.images import encode, painted, quarters, turned

SEEDS = [
    encode(quarters(), "JPEG"),
    encode(quarters(), "JPEG", progressive=True, optimize=True),
    encode(painted(red=9), "PNG"),
    encode(quarters(), "WEBP", lossless=True),
    encode(quarters(), "WEBP"),
    turned(6),
    turned(8, "PNG"),
    encode(painted(), "GIF"),
]
CONTENT_TYPES = [
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    'multipart/form-data; boundary="',
    "image/png",
    "image/jpeg; charset=utf-8",
    "application/json",
    "",
]
PARTS = [  # of a form, the right one first
    b'Content-Disposition: form-data; name="picture"; filename="a.jpg"',
    b'Content-Disposition: form-data; name="picture"',
    b"Content-Disposition: form-data; name*=utf-8''picture; filename=",
    b"Content-Type: image/png",
    b"",
]
ENDS = [b"\r\n--x--\r\n", b"\r\n--x\r\n", b"", b"\n--x--"]
QUERIES = ["", "?top=3", "?threshold=1e-3", "?top=1&top=x", "?%00=%ff", "?threshold=."]
REFUSED = {400, 413, 415}


@st.composite
def images(draw):
    """Make a picture file with some bytes changed, cut out or added."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        # many faults that matter lie in the headers
        last = draw(st.sampled_from([64, len(data)]))
        at = draw(st.integers(0, max(0, min(last, len(data)) - 1)))
        new = draw(st.binary(min_size=1, max_size=4))
        gone = draw(st.sampled_from([len(new)] * 4 + [0, 8]))
        data[at : at + gone] = new
    return mend_checksums(data) if draw(st.booleans()) else bytes(data)


def mend_checksums(data):
    """Return a PNG whose chunks have right checksums, so that their content counts."""
    start = 8
    while data.startswith(b"\x89PNG") and start + 12 <= len(data):
        end = start + 8 + int.from_bytes(data[start : start + 4], "big")
        data[end : end + 4] = zlib.crc32(data[start + 4 : end]).to_bytes(4, "big")
        start = end + 4
    return bytes(data)


@st.composite
def forms(draw):
    """Make the body of a form, mostly near to a right one."""
    head = draw(st.just(PARTS[0]) | st.sampled_from(PARTS) | st.binary(max_size=80))
    data = draw(images() | st.binary(max_size=100))
    body = b"--x\r\n" + head + b"\r\n\r\n" + data + draw(st.sampled_from(ENDS))
    return body * draw(st.integers(1, 3))


@st.composite
def requests(draw):
    """Make a request: query, content type, body."""
    query = draw(st.sampled_from(QUERIES))
    kind = draw(st.sampled_from(CONTENT_TYPES) | st.just("image/png"))
    wrapped = forms() if kind.startswith("multipart") else images()
    other = forms() | st.binary(max_size=300)
    return query, kind, draw(other if draw(st.integers(0, 5)) == 0 else wrapped)


def fault_of(status, body):
    """Return what is wrong with an answer; "" for a result, or a refusal with why."""
    answer = json.loads(body)
    if status == 200:
        return "" if answer["width"] > 0 and answer["height"] > 0 else "no size"
    if status not in REFUSED:
        return f"{status}: {answer}"
    error = answer["error"]
    told = error["code"] and error["message"].endswith(".")
    return "" if told else f"{status} without a reason: {answer}"
