"""generate_tfrecord.py on odd pictures, and on boxes that do not fit them."""

import numpy as np
import pytest
from PIL import Image

from helpers.record_set import LEAK, DataSet
from helpers.sets.voc_sets import huge_png
from inspection.datasets.voc import Box

ORIENTATION_TAG = 0x0112


@pytest.fixture
def data(tmp_path, monkeypatch, capsys):
    return DataSet(tmp_path, monkeypatch, capsys)


# boxes without area or out of the picture

BAD_BOXES = [
    (Box("leak", 10, 20, 10, 50), "has no area"),
    (Box("leak", 30, 20, 10, 50), "ends before it begins"),
    (Box("leak", 100, 20, 120, 50), "lies outside the picture"),
    (Box("leak", 90, -5, 120, 50), "reaches out of the picture"),
]


def test_bad_boxes_are_dropped_or_clipped_and_listed(data):
    data.add("a.jpg", [LEAK, *(box for box, _ in BAD_BOXES)])
    code, out, _ = data.run()
    assert code == 0
    assert "1 picture, 2 boxes" in out
    for _, words in BAD_BOXES:
        assert words in out
    (record,) = data.written()
    clipped = record.box_array()[1]
    np.testing.assert_allclose(clipped, [0, 0.9, 0.625, 1], rtol=1e-6)


@pytest.mark.parametrize(("box", "words"), BAD_BOXES)
def test_strict_refuses_bad_boxes(data, box, words):
    data.add("a.jpg", [LEAK, box])
    err = data.refused("--strict")
    assert "a.xml: leak (" in err
    assert words in err


def test_a_box_to_the_last_pixel_is_no_fault(data):
    data.add("a.jpg", [Box("leak", 0, 0, 100, 80)])
    assert data.run("--strict")[0] == 0
    assert data.written()[0].boxes == ((0, 0, 1, 1),)


# odd and broken pictures, EXIF orientation


@pytest.mark.parametrize(
    ("name", "mode", "save", "kept"),
    [
        ("a.jpg", "L", {}, "jpeg"),
        ("a.png", "RGBA", {}, "png"),
        ("a.png", "P", {}, "png"),
        ("a.jpg", "RGB", {"format": "PNG"}, "png"),
        ("a.png", "RGB", {"format": "JPEG"}, "jpeg"),
        ("a.jpg", "CMYK", {}, None),
        ("a.png", "I;16", {}, None),
        ("a.webp", "RGB", {}, None),
        ("a.bmp", "RGB", {}, None),
        ("a.tif", "RGB", {}, None),
        ("a.jpg", "RGB", {"format": "WEBP"}, None),
    ],
)
def test_formats(data, name, mode, save, kept):
    path = data.add(name, mode=mode, **save)
    code, out, _ = data.run()
    assert code == 0
    (record,) = data.written()
    assert record.format == (kept or "jpeg")
    assert (record.encoded == path.read_bytes()) is bool(kept)
    assert ("8-bit RGB" in out) is not bool(kept)
    assert record.image().shape == (80, 100, 3)


def test_sixteen_bits_are_scaled_not_cut(data):
    path = data.images / "a.png"
    Image.fromarray(np.full((80, 100), 30000, np.uint16)).save(path)
    data.annotate("a", image=path)
    assert data.run()[0] == 0
    assert abs(int(data.written()[0].image()[0, 0, 0]) - 30000 // 256) <= 1


def test_broken_pictures_are_left_out_and_listed(data):
    data.add("a.jpg")
    for name in ("b.jpg", "c.png"):
        path = data.add(name)
        path.write_bytes(path.read_bytes()[:-20])
    (data.images / "d.jpg").write_bytes(b"")
    data.annotate("d")
    (data.images / "e.jpg").write_text("<html>not found</html>")
    data.annotate("e")
    (data.images / "._a.jpg").write_bytes(b"\0\5\x16\7")
    code, out, _ = data.run()
    assert code == 0
    assert [record.filename for record in data.written()] == ["a.jpg"]
    assert "4 x picture that cannot be decoded" in out
    for name in ("b.jpg", "c.png", "d.jpg", "e.jpg"):
        assert name in out
    data.out.unlink()
    assert "b.jpg is cut off" in data.refused("--strict")


def test_nothing_but_broken_pictures(data):
    data.add("a.jpg").write_bytes(b"")
    err = data.refused()
    assert "0 pictures with 0 boxes: nothing was written" in err
    assert "a.jpg" in err


def exif(value):
    tags = Image.Exif()
    tags[ORIENTATION_TAG] = value
    return {"exif": tags.tobytes()}


def test_an_orientation_is_applied_to_the_pixels(data):
    path = data.images / "a.jpg"
    stored = np.zeros((80, 100, 3), np.uint8)
    stored[:, 60:] = 255  # right as stored, below when upright
    Image.fromarray(stored).save(path, quality=95, **exif(6))
    data.annotate("a", [Box("leak", 0, 60, 80, 100)], (80, 100), path)
    code, out, _ = data.run()
    assert code == 0
    assert "EXIF orientation 6" in out
    (record,) = data.written()
    assert (record.width, record.height, record.format) == (80, 100, "jpeg")
    pixels = record.image()
    assert pixels.shape == (100, 80, 3)
    assert pixels[70:].min() > 240
    assert pixels[:50].max() < 15
    np.testing.assert_allclose(record.boxes[0], (0.6, 0, 1, 1), rtol=1e-6)


def test_boxes_drawn_on_a_lying_picture_are_refused(data):
    data.add("a.jpg", size=(100, 80), **exif(6))
    err = data.refused()
    assert "a.xml: says 100x80, the picture is 80x100 upright (EXIF orient" in err


def test_a_senseless_orientation_is_none(data):
    path = data.add("a.jpg", **exif(65535))
    assert data.run()[0] == 0
    assert data.written()[0].encoded == path.read_bytes()


def test_another_size_than_the_annotated_is_refused(data):
    data.add("a.jpg", said=(200, 160))
    assert "a.xml: says 200x160, the picture is 100x80" in data.refused()


# large pictures, and more than 8 bits


def test_wide_pictures_are_stored_smaller_and_boxes_stay(data):
    data.add("a.jpg", size=(1000, 500), boxes=[Box("leak", 100, 50, 300, 500)])
    data.add("b.jpg", size=(200, 900))
    whole = data.run()[0] == 0 and data.written()
    code, out, _ = data.run("--max_width", "250")
    assert code == 0 and "1 picture stored smaller, boxes unchanged" in out
    wide, narrow = data.written()
    assert (wide.width, wide.height, wide.format) == (250, 125, "jpeg")
    assert wide.image().shape == (125, 250, 3)
    assert wide.boxes == whole[0].boxes
    np.testing.assert_allclose(wide.boxes, [(0.1, 0.1, 1, 0.3)], rtol=1e-6)
    assert narrow.encoded == (data.images / "b.jpg").read_bytes()


def test_the_width_is_that_of_the_upright_picture(data):
    path = data.images / "a.jpg"
    Image.new("RGB", (400, 100), (90, 120, 30)).save(path, **exif(6))
    data.annotate("a", size=(100, 400), image=path)
    assert data.run("--max_width", "200")[0] == 0
    assert (data.written()[0].width, data.written()[0].height) == (100, 400)


@pytest.mark.parametrize("width", [1, 31])
def test_no_width_that_shows_nothing(data, width):
    data.add("a.jpg")
    assert "take at least 32 pixels" in data.refused("--max_width", width)


def test_a_picture_too_large_to_decode_is_named_with_the_mend(data):
    data.add("a.jpg")
    data.add("ortho.png", size=(120, 80)).write_bytes(huge_png(20_000, 12_000))
    err = data.refused()
    assert "ortho.png: is too large: 240 MP; cut it into tiles" in err
    assert "bomb" not in err


def test_bits_are_those_of_the_set(data):
    for name, value in (("bright.png", 4000), ("dark.png", 800)):
        pixels = np.full((80, 100), value, np.uint16)
        Image.fromarray(pixels).save(data.images / name)
        data.annotate(name[:-4], image=data.images / name)
    code, out, err = data.run()
    assert code == 0 and "0 to 4,095" in err
    bright, dark = (int(record.image()[5, 5, 0]) for record in data.written())
    assert abs(bright - 4000 / 16) <= 2 and abs(dark - 800 / 16) <= 2


def test_nearly_black_pictures_are_listed(data):
    pixels = np.full((80, 100), 10, np.uint16)
    Image.fromarray(pixels).save(data.images / "a.png")
    data.annotate("a", image=data.images / "a.png")
    code, out, _ = data.run()
    assert code == 0 and "1 x picture that is nearly black" in out
