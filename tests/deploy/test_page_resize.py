"""The page makes pictures small as Python does, pixel by pixel."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from helpers import browser
from helpers import tiny_models as tiny
from helpers.images import painted
from inspection.datasets.images import resizing
from inspection.tflite.metadata import add_metadata

pytestmark = pytest.mark.skipif(
    bool(browser.missing()), reason=f"needs {browser.missing()}"
)
SMALL = (9, 12)  # what comes out
SIZES = [(40, 64), (41, 67), (90, 12), (9, 12), (5, 7), (5, 60), (1, 300), (300, 1)]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "colours.tflite"
    plain, names = tiny.make_classifier(metadata=False), ["red", "green", "blue"]
    path.write_bytes(add_metadata(plain, "classifier", names, "a", "b"))
    with browser.open_browser() as chromium, browser.serve(path) as url:
        page = chromium.new_page()
        page.goto(f"{url}models.json")  # any address of this server
        yield page


RESIZE = """async ([way, data, height, width, size]) => {
  const resize = await import("/resize.js");
  const image = { data: Uint8ClampedArray.from(data), width, height };
  return Array.from(resize[way](image, size).data);
}"""


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    "way, wanted",
    [
        ("antialiased", resizing.resize_antialiased),
        ("area", resizing.resize_area),
    ],
)
def test_a_picture_becomes_the_same(page, way, wanted, size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    pixels = np.dstack([image, np.full(size, 255, np.uint8)])
    found = page.evaluate(RESIZE, [way, pixels.ravel().tolist(), *size, list(SMALL)])
    found = np.reshape(found, (*SMALL, 4))[..., :3]
    assert np.abs(found - wanted(image, SMALL).astype(int)).max() <= 1


ENLARGE = """async ([plane, size, larger]) => {
  const resize = await import("/resize.js");
  return Array.from(resize.enlarged(Float32Array.from(plane), size, larger));
}"""


@pytest.mark.parametrize("larger", [(31, 50), (8, 6), (3, 90), (1, 1)], ids=str)
def test_scores_are_enlarged_the_same(page, larger):
    plane = np.random.default_rng(0).random((8, 6), np.float32)
    found = page.evaluate(ENLARGE, [plane.ravel().tolist(), [8, 6], list(larger)])
    wanted = cv2.resize(plane, larger[::-1], interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(np.reshape(found, larger), wanted, atol=1e-5)


def swapped_profile():
    """Return a color profile in which red and green have changed places."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = (places_of(data, tag) for tag in (b"rXYZ", b"gXYZ"))
    data[red], data[green] = data[green], data[red]
    return bytes(data)


def places_of(profile, tag):
    at = profile.index(tag)
    start, size = np.frombuffer(profile, ">u4", 2, at + 4)
    return slice(int(start), int(start + size))


def test_a_color_profile_changes_nothing_as_in_training(page, tmp_path):
    image = Image.fromarray(painted(red=255, size=(20, 30)))
    image.save(tmp_path / "a.png", icc_profile=swapped_profile())
    page.goto(page.url.replace("models.json", ""))
    browser.wait_for(page, "ready")
    assert browser.show(page, tmp_path / "a.png")[0][0] == "red"
