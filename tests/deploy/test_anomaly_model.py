"""A model of good parts in the runtime, the service and the browser."""

from contextlib import ExitStack

import numpy as np
import pytest
from PIL import Image

from helpers import browser
from helpers.images import encode, painted, quarters
from helpers.service_client import send, upload
from helpers.tiny_anomaly import make_anomaly
from inspection.common.errors import UserError
from inspection.datasets.images.image_file import read_rgb
from inspection.deploy import drift, runtime
from inspection.deploy.results import Anomaly
from inspection.deploy.service.app import create_app
from inspection.deploy.service.server import serving

needs_browser = pytest.mark.skipif(
    bool(browser.missing()), reason=f"needs {browser.missing()}"
)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "parts.tflite"
    path.write_bytes(make_anomaly())
    return path


def score_of(found):
    """Return the score of an Anomaly as its docstring says, place by place."""
    chances = np.sort(found.scores[..., 1].ravel())[-6:]  # a tenth of 64
    distance = np.mean(chances / (1 - chances))
    return distance / (1 + distance)


def test_red_is_unlike_good_parts(path):
    model = runtime.load_model(path)
    assert model.kind == "anomaly" and model.file.top_share == 0.1
    bad, good = model.predict(quarters()), model.predict(painted(blue=255))
    assert bad.is_bad and not good.is_bad
    assert bad.score == pytest.approx(score_of(bad), abs=1e-5)
    assert bad.map.shape == quarters().shape[:2]
    np.testing.assert_array_equal(bad.mask, bad.map >= model.file.threshold)


def test_a_place_that_is_certain_does_no_harm():
    scores = np.float32([[[0, 1], [1, 0]]])
    assert 0.99 < Anomaly(scores, (2, 2), 0.5, 0.5).score <= 1


def test_a_score_at_the_threshold_is_no_alarm():
    scores = np.float32([[[0.5, 0.5]]])
    assert not Anomaly(scores, (1, 1), 0.5, 1.0).is_bad


@pytest.mark.parametrize("share", [0, 1.5, "a", [0.1]])
def test_a_share_that_is_none_is_damage(path, share):
    path.write_bytes(make_anomaly(top_share=share))
    with pytest.raises(UserError, match="is damaged"):
        runtime.load_model(path)


def test_the_service_says_what_the_runtime_says(path):
    model = runtime.load_model(path)
    with serving(create_app(model, "parts")) as url:
        body = upload(url, encode(quarters())).body
        schema = send(url, "GET", "/openapi.json").body["components"]["schemas"]
    found = model.predict(quarters())
    assert (body["kind"], body["label"]) == ("anomaly", "anomaly")
    assert body["score"] == pytest.approx(found.score)
    assert body["classes"][1]["share"] == pytest.approx(found.mask.mean())
    assert body["mask"].startswith("data:image/png")
    assert set(schema["Anomaly"]["required"]) == set(body)


def test_the_service_tells_that_the_camera_has_changed(path):
    rng = np.random.default_rng(0)
    shades = [painted(*rng.integers(100, 120, 3)) for _ in range(60)]
    watch = drift.DriftWatch(drift.make_reference(shades))
    app = create_app(runtime.load_model(path), "parts", watch=watch)
    changed = "inspection_camera_changed 1"
    with serving(app) as url:
        for image in shades[:30]:
            upload(url, encode(image))
        assert changed not in send(url, "GET", "/metrics").body
        for image in shades[:25]:
            upload(url, encode(image // 3))
        assert changed in send(url, "GET", "/metrics").body


@pytest.fixture
def page():
    with ExitStack() as stack:
        page = stack.enter_context(browser.open_browser()).new_page()
        yield page
        page.close()


@needs_browser
def test_the_browser_says_what_the_runtime_says(page, path, tmp_path):
    image = tmp_path / "part.png"
    Image.fromarray(quarters()).save(image)
    with browser.serve(path) as url:
        page.goto(url)
        browser.wait_for(page, "ready")
        ((label, score, _),) = browser.show(page, image)
    found = runtime.load_model(path).predict(read_rgb(image))
    assert (label, score) == ("anomaly", pytest.approx(found.score, abs=0.02))
