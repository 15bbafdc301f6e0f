"""What becomes of the bytes that strangers send: upright RGB pixels, or a refusal."""

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from flask import Request
from PIL import Image, PngImagePlugin
from werkzeug.test import EnvironBuilder

from helpers.images import encode, painted, quarters, turned
from inspection.deploy.service import images, uploads
from inspection.deploy.service.refusals import Refusal
from inspection.deploy.service.room import Room

RED = painted(red=200, size=(20, 30))
KINDS = ["JPEG", "PNG", "WEBP"]


def decode(data, **options):
    with contextlib.ExitStack() as turn:
        return images.decode(data, turn, **options)


def png(width, height, rows=b"\0\0", extra=b""):
    """Return a PNG of black and white whose header may promise what it likes."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = [chunk(*part) for part in parts]
    return b"\x89PNG\r\n\x1a\n" + chunks[0] + extra + chunks[1] + chunks[2]


def chunk(name, data):
    crc = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + crc


def sixteen_bit():
    """Return a grey ramp of 16 bits, which a clipped conversion would show all white."""
    return Image.fromarray(np.tile(np.arange(256, dtype="uint16") * 256, (4, 1)))


def moving(kind):
    frames = [Image.fromarray(painted(red=200)), Image.fromarray(painted(blue=200))]
    return encode(frames[0], kind, save_all=True, append_images=frames[1:])


def refusal(data, **options):
    with pytest.raises(Refusal) as caught:
        decode(data, **options)
    assert caught.value.message.endswith(".")
    return caught.value.status, caught.value.code


@pytest.mark.parametrize("kind", KINDS)
def test_reads_what_browsers_send(kind):
    image = decode(encode(RED, kind))
    assert image.shape == (20, 30, 3) and image.dtype == np.uint8
    np.testing.assert_allclose(image, RED, atol=4)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_turns_upright(kind, orientation):
    image = decode(turned(orientation, kind))
    assert image.shape == (60, 80, 3)
    np.testing.assert_allclose(image[10, 10], [200, 0, 0], atol=6)
    np.testing.assert_allclose(image[50, 70], [0, 0, 200], atol=6)


@pytest.mark.parametrize(
    "data",
    [
        encode(Image.fromarray(RED).convert("CMYK"), "JPEG"),
        encode(Image.fromarray(RED).convert("RGBA"), "PNG"),
        encode(Image.fromarray(RED).convert("P"), "PNG"),
        encode(Image.fromarray(RED).convert("RGBA"), "WEBP"),
        encode(RED, "MPO", save_all=True, append_images=[Image.fromarray(RED)]),
        encode(RED, "JPEG", progressive=True),
    ],
    ids="cmyk rgba palette webp-alpha mpo progressive".split(),
)
def test_every_mode_of_red_is_red(data):
    np.testing.assert_allclose(decode(data)[10, 10], [200, 0, 0], atol=6)


@pytest.mark.parametrize("mode", ["1", "L", "LA"])
def test_grey_is_grey(mode):
    white = Image.new("L", (9, 5), 255).convert(mode)
    np.testing.assert_array_equal(decode(encode(white)), np.full((5, 9, 3), 255))


def test_sixteen_bits_keep_their_high_byte():
    np.testing.assert_array_equal(decode(encode(sixteen_bit()))[0, :, 0], range(256))


@pytest.mark.parametrize("size", [(1, 1), (10, 10_000), (10_000, 10)])
def test_reads_odd_sizes(size):
    assert decode(encode(painted(size=size))).shape == (*size, 3)


@pytest.mark.parametrize(
    "data", [png(2**31 - 1, 2**31 - 1), png(20_001, 1), png(5001, 5000)]
)
def test_refuses_decompression_bombs_by_their_header(data):
    assert refusal(data) == (413, "too_many_pixels")


def test_refuses_a_jpeg_that_promises_too_much():
    data = bytearray(encode(RED, "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
    assert refusal(bytes(data)) == (413, "too_many_pixels")


def test_refuses_a_text_that_unpacks_to_gigabytes():
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b" " * 20_000_000))
    status, _ = refusal(png(1, 1, extra=text))
    assert status in (413, 415)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.98])
def test_refuses_what_is_cut_off(kind, share):
    data = encode(quarters(), kind)
    status, code = refusal(data[: int(share * len(data))])
    assert (status, code) in [(415, "broken_picture"), (415, "not_a_picture")]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_refuses_what_moves(kind):
    assert refusal(moving(kind)) == (415, "animated")


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "AVIF"])
def test_names_the_kinds_it_does_not_read(kind):
    with pytest.raises(Refusal, match=f"{kind} is not taken") as caught:
        decode(encode(RED, kind))
    assert caught.value.status == 415


@pytest.mark.parametrize("data", [b"GIF89a", b"<html>", b"\xff\xd8\xff", b"\0" * 999])
def test_refuses_what_is_no_picture(data):
    assert refusal(data)[0] == 415


def test_refuses_nothing():
    assert refusal(b"") == (400, "empty")


def test_chunks_of_a_png_are_checked():
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "x" * 100)
    data = bytearray(encode(RED, "PNG", pnginfo=info))
    data[data.index(b"xxxx") + 9] ^= 1
    assert refusal(bytes(data)) == (415, "broken_picture")


def test_reads_no_more_than_it_is_given():
    assert decode(encode(RED) + b"<script>").shape == RED.shape


@pytest.fixture
def place(monkeypatch):
    """Return the only place that there is for a large picture."""
    only = Room(1)
    monkeypatch.setattr(images, "large_images", only)
    return only


def is_free(place):
    try:
        with place.place():
            return True
    except Refusal:
        return False


@pytest.mark.parametrize(("side", "stays_free"), [(1000, True), (1001, False)])
def test_a_large_picture_keeps_its_place_until_the_turn_ends(place, side, stays_free):
    data = encode(painted(red=200, size=(1000, side)), "JPEG")
    with contextlib.ExitStack() as turn:
        images.decode(data, turn)
        assert is_free(place) is stays_free
    assert is_free(place)


def test_a_broken_large_picture_leaves_its_place(place):
    # its header and its length are right, only the pixels cannot be unpacked
    assert refusal(png(1001, 1000, b"")) == (415, "broken_picture")
    assert is_free(place)


def test_just_the_most_pixels_are_taken():
    data = encode(painted(size=(10, 20)))
    assert decode(data, max_pixels=200).shape == (10, 20, 3)
    assert refusal(data, max_pixels=199) == (413, "too_many_pixels")


def test_just_the_longest_side_is_taken(monkeypatch):
    monkeypatch.setattr(images, "MAX_SIDE", 20)
    assert decode(encode(painted(size=(1, 20)))).shape == (1, 20, 3)
    assert refusal(encode(painted(size=(1, 21)))) == (413, "too_many_pixels")


@pytest.mark.parametrize("form", [False, True])
def test_just_the_most_bytes_are_taken(form):
    data = encode(RED)

    def taken(max_bytes):
        body = {"picture": (io.BytesIO(data), "a.png")} if form else data
        kind = "multipart/form-data" if form else "image/png"
        request = EnvironBuilder(method="POST", data=body, content_type=kind)
        return uploads.image_bytes(request.get_request(Request), max_bytes)

    assert taken(len(data)) == data
    with pytest.raises(Refusal) as caught:
        taken(len(data) - 1)
    assert caught.value.code == "too_large"
