"""A model of the zoo without a pyramid, trained: MediaPipe and browser, four formats.

A picture of 640x480 and one on end. The tolerances are those of SSD MobileNetV2 FPNLite in
test_export_tflite.py and test_mediapipe.py.
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
TOLERANCE = {"float32": 1e-4, "float16": 5e-3, "dynamic": 0.05, "int8": 0.1}
ROUNDED = ("dynamic", "int8")

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
    names = (trained_families.LEAKS / "splits/train.txt").read_text().split()
    for name, size in zip(names, ((640, 480), (300, 500))):
        image = Image.open(trained_families.LEAKS / f"images/{name}.jpg")
        image.resize(size).save(folder / f"{size[0]}.png")
    return sorted(folder.iterdir())


def test_two_hundred_steps_lower_the_loss(family):
    name, _, _, losses = family
    total = losses["Loss/total_loss"]
    first, last = total.iloc[0], total.iloc[-3:].mean()
    print(f"{name}: {first:.2f}, {last:.2f}")
    assert np.isfinite(losses.to_numpy(float)).all()
    assert last < 0.9 * first


@pytest.mark.parametrize("format", FORMATS)
def test_keras_and_the_file_find_the_same(family, scenes, format):
    name, folder, config, _ = family
    model = load_model(folder / f"{name}_{format}.tflite")
    detector = load_detector(config, folder / "training")
    total = 0
    for scene in scenes:
        image = read_rgb(scene)
        wanted = detector.detect(image).above(CONFIDENT)
        found = model.predict(image).above(LOW)
        total += len(wanted)
        for box, label, score in zip(wanted.boxes, wanted.class_ids, wanted.scores):
            same = found.class_ids == label
            off = abs(found.boxes[same] - np.clip(box, 0, 1)).max(1)
            off += abs(found.scores[same] - score)
            print(name, format, off.min())
            assert off.min() < 2 * TOLERANCE[format]
    assert total, "the comparison needs detections"


def resized(scene, model, format):
    """Return a path of the picture, of the model's own size where it rounds its numbers.

    Another rounding in resizing would move quantized values by whole steps.
    """
    if format not in ROUNDED:
        return scene
    path = scene.with_name(f"{scene.stem}_{'x'.join(map(str, model.input_size))}.png")
    image, (height, width) = Image.open(scene), model.input_size
    image.resize((width, height)).save(path)
    return path


@pytest.mark.parametrize("format", FORMATS)
def test_mediapipe_finds_the_same(family, scenes, format):
    name, folder, _, _ = family
    path = folder / f"{name}_{format}.tflite"
    model = load_model(path, num_threads=1)
    shown = [resized(scene, model, format) for scene in scenes]
    tolerance = (0.06, 8) if format == "dynamic" else (5e-3, 2.5)  # score, pixels
    for scene, theirs in zip(shown, ask("detector", path, shown, LOW), strict=True):
        ours = in_pixels(model, read_rgb(scene))
        assert_contains(theirs, ours, tolerance)
        assert_contains(ours, theirs, tolerance)


def in_pixels(model, image):
    """Return what our runtime finds, in the form of MediaPipe's answer."""
    found, size = model.predict(image).above(LOW), np.tile(image.shape[:2], 2)
    names = class_names_by_id(model.labels)
    return [
        {"label": names[int(i)], "box": box * size, "score": float(score), "size": size}
        for box, i, score in zip(found.boxes, found.class_ids, found.scores)
    ]


@pytest.mark.skipif(bool(browser.missing()), reason=f"needs {browser.missing()}")
def test_the_browser_finds_the_same(family, scenes):
    name, folder, _, _ = family
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
                    check_rows(rows, wanted, 2 * TOLERANCE[format] + 5e-3)
            page.close()


def check_rows(rows, wanted, tolerance):
    """Hold the rows of the page against ours: each box that is sure is in the other list."""
    for some, others in ((rows, wanted), (wanted, rows)):
        for label, score, box in some:
            near = (
                label == other
                and abs(score - value) <= tolerance
                and np.allclose(box[:2], place[:2], atol=2.5)
                for other, value, place in others
            )
            assert score < 0.5 + tolerance or any(near), (label, score, box, others)
