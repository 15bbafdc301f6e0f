"""Pictures as they really come: odd modes, wrong names, cut off, turned by EXIF."""

import io
import time

import numpy as np
import pytest
from PIL import Image

from helpers.images import encode, encode_oriented
from inspection.common.errors import DatasetError
from inspection.datasets.images import image_file, near_duplicates


def ramp(width=64, height=48):
    """Return an RGB picture no corner of which is like another."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, 0 * x + 90], -1).astype(
        "uint8"
    )


def turned(orientation, kind="JPEG"):
    return encode_oriented(ramp(), orientation, kind)


@pytest.mark.parametrize("kind", "JPEG PNG GIF BMP TIFF WEBP AVIF".split())
def test_sniffs_bytes(kind):
    data = encode(ramp(), kind)
    assert image_file.sniff_format(data) == kind.lower()
    assert image_file.is_complete(data)
    assert image_file.read_header(data).stored_size == (64, 48)


@pytest.mark.parametrize(
    "data, kind",
    [
        (b"", None),
        (b"\xff", None),
        (b"<html>", None),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"\0\0\0\x18ftypheic\0\0", "heic"),
        (b"\0\0\0\x18ftypmp42\0\0", None),
        (b"\0\x05\x16\x07AppleDouble", None),
    ],
)
def test_sniffs_what_is_no_picture(data, kind):
    assert image_file.sniff_format(data) == kind
    assert not image_file.is_complete(data)


@pytest.mark.parametrize("kind", "JPEG PNG GIF BMP TIFF WEBP".split())
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_finds_cut_off_pictures(kind, share):
    data = encode(ramp(), kind)
    assert not image_file.is_complete(data[: int(len(data) * share)])


def test_finds_cut_off_progressive_jpeg_with_thumbnail():
    thumbnail = encode(ramp(16, 12), "JPEG")
    exif = b"Exif\0\0" + thumbnail
    data = encode(ramp(), "JPEG", exif=exif, progressive=True)
    assert data.count(b"\xff\xd9") == 2
    assert image_file.is_complete(data)
    assert image_file.is_complete(data + b"\0trailer of a phone")
    assert not image_file.is_complete(data[:-2])


def test_finds_damaged_png():
    data = bytearray(encode(ramp(), "PNG"))
    data[len(data) // 2] ^= 255
    assert not image_file.is_complete(bytes(data))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_turns_pictures_upright(tmp_path, orientation, kind):
    path = tmp_path / "a.jpg"
    path.write_bytes(turned(orientation, kind))
    upright = image_file.read_rgb(path)
    # where the first stored row and column go, by the EXIF standard
    first_row = {1: "top", 2: "top", 3: "bottom", 4: "bottom"}.get(orientation)
    lying = orientation >= 5
    assert upright.shape == ((64, 48, 3) if lying else (48, 64, 3))
    assert image_file.image_size(path) == ((48, 64) if lying else (64, 48))
    green = upright[..., 1].astype(int).mean(axis=0 if lying else 1)
    ends_bright = green[-1] > green[0]
    if lying:
        first_row = "left" if orientation in (5, 8) else "right"
    assert ends_bright == (first_row in ("top", "left"))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_takes_senseless_orientations_as_upright(tmp_path, orientation):
    path = tmp_path / "a.jpg"
    path.write_bytes(turned(orientation))
    assert image_file.image_size(path) == (64, 48)
    assert image_file.read_header(path.read_bytes()).orientation == 1


def test_takes_orientation_too_large_for_its_field(tmp_path):
    # type long instead of short, value 65537
    entry = b"\x01\x12\x00\x04\x00\x00\x00\x01\x00\x01\x00\x01"
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0"
    data = encode(ramp(), "JPEG", exif=exif)
    assert image_file.read_header(data).orientation == 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "CMYK", "L", "LA", "P", "1", "I;16"])
def test_reads_every_mode_as_rgb(tmp_path, mode):
    image = Image.fromarray(ramp())
    if mode == "I;16":
        wide = image.convert("L").point(lambda v: v * 256, "I").convert("I;16")
        data, expected = encode(wide, "PNG"), image.convert("L").convert("RGB")
    else:
        image = image.convert(mode)
        kind = "TIFF" if mode == "CMYK" else "PNG"
        data, expected = encode(image, kind), image.convert("RGB")
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    header = image_file.read_header(data)
    assert (header.mode, header.bits == 16) == (mode, mode == "I;16")
    pixels = image_file.read_rgb(path)
    assert pixels.dtype == np.uint8 and pixels.shape == (48, 64, 3)
    np.testing.assert_array_equal(pixels, np.asarray(expected))


@pytest.mark.parametrize(
    "data, message",
    [
        (b"", "a.jpg is empty"),
        (b"<html>404", "a.jpg is no picture: it begins with b'<html>40'"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "is HEIC, which OpenCV"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a.jpg is a broken PNG"),
    ],
)
def test_names_what_is_no_picture(tmp_path, data, message):
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    for read in (image_file.image_size, image_file.read_rgb):
        with pytest.raises(DatasetError, match=message):
            read(path)


def test_likeness_survives_size_quality_and_light():
    rng = np.random.default_rng(0)
    scene = Image.fromarray(rng.integers(0, 256, (12, 16, 3), "uint8")).resize(
        (640, 480)
    )
    poor = Image.open(io.BytesIO(encode(scene.resize((300, 225)), "JPEG", quality=20)))
    dark = scene.point(lambda value: value * 0.6 + 10)
    other = Image.fromarray(rng.integers(0, 256, (12, 16, 3), "uint8"))
    plain = Image.new("RGB", (64, 48), "grey")
    images = [scene, other.resize((640, 480)), poor, plain, dark, plain]
    rows = [near_duplicates.fingerprint(image) for image in images]
    assert near_duplicates.near_links(rows) == [(0, 2), (0, 4)]


@pytest.mark.parametrize("block", [2, 3, 100])
def test_groups_are_the_same_in_blocks(monkeypatch, block):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(11, 512))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[8], rows[4], rows[10] = rows[1], rows[3], rows[1]
    monkeypatch.setattr(near_duplicates, "BLOCK", block)
    links = near_duplicates.near_links(rows)
    groups = near_duplicates.join_groups(11, links)
    assert [g for g in groups if len(g) > 1] == [[1, 8, 10], [3, 4]]


def test_a_still_film_is_one_group_of_few_links():
    row = np.random.default_rng(0).normal(size=512)
    rows = np.repeat((row / np.linalg.norm(row))[None], 5000, axis=0)
    links = near_duplicates.near_links(rows)
    assert len(links) < 10 * len(rows)
    assert near_duplicates.join_groups(5000, links) == [list(range(5000))]


def test_a_long_chain_is_joined_at_once():
    chain = [(i, i + 1) for i in reversed(range(99_999))]
    started = time.process_time()
    assert near_duplicates.join_groups(100_000, chain) == [list(range(100_000))]
    assert time.process_time() - started < 5


def test_joins_groups():
    groups = near_duplicates.join_groups(6, [(4, 5), (0, 3), (3, 5)])
    assert groups == [[0, 3, 4, 5], [1], [2]]


def test_finds_the_one_near_duplicate_of_bccd(shared_data):
    paths = sorted((shared_data / "bccd" / "images").iterdir())
    rows = [near_duplicates.fingerprint(Image.open(path)) for path in paths]
    pairs = [
        (paths[i].stem, paths[j].stem) for i, j in near_duplicates.near_links(rows)
    ]
    assert pairs == [("BloodImage_00037", "BloodImage_00038")]


def test_reads_real_turned_photographs(shared_data):
    paths = sorted((shared_data / "pavement_cracks").glob("*/*"))[::25]
    headers = [image_file.read_header(path.read_bytes()) for path in paths]
    assert len({header.orientation for header in headers}) > 1
    for path, header in zip(paths, headers, strict=True):
        assert image_file.read_rgb(path).shape[1::-1] == header.size


@pytest.mark.parametrize("alike, pairs", [(0.92, [(0, 1)]), (0.88, [])])
def test_pictures_are_near_from_nine_tenths_on(alike, pairs):
    rows = np.zeros((2, 512))
    rows[0, 0] = 1
    rows[1, :2] = alike, np.sqrt(1 - alike**2)
    assert near_duplicates.near_links(rows) == pairs
