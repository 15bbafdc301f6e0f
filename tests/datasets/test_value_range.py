"""Pictures of more than 8 bits look as they do with 8, whatever they are stored in."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from inspection.common import notices
from inspection.common.errors import DatasetError
from inspection.datasets.images import image_file, value_range
from inspection.datasets.images.image_facts import read_facts

GREY = np.random.default_rng(0).integers(60, 251, (40, 50), np.uint8)
GREY[0, 0] = 250
COLOR = np.stack([GREY, GREY // 2, 255 - GREY], -1)


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    monkeypatch.setattr(notices, "_said", set())
    monkeypatch.setattr(value_range, "_known", {})


def save(path, pixels):
    """Write an array with all its bits: by OpenCV in colour, else by Pillow."""
    if pixels.ndim == 3:
        kind, data = cv2.imencode(path.suffix, pixels[..., ::-1])
        path.write_bytes(data.tobytes())
    else:
        Image.fromarray(pixels).save(path)
    return path


def in_bits(pixels, bits):
    return pixels.astype(np.uint16) << (bits - 8)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("pixels", [GREY, COLOR], ids=["grey", "color"])
def test_bits_in_sixteen(tmp_path, bits, suffix, pixels):
    path = save(tmp_path / f"a{suffix}", in_bits(pixels, bits))
    assert image_file.read_header(path.read_bytes()).bits == 16
    wanted = pixels if pixels.ndim == 3 else np.stack([pixels] * 3, -1)
    np.testing.assert_array_equal(image_file.read_rgb(path), wanted)


@pytest.mark.parametrize(
    "pixels",
    [
        (GREY / 255).astype(np.float32),
        GREY.astype(np.float32),
        GREY.astype(np.int32),
        GREY.astype(np.int32) * 16,
        GREY.astype(np.float32) * 257,
    ],
    ids=["to 1", "to 255", "int32", "int32 of 12 bits", "to 65535"],
)
def test_fractions_and_int32(tmp_path, pixels):
    path = save(tmp_path / "a.tif", pixels)
    np.testing.assert_array_equal(image_file.read_rgb(path)[..., 1], GREY)


def test_a_fraction_a_little_over_one_is_white(tmp_path):
    pixels = (GREY / 255).astype(np.float32)
    pixels[0, 0] = 1.02
    found = image_file.read_rgb(save(tmp_path / "a.tif", pixels))
    assert found[0, 0, 0] == 255
    np.testing.assert_array_equal(found[1:, :, 0], GREY[1:])


def test_a_dark_picture_of_a_set_stays_dark(tmp_path, capsys):
    bright = save(tmp_path / "bright.png", in_bits(GREY, 12))
    dark = save(tmp_path / "dark.png", in_bits(GREY // 8, 12))
    alone = image_file.read_rgb(dark)
    value_range.find_range([bright, dark])
    together = image_file.read_rgb(dark)
    np.testing.assert_array_equal(together[..., 0], GREY // 8)
    assert alone.mean() > 3 * together.mean()
    assert "(2) hold values of 0 to 4,095" in capsys.readouterr().err


def test_the_range_is_said_once_for_a_set(tmp_path, capsys):
    paths = [save(tmp_path / f"{i}.png", in_bits(GREY, 10)) for i in range(3)]
    read_facts(paths)
    for path in paths:
        image_file.read_rgb(path)
    assert capsys.readouterr().err.count("0 to 1,023") == 1


def test_sets_of_eight_bits_are_not_talked_about(tmp_path, capsys):
    paths = [save(tmp_path / "a.png", GREY), save(tmp_path / "b.tif", COLOR)]
    assert value_range.find_range(paths) == value_range.ValueRange()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("odd", [np.nan, np.inf, -1.0])
def test_what_is_no_brightness_is_refused(tmp_path, odd):
    pixels = (GREY / 255).astype(np.float32)
    pixels[3, 3] = odd
    path = save(tmp_path / "heights.tif", pixels)
    with pytest.raises(DatasetError, match="heights.tif.*holds values"):
        image_file.read_rgb(path)
    assert "holds values" in read_facts([path])[path].problem


def test_a_nearly_black_picture_is_noticed(tmp_path, capsys):
    path = save(tmp_path / "cap.png", GREY // 16)
    assert read_facts([path])[path].is_black
    image_file.read_rgb(path)
    assert "cap.png is nearly black" in capsys.readouterr().err
    lamp = np.zeros((400, 400), np.uint8)
    lamp[10:40, 10:40] = 200
    night = save(tmp_path / "night.png", lamp)
    assert not read_facts([night])[night].is_black


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["TIFF", "PNG"])
@pytest.mark.parametrize("bits", [8, 12])
def test_turned_once_whatever_the_file(tmp_path, orientation, kind, bits):
    exif = Image.Exif()
    exif[image_file.ORIENTATION_TAG] = orientation
    buffer = io.BytesIO()
    pixels = GREY if bits == 8 else in_bits(GREY, 12)
    Image.fromarray(pixels).save(buffer, kind, exif=exif)
    path = tmp_path / "a.img"
    path.write_bytes(buffer.getvalue())
    upright = Image.fromarray(GREY)
    if orientation in image_file.TURNS:
        upright = upright.transpose(image_file.TURNS[orientation])
    assert image_file.image_size(path) == upright.size
    np.testing.assert_array_equal(image_file.read_rgb(path)[..., 2], upright)


def test_real_pictures_as_cameras_save_them(shared_data):
    folder = shared_data / "cases/classify/04_12bit_and_float"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data/cases, which is not here")
    wanted = image_file.read_rgb(folder / "gray.png")
    for path in sorted(folder.glob("*.[pt][ni][gf]")):
        found = image_file.read_rgb(path)
        np.testing.assert_array_equal(found, wanted, path.name)
