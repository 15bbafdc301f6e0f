"""A real browser without a window: Chromium, driven by Playwright."""

import importlib.util
import shutil
import threading
from contextlib import contextmanager

from helpers import ROOT
from inspection.common.detections import class_names_by_id
from inspection.deploy.model_file import read_model_file
from inspection.deploy.web import package
from inspection.deploy.web.server import make_server

NAMES = ("chromium", "chromium-browser", "google-chrome")
AXE = ROOT / "build/browser/node_modules/axe-core/axe.min.js"
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def missing():
    """Return what is missing for tests of MediaPipe in a browser, or None."""
    if missing_browser() is None and not package.is_there():
        return "MediaPipe for browsers: python scripts/serve_page.py --fetch"
    return missing_browser()


def missing_browser():
    """Return what is missing for any test in a browser, or None."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright: pip install playwright==1.65.2"
    if not any(map(shutil.which, NAMES)):
        return "Chromium: apt-get install chromium"
    return None


def axe_violations(page):
    """Return what axe-core finds, whatever its impact: rule, impact, places."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    places = [[node["target"] for node in one["nodes"]] for one in found]
    return [(one["id"], one["impact"], at) for one, at in zip(found, places)]


@contextmanager
def open_browser(*flags):
    """Yield a Chromium; `flags` are its command line's."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", *CAMERA, *flags]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def serve(*models):
    """Yield the address of the page for some model files."""
    files = [read_model_file(path) for path in models]
    server = make_server(files, package.package_folder(), port=0)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def wait_for(page, state, seconds=120):
    """Wait until the page is loading, ready, done or failed; return its message."""
    page.wait_for_selector(f"body[data-state={state}]", timeout=1000 * seconds)
    return page.text_content("#message")


def show(page, image):
    """Give a picture file to the page; return the rows that it lists."""
    page.evaluate("document.body.dataset.state = 'asked'")
    page.set_input_files("#file", image)
    wait_for(page, "done")
    return read_rows(page)


def read_rows(page):
    """Return what the page lists: (label, score, box as x, y, width, height)."""
    script = "rows => rows.map(({dataset: d}) => [d.label, d.score, d.box])"
    rows = page.eval_on_selector_all("#results li[data-label]", script)
    return [
        (label, float(score), [float(side) for side in box.split()])
        for label, score, box in rows
    ]


def boxes_of(model, image, threshold):
    """Return what the Python runtime finds, in the form of `read_rows`."""
    found = model.predict(image).above(threshold)
    height, width = image.shape[:2]
    pixels = found.boxes * ([height, width] * 2)
    names = class_names_by_id(model.labels)
    return [
        (names[int(i)], float(score), [left, top, right - left, bottom - top])
        for i, score, (top, left, bottom, right) in zip(
            found.class_ids, found.scores, pixels
        )
    ]


VIDEO = """async (url) => {
  const video = document.createElement("video");
  video.muted = true;
  video.src = url;
  await video.play();
  await new Promise((wake) => setTimeout(wake, 1500));
  return [video.videoWidth, video.videoHeight, video.currentTime, video.duration];
}"""


def play(video):
    """Play a video file in Chromium; return (width, height, played, whole seconds)."""
    with open_browser("--allow-file-access-from-files") as browser:
        page = browser.new_page()
        page.goto(video.parent.resolve().as_uri())
        return page.evaluate(VIDEO, video.resolve().as_uri())
