"""The page in a real browser: headless Chromium, a desk's window and a phone's.

Needs Chromium, playwright, and axe-core for the check of accessibility:
`npm install --prefix build/browser axe-core@4.14.1`.
"""

import base64
import shutil
from contextlib import ExitStack

import numpy as np
import pytest

from helpers import tiny_models
from helpers.browser import AXE, axe_violations
from helpers.images import encode, painted, quarters, turned
from helpers.service_client import upload
from helpers.waiting import PATIENCE
from inspection.deploy import runtime
from inspection.deploy.service.app import create_app
from inspection.deploy.service.server import serving

NAMES = ("chromium", "chromium-browser", "google-chrome")
KINDS = ("classifier", "detector", "segmenter")
MAX_BYTES = 2**19  # small files reach the limit sooner
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
DARK = {"color_scheme": "dark"}
RED = encode(painted(red=255, size=(60, 80)))


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    found = [path for path in map(shutil.which, NAMES) if path]
    if not found:
        pytest.skip("needs Chromium, which is not installed here")
    with api.sync_playwright() as playwright:
        options = {"executable_path": found[0], "args": ["--no-sandbox"]}
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def urls(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    with ExitStack() as stack:
        yield {kind: stack.enter_context(serve(kind, folder)) for kind in KINDS}


def serve(kind, folder):
    path = folder / f"{kind}.tflite"
    path.write_bytes(getattr(tiny_models, f"make_{kind}")())
    app = create_app(runtime.load_model(path), kind, max_bytes=MAX_BYTES)
    return serving(app)


@pytest.fixture
def open_page(browser, urls):
    """Return a function that opens the page of a kind of model in a new window."""
    with ExitStack() as stack:
        yield lambda kind="classifier", **window: new_page(
            browser, urls[kind], stack, window
        )


def new_page(browser, url, stack, window):
    context = browser.new_context(**window)
    stack.callback(context.close)
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: pytest.fail(f"the page failed: {error}"))
    page.goto(url)
    return page


def choose(page, data, name="photo.png", kind="image/png"):
    """Choose a file and wait for an answer or a message."""
    page.set_input_files("#file", {"name": name, "mimeType": kind, "buffer": data})
    page.wait_for_selector("#message:not(:empty), #status:not(.waiting):not(:empty)")


def message(page):
    return page.text_content("#message")


def rows(page):
    names = page.locator("#rows .name").all_text_contents()
    return dict(zip(names, page.locator("#rows .value").all_text_contents()))


@pytest.mark.parametrize("window", [{}, PHONE], ids=["desk", "phone"])
def test_shows_picture_and_classes(open_page, urls, window):
    page = open_page(**window)
    choose(page, RED)
    body = upload(urls["classifier"], RED).body
    labels = [row["label"] for row in body["classes"]]
    assert list(rows(page)) == labels == ["red", "green", "blue"]
    assert page.text_content("#status") == "Most likely: red, over 99 %."
    assert page.is_visible("#preview") and message(page) == ""
    assert page.evaluate("[preview.naturalWidth, preview.naturalHeight]") == [80, 60]
    lengths = page.evaluate(
        "[...document.querySelectorAll('.bar')].map(bar => "
        "bar.offsetWidth / bar.parentElement.offsetWidth)"
    )
    scores = [row["score"] for row in body["classes"]]
    np.testing.assert_allclose(lengths, scores, atol=0.01)


@pytest.mark.parametrize("window", [{}, PHONE], ids=["desk", "phone"])
def test_boxes_lie_where_the_runtime_finds_them(open_page, window):
    page = open_page("detector", **window)
    choose(page, RED)
    stage = page.locator("#stage").bounding_box()
    box = page.locator(".box").bounding_box()
    place = [
        (box["y"] - stage["y"]) / stage["height"],
        (box["x"] - stage["x"]) / stage["width"],
        box["height"] / stage["height"],
        box["width"] / stage["width"],
    ]
    np.testing.assert_allclose(place, [0.1, 0.2, 0.4, 0.4], atol=0.01)
    assert page.text_content(".box") == "leak 90 %"


def test_weak_boxes_can_be_hidden(open_page):
    page = open_page("detector")
    choose(page, RED)
    page.locator("#threshold").fill("95")
    assert page.locator(".box").count() == 0
    assert page.text_content("#status") == "No boxes, 1 more below this score."
    page.locator("#threshold").focus()
    for _ in range(6):  # a hundredth each
        page.keyboard.press("ArrowLeft")
    assert page.locator(".box").count() == 1


def test_the_mask_covers_the_picture(open_page):
    page = open_page("segmenter")
    choose(page, encode(quarters()))
    page.wait_for_function("mask.naturalWidth === 80")
    assert (
        page.locator("#mask").bounding_box() == page.locator("#preview").bounding_box()
    )
    assert rows(page) == {"background": "75 %", "rust": "25 %"}
    shown = page.evaluate(
        "(() => { const c = document.createElement('canvas'); c.width = 80; c.height = 60;"
        "const p = c.getContext('2d'); p.drawImage(mask, 0, 0);"
        "return [5, 70].map(x => p.getImageData(x, 5, 1, 1).data[3]) })()"
    )
    assert shown == [255, 0], "rust is painted, background is clear"


def test_a_turned_photograph_is_shown_upright(open_page):
    page = open_page("segmenter")
    choose(page, turned(6), "photo.jpg", "image/jpeg")
    page.wait_for_function("mask.naturalWidth === 80")
    assert page.evaluate("[preview.naturalWidth, preview.naturalHeight]") == [80, 60]


WRONG = {
    "text": (b"no picture at all", "This is no picture. Send a JPEG, PNG or WebP"),
    "gif": (encode(painted(), "GIF"), "GIF is not taken."),
    "cut off": (encode(quarters(), "JPEG")[:-40], "This JPEG is damaged or cut off."),
    "empty": (b"", "The picture is empty"),
    "too large": (b"x" * 2**20, "This is too large: 1 MB, at most 0.5 MB"),
    "too many pixels": (encode(painted(size=(20_001, 1))), "too many pixels"),
}


def test_says_what_is_wrong(open_page):
    page = open_page()
    for data, words in WRONG.values():
        choose(page, RED)
        assert message(page) == "" and "red" in rows(page)
        choose(page, data, "photo.jpg", "image/jpeg")
        page.wait_for_selector("#message:not(:empty)")
        assert words in message(page)
        assert rows(page) == {}, "no answer of an earlier picture stays"


def test_a_photograph_that_is_too_large_is_made_smaller(open_page):
    noise = np.random.default_rng(0).integers(0, 256, (400, 500, 3), "uint8")
    data = encode(noise)
    assert len(data) > MAX_BYTES
    page = open_page()
    choose(page, data)
    assert len(rows(page)) == 3
    assert page.text_content("#note").startswith("Made smaller before it was sent")


def test_says_that_the_server_is_gone(browser, tmp_path):
    with ExitStack() as stack:
        with serve("classifier", tmp_path) as url:
            page = new_page(browser, url, stack, {})
        choose(page, RED)
        assert message(page) == "The server does not answer. Is it still running?"


def drop(page, *files):
    """Let go of files above the page."""
    page.evaluate(
        """files => {
            const data = new DataTransfer();
            for (const [name, text] of files) {
                const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
                data.items.add(new File([bytes], name, { type: "image/png" }));
            }
            for (const kind of ["dragenter", "dragover", "drop"])
                document.getElementById("drop").dispatchEvent(new DragEvent(
                    kind, { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        [[name, base64.b64encode(data).decode()] for name, data in files],
    )


def test_takes_a_dropped_picture_and_refuses_two(open_page):
    page = open_page()
    drop(page, ("a.png", RED))
    page.wait_for_selector("#rows li")
    drop(page, ("a.png", RED), ("b.png", RED))
    assert message(page) == "Choose one picture; these are 2 files."


def test_works_by_keyboard(open_page):
    page = open_page()
    # Chromium must intercept the chooser well before the key that opens it.
    page.on("filechooser", lambda chooser: None)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "file"
    outline = "getComputedStyle(document.getElementById('drop')).outlineStyle"
    assert page.evaluate(outline) == "solid"
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    path = {"name": "a.png", "mimeType": "image/png", "buffer": RED}
    chooser.value.set_files(path)
    page.wait_for_selector("#rows li")


@pytest.mark.parametrize("kind", KINDS)
def test_fits_a_phone(open_page, kind):
    page = open_page(kind, **PHONE)
    for data in (
        RED,
        encode(painted(size=(10, 4000))),
        encode(painted(size=(4000, 10))),
    ):
        choose(page, data)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.locator("#preview").bounding_box()["height"] < 2 * 740
    assert page.locator("#drop").bounding_box()["height"] >= 48


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_asked_of_other_machines(open_page, urls, kind):
    page = open_page(kind)
    choose(page, RED)
    own = (urls[kind], "blob:", "data:")
    assert [url for url in page.asked if not url.startswith(own)] == []


@pytest.mark.parametrize(
    "kind, window",
    [("classifier", {}), ("detector", PHONE | DARK), ("segmenter", DARK)],
    ids=KINDS,
)
def test_axe_finds_nothing_serious(open_page, kind, window):
    if not AXE.is_file():
        pytest.skip("needs npm install --prefix build/browser axe-core@4.14.1")
    page = open_page(kind, **window)
    assert axe_violations(page) == []
    choose(page, RED)
    assert axe_violations(page) == []
    choose(page, b"no picture")
    assert axe_violations(page) == []
