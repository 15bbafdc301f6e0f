"""MediaPipe, the runtime of phones, accepts our files and says what ours says.

It runs in an environment and a process of its own: a bad model can hang it.
"""

import numpy as np
import pytest
from PIL import Image

from helpers.leak_exports import THRESHOLD, export_once, sample_images
from helpers.mediapipe_answers import ask, assert_contains, missing
from helpers.tiny_networks import CLASSES, SIZE, classifier, segmenter
from inspection.common.detections import class_names_by_id
from inspection.deploy.runtime import load_model
from inspection.tflite.convert import FORMATS, convert_keras
from inspection.tflite.metadata import add_metadata

LOW = 0.25  # so that what lies at THRESHOLD is seen by both

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"needs {missing()}")


@pytest.fixture(scope="module")
def scenes():
    return sample_images(6)


@pytest.mark.parametrize("format", FORMATS)
def test_a_detector_finds_the_same(tmp_path_factory, scenes, format):
    path = export_once(tmp_path_factory) / f"leaks_{format}.tflite"
    model, total = load_model(path, num_threads=1), 0
    if format in ("dynamic", "int8"):
        # another rounding where it resizes moves quantized values by whole steps
        scenes = sorted((path.parent / "images").iterdir())
    # "dynamic" rounds to a scale made for each picture; versions of XNNPACK differ in it
    tolerance = (0.06, 8) if format == "dynamic" else (5e-3, 2.5)  # score, pixels
    for scene, theirs in zip(scenes, ask("detector", path, scenes, LOW), strict=True):
        ours = plain(model, np.asarray(Image.open(scene)))
        assert_contains(theirs, ours, tolerance)
        assert_contains(ours, theirs, tolerance)
        total += len([found for found in ours if found["score"] >= THRESHOLD])
    assert total >= len(scenes), "the comparison needs detections"


def plain(model, image):
    """Return what our runtime finds, in the form of MediaPipe's answer."""
    found, size = model.predict(image).above(LOW), np.tile(image.shape[:2], 2)
    names = class_names_by_id(model.labels)
    return [
        {"label": names[int(i)], "box": box * size, "score": score, "size": size}
        for box, i, score in zip(found.boxes, found.class_ids, found.scores)
    ]


def test_raw_heads_are_decoded_to_the_same_boxes(tmp_path_factory, scenes):
    folder = export_once(tmp_path_factory)
    ours = ask("detector", folder / "leaks_float32.tflite", scenes, THRESHOLD)
    theirs = ask("detector", folder / "leaks_raw.tflite", scenes, THRESHOLD)
    for with_nms, without in zip(ours, theirs, strict=True):
        assert without and with_nms[0]["label"] == without[0]["label"]
        # its own NMS keeps other ones of many near boxes, but the best stays the best
        assert with_nms[0]["score"] == pytest.approx(without[0]["score"], abs=1e-3)
        np.testing.assert_allclose(with_nms[0]["box"], without[0]["box"], atol=1.5)


def noise(count=8):
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (SIZE, SIZE, 3), "uint8") for _ in range(count)]


def scaled():
    return (image[None] / np.float32(127.5) - np.float32(1) for image in noise())


@pytest.fixture(params=["float32", "int8"])
def format(request):
    return request.param


@pytest.fixture
def noise_file(tmp_path):
    path = tmp_path / "noise.png"
    Image.fromarray(noise(1)[0]).save(path)
    return path


def test_a_classifier_says_the_same(tmp_path, noise_file, format):
    data = convert_keras(classifier(), format, scaled)
    path = tmp_path / "colours.tflite"
    path.write_bytes(add_metadata(data, "classifier", CLASSES, "colours", "a colour"))
    model = load_model(path)
    scores = model.predict(noise(1)[0]).scores
    (answer,) = ask("classifier", path, [noise_file])
    assert answer == pytest.approx(dict(zip(CLASSES, scores)), abs=1e-3)


def test_a_segmenter_says_the_same(tmp_path, noise_file, format):
    labels = ["background", "rust", "Fleck ü"]
    data = convert_keras(segmenter(), format, scaled)
    path = tmp_path / "stains.tflite"
    path.write_bytes(add_metadata(data, "segmenter", labels, "stains", "each pixel"))
    ours = load_model(path).predict(noise(1)[0])
    (answer,) = ask("segmenter", path, [noise_file])
    assert answer["labels"] == labels
    theirs = np.moveaxis(answer["scores"], 0, -1)
    np.testing.assert_allclose(theirs, ours.scores, atol=1e-3)
    np.testing.assert_array_equal(answer["classes"], ours.mask)


def test_without_metadata_it_refuses(tmp_path, noise_file):
    path = tmp_path / "bare.tflite"
    path.write_bytes(convert_keras(classifier(), "float32"))
    data = path.read_bytes()
    # a file whose scale is not told: what our own reader refuses as well
    with pytest.raises(AssertionError, match="NormalizationOptions|metadata"):
        ask("classifier", path, [noise_file])
    assert data[4:8] == b"TFL3"
