"""The page in a real browser, MediaPipe inside, and the server behind it."""

import subprocess
import urllib.error
import urllib.request

import pytest
from PIL import Image

from helpers import browser
from helpers import tiny_models as tiny
from helpers.commands import run_command
from helpers.images import painted
from helpers.waiting import wait_until
from inspection.common.errors import UserError
from inspection.common.palette import PALETTE
from inspection.datasets.images.image_file import read_rgb
from inspection.deploy import runtime
from inspection.deploy.web import package, server
from inspection.tflite.metadata import add_metadata

needs_browser = pytest.mark.skipif(
    bool(browser.missing()), reason=f"needs {browser.missing()}"
)
DESKTOP, PHONE = (1100, 720), (390, 844)


@pytest.fixture(scope="module")
def chromium():
    with browser.open_browser() as opened:
        yield opened


@pytest.fixture
def page(chromium):
    """Yield a page that notes every address it asks for, and every error."""
    page = chromium.new_page()
    page.asked, page.broken = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.broken.append(str(error)))
    yield page
    assert page.broken == []
    outside = [
        url for url in page.asked if not url.startswith(("http://127.0.0.1:", "blob:"))
    ]
    assert outside == []
    page.close()


@pytest.fixture
def models(tmp_path):
    """Write the three tiny models with the metadata of the course; return their paths."""
    plain = {
        "detector": (tiny.make_detector(metadata=False), ["leak", "Pfütze"]),
        "classifier": (tiny.make_classifier(metadata=False), ["red", "green", "blue"]),
        "segmenter": (tiny.make_segmenter(metadata=False), ["background", "rust"]),
    }
    written = {}
    for kind, (data, labels) in plain.items():
        written[kind] = tmp_path / f"{kind}.tflite"
        written[kind].write_bytes(add_metadata(data, kind, labels, kind, "tiny"))
    return written


@pytest.fixture
def image(tmp_path):
    """Return the path of a picture, red on its right half."""
    pixels = painted(0, 0, 255, (48, 64))
    pixels[:, 32:, 0] = 255
    Image.fromarray(pixels).save(tmp_path / "half.png")
    return tmp_path / "half.png"


@needs_browser
def test_a_detector_finds_the_boxes_that_python_finds(page, models, image):
    with browser.serve(models["detector"]) as url:
        page.goto(url)
        browser.wait_for(page, "ready")
        rows = browser.show(page, image)
        assert "detector, a detector of 2 classes: leak, Pfütze." in page.content()
    wanted = browser.boxes_of(
        runtime.load_model(models["detector"]), read_rgb(image), 0.5
    )
    assert [row[0] for row in rows] == [row[0] for row in wanted] == ["Pfütze"]
    compare(rows, wanted)


def compare(rows, wanted, scores=0.01, pixels=1.5, edge=2000):
    """Hold the rows of the page against Python's, in a picture of that size.

    MediaPipe rounds boxes to pixels, and does not end them at the edge: one that starts
    outside of the picture is moved into it and keeps its size.
    """
    assert [row[0] for row in rows] == [row[0] for row in wanted]
    for (_, score, box), (_, other, corners) in zip(rows, wanted):
        assert score == pytest.approx(other, abs=scores)
        assert box[:2] == pytest.approx(corners[:2], abs=pixels)
        for start, length, theirs in zip(corners[:2], corners[2:], box[2:]):
            if start > 0 and start + length < edge - 0.5:
                assert theirs == pytest.approx(length, abs=pixels)


@needs_browser
@pytest.mark.parametrize("format", ["float32", "int8"])
def test_a_trained_network_too(page, tmp_path_factory, format):
    from helpers.leak_exports import SIZE, export_once  # TensorFlow takes its time

    folder = export_once(tmp_path_factory)
    path = folder / f"leaks_{format}.tflite"
    model, compared = runtime.load_model(path), 0
    with browser.serve(path) as url:
        page.goto(url)
        browser.wait_for(page, "ready")
        page.evaluate(SLIDE, "0.2")
        for image in sorted((folder / "images").iterdir()):
            rows = browser.show(page, image)
            wanted = browser.boxes_of(model, read_rgb(image), 0.2)
            compare(rows, wanted, scores=0.02, edge=SIZE)
            compared += len(rows)
    assert compared > 3


SLIDE = """(value) => {
  document.getElementById("threshold").value = value;
  document.getElementById("threshold").dispatchEvent(new Event("input"));
}"""


@needs_browser
def test_classifier_and_segmenter_behind_the_same_page(page, models, image):
    with browser.serve(models["classifier"], models["segmenter"]) as url:
        page.goto(url)
        browser.wait_for(page, "ready")
        rows = browser.show(page, image)
        wanted = (
            runtime.load_model(models["classifier"]).predict(read_rgb(image)).scores
        )
        assert [row[0] for row in rows] == ["blue", "red", "green"]
        assert [row[1] for row in rows] == pytest.approx(sorted(wanted)[::-1], abs=0.02)
        page.select_option("#models", "1")
        browser.wait_for(page, "done")
        (_, _, _), (label, share, _) = browser.read_rows(page)
    mask = runtime.load_model(models["segmenter"]).predict(read_rgb(image)).mask
    assert (label, share) == ("rust", pytest.approx(mask.mean(), abs=0.07))


@needs_browser
def test_the_camera_is_looked_at_frame_by_frame(page, models):
    with browser.serve(models["detector"]) as url:
        page.goto(url)
        browser.wait_for(page, "ready")
        page.click("#camera")
        browser.wait_for(page, "done")
        before = page.evaluate(PICTURE)
        # looked at from outside: the page's policy lets nobody evaluate text inside
        wait_until(lambda: page.evaluate(PICTURE) != before, 0.05)
        page.click("#camera")
        assert page.text_content("#camera") == "Start the camera"


PICTURE = "document.getElementById('view').toDataURL()"


@needs_browser
def test_what_goes_wrong_is_said_in_words(page, models, image, tmp_path):
    text = tmp_path / "notes.jpg"
    text.write_text("no picture")
    with browser.serve(models["detector"]) as url:
        page.goto(url)
        browser.wait_for(page, "ready")
        page.set_input_files("#file", text)
        page.wait_for_selector("#message:not([hidden])")
        assert "notes.jpg is no picture" in page.text_content("#message")
        browser.show(page, image)  # and goes on
        assert page.is_hidden("#message")
        models["detector"].write_bytes(tiny.make_detector(metadata=False))
        page.reload()
        says = browser.wait_for(page, "failed")
    assert says.startswith("The model detector could not be loaded: ")
    assert "\n" not in says


@needs_browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_nothing_stands_outside_of_a_small_screen(chromium, models, image, size):
    page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
    with browser.serve(models["detector"]) as url:
        page.goto(url)
        browser.wait_for(page, "ready")
        browser.show(page, image)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        canvas = page.locator("#view").bounding_box()
    assert canvas["x"] >= 0 and canvas["x"] + canvas["width"] <= size[0]
    page.close()


def ask(url):
    with urllib.request.urlopen(url) as answer:
        return answer.headers, answer.read()


@pytest.fixture
def fake_package(tmp_path, monkeypatch):
    monkeypatch.setenv("VISUAL_INSPECTION_CACHE", str(tmp_path / "cache"))
    folder = package.package_folder()
    (folder / "wasm").mkdir(parents=True)
    (folder / package.MAIN).write_text("export {}")
    (folder / "wasm/vision.wasm").write_bytes(b"\0asm")
    return folder


def test_the_server_gives_each_file_its_type_and_nothing_else(models, fake_package):
    with browser.serve(models["detector"]) as url:
        for path, kind in {
            "": "text/html",
            "page.js": "text/javascript",
            "vision/vision_bundle.mjs": "text/javascript",
            "vision/wasm/vision.wasm": "application/wasm",
            "models/0.tflite": "application/octet-stream",
        }.items():
            headers, data = ask(url + path)
            assert headers["Content-Type"].split(";")[0] == kind and data
            assert "connect-src 'self'" in headers["Content-Security-Policy"]
        for path in ("models/1.tflite", "vision/../../secret", "%2e%2e/server.py"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                ask(url + path)


def test_a_taken_port_is_one_clear_error(models, fake_package):
    with browser.serve(models["detector"]) as url:
        port = int(url.split(":")[-1].strip("/"))
        with pytest.raises(UserError, match=f"port {port} cannot be used"):
            server.make_server([], fake_package, port=port)


def test_without_npm_the_way_by_hand_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("VISUAL_INSPECTION_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match="npm is not there.*by hand"):
        package.fetch_package()
    (tmp_path / package.ARCHIVE).write_bytes(b"another")
    with pytest.raises(
        UserError, match="is not the package that this page was made for"
    ):
        package.fetch_package()
    assert [path.name for path in tmp_path.iterdir()] == [package.ARCHIVE]


def test_npm_that_fails_is_quoted(tmp_path, monkeypatch):
    monkeypatch.setenv("VISUAL_INSPECTION_CACHE", str(tmp_path))
    done = subprocess.CompletedProcess([], 1, "", "npm error\nnpm error network down\n")
    monkeypatch.setattr(package.shutil, "which", lambda _: "npm")
    monkeypatch.setattr(package.subprocess, "run", lambda *_, **__: done)
    with pytest.raises(UserError, match="network down"):
        package.fetch_package()
    assert list(tmp_path.iterdir()) == []


def test_the_command_refuses_what_is_no_model(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.tflite").write_text("no model")
    for arguments, says in (
        ([], "name at least one"),
        (["x.tflite"], "no .tflite model"),
    ):
        status, out, err = run_command(monkeypatch, capsys, "serve_page", *arguments)
        assert status == 2 and says in err and out == ""


def test_colours_of_the_page_are_those_of_the_course():
    script = (server.STATIC / "draw.js").read_text()
    assert all(color in script for color in PALETTE)
