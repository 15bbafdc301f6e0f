"""Each family of the zoo, trained: its four formats in MediaPipe, in Python and browser.

A picture of 640x480 and one on end: the padded models pad them, the others stretch them.
"""

import numpy as np
import pytest
from PIL import Image

from helpers import browser, trained_families
from helpers.mediapipe_answers import ask, assert_contains, missing
from inspection.common.detections import class_names_by_id
from inspection.datasets.images.image_file import read_rgb
from inspection.deploy.runtime import load_model
from inspection.detection.model.detector import load_detector
from inspection.tflite.convert import FORMATS

LOW, CONFIDENT = 0.1, 0.3
TOLERANCES = {  # of score, of a box in pixels
    "float32": (5e-3, 2.5),
    "float16": (1e-2, 2.5),
    "dynamic": (0.08, 10),
    "int8": (0.12, 14),
}

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}"),
]


@pytest.fixture(scope="module", params=trained_families.SIDES)
def family(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    config, losses = trained_families.train(request.param, folder)
    trained_families.export(config, request.param, folder)
    return request.param, folder, config, losses


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """Return the paths of a picture that lies and of one that stands."""
    folder = tmp_path_factory.mktemp("scenes")
    names = (trained_families.LEAKS / "splits/test.txt").read_text().split()
    for name, size in zip(names, ((640, 480), (300, 500))):
        image = Image.open(trained_families.LEAKS / f"images/{name}.jpg")
        image.resize(size).save(folder / f"{size[0]}.png")
    return sorted(folder.iterdir())


def test_two_hundred_steps_lower_the_loss(family):
    name, _, _, losses = family
    total = losses["Loss/total_loss"]
    first, last = total.iloc[0], total.iloc[-1]
    print(f"{name}: {first:.2f}, {last:.2f}")
    assert np.isfinite(losses.to_numpy(float)).all()
    assert last < 0.6 * first


def in_pixels(found, names, size):
    """Return detections in the form of MediaPipe's answer."""
    size = np.tile(size, 2)
    return [
        {"label": names[int(i)], "box": box * size, "score": float(score), "size": size}
        for box, i, score in zip(found.boxes, found.class_ids, found.scores)
        if score >= LOW
    ]


@pytest.mark.parametrize("format", FORMATS)
def test_keras_and_the_file_find_the_same(family, scenes, format):
    name, folder, config, _ = family
    model = load_model(folder / f"{name}_{format}.tflite")
    detector = load_detector(config, folder / "training")
    names = class_names_by_id(model.labels)
    for scene in scenes:
        image = read_rgb(scene)
        theirs = in_pixels(model.predict(image), names, image.shape[:2])
        ours = in_pixels(detector.detect(image), names, image.shape[:2])
        assert [one for one in ours if one["score"] >= CONFIDENT]
        assert_contains(theirs, ours, TOLERANCES[format])


@pytest.mark.parametrize("format", FORMATS)
def test_mediapipe_finds_the_same(family, scenes, format):
    name, folder, _, _ = family
    path = folder / f"{name}_{format}.tflite"
    model = load_model(path, num_threads=1)
    names = class_names_by_id(model.labels)
    for scene, theirs in zip(scenes, ask("detector", path, scenes, LOW), strict=True):
        image = read_rgb(scene)
        ours = in_pixels(model.predict(image), names, image.shape[:2])
        assert_contains(theirs, ours, TOLERANCES[format])
        assert_contains(ours, theirs, TOLERANCES[format])


@pytest.mark.skipif(bool(browser.missing()), reason=f"needs {browser.missing()}")
def test_the_browser_finds_the_same(family, scenes):
    name, folder, _, _ = family
    compared = 0
    with browser.open_browser() as chromium:
        for format in FORMATS:
            path = folder / f"{name}_{format}.tflite"
            page, model = chromium.new_page(), load_model(path)
            with browser.serve(path) as url:
                page.goto(url)
                browser.wait_for(page, "ready")
                for scene in scenes:
                    rows = browser.show(page, scene)
                    wanted = browser.boxes_of(model, read_rgb(scene), 0.5)
                    check_rows(rows, wanted, TOLERANCES[format])
                    compared += len(wanted)
            page.close()
    assert compared, "the comparison needs detections"


def check_rows(rows, wanted, tolerance):
    """Hold the rows of the page against ours: each box that is sure is in the other list."""
    sure = 0.5 + tolerance[0]
    for some, others in ((rows, wanted), (wanted, rows)):
        for label, score, box in some:
            near = (
                label == other
                and abs(score - value) <= tolerance[0]
                and np.allclose(box[:2], place[:2], atol=tolerance[1])
                for other, value, place in others
            )
            assert score < sure or any(near), (label, score, box, others)
