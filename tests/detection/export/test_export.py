"""exporter_main_v2: the API's SavedModel, and a frozen graph that OpenCV reads."""

import cv2
import numpy as np
import pytest
import tensorflow as tf

from helpers.commands import run_command
from helpers.images import encode
from helpers.leak_exports import (
    CHECKPOINT,
    LABEL_MAP,
    SIZE,
    THRESHOLD,
    WEIGHTS,
    read,
    read_config,
    sample_images,
)
from inspection.detection.config import pipeline_config
from inspection.detection.export.saved_model import InferenceModule
from inspection.detection.model import checkpoint
from inspection.detection.model.detector import load_detector
from inspection.detection.model.network import build_network

FLAGS = {
    "--pipeline_config_path": WEIGHTS / "pipeline.config",
    "--trained_checkpoint_dir": CHECKPOINT,
    "--label_map": LABEL_MAP,
}


@pytest.fixture(scope="module")
def detector():
    return load_detector(read_config(), CHECKPOINT)


def run(monkeypatch, capture, **changes):
    """Run the command; return its status, output and errors."""
    flags = {**FLAGS, **{f"--{name}": value for name, value in changes.items()}}
    line = [f"{name}={value}" for name, value in flags.items()]
    return run_command(monkeypatch, capture, "exporter_main_v2", *line)


@pytest.fixture
def exported(tmp_path_factory, monkeypatch, capfd):
    folder = tmp_path_factory.getbasetemp() / "exported ü"
    if not folder.exists():
        status, out, err = run(monkeypatch, capfd, output_directory=folder)
        assert (status, err) == (0, "")
        *written, takes = out.splitlines()
        assert takes.startswith("saved_model takes uint8 [1, height, width, 3]")
        assert [line.split("ü/")[1] for line in written] == [
            "saved_model",
            "checkpoint",
            "label_map.pbtxt",
            "frozen_inference_graph.pb",
            "pipeline.config",
        ]
    return folder


@pytest.fixture(scope="module")
def image():
    return read(sample_images()[0], (240, 300))


def test_the_saved_model_finds_what_keras_finds(exported, detector, image):
    detect = tf.saved_model.load(str(exported / "saved_model"))
    out = {name: v.numpy() for name, v in detect(tf.constant(image[None])).items()}
    wanted = detector.detect(image)
    number = int(out["num_detections"][0])
    assert number == len(wanted.scores) > 0
    for name, values in {
        "boxes": wanted.boxes,
        "scores": wanted.scores,
        "classes": wanted.class_ids,
    }.items():
        found = out[f"detection_{name}"][0, :number]
        np.testing.assert_allclose(found, values, atol=1e-5)


def test_the_signature_is_that_of_the_api(exported):
    loaded = tf.saved_model.load(str(exported / "saved_model"))
    run = loaded.signatures["serving_default"]
    ((name, spec),) = run.structured_input_signature[1].items()
    assert (name, spec.dtype, spec.shape.as_list()) == (
        "input_tensor",
        tf.uint8,
        [1, None, None, 3],
    )
    assert {name: out.dtype for name, out in run.structured_outputs.items()} == {
        name: tf.float32
        for name in (
            "detection_boxes",
            "detection_scores",
            "detection_classes",
            "detection_multiclass_scores",
            "detection_anchor_indices",
            "num_detections",
            "raw_detection_boxes",
            "raw_detection_scores",
        )
    }


def test_each_weight_is_saved_once(exported, detector):
    stored = tf.train.list_variables(str(exported / "saved_model/variables/variables"))
    assert len(stored) == len(detector.network.variables) + 1  # and the object graph


def test_raw_outputs_are_what_the_detections_came_from(detector, image):
    module = InferenceModule(detector.network, detector.settings)
    out = {name: v.numpy()[0] for name, v in module.__call__(image[None]).items()}
    number = int(out["num_detections"])
    anchors = out["detection_anchor_indices"][:number].astype(int)
    boxes = np.clip(out["raw_detection_boxes"][anchors], 0, 1)
    np.testing.assert_allclose(out["detection_boxes"][:number], boxes, atol=1e-6)
    many = out["detection_multiclass_scores"][:number]
    np.testing.assert_array_equal(many, out["raw_detection_scores"][anchors])
    columns = out["detection_classes"][:number].astype(int)
    own = many[np.arange(number), columns]  # column 0 is the background
    np.testing.assert_allclose(out["detection_scores"][:number], own, atol=1e-6)


def example(data):
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[data]))
    features = tf.train.Features(feature={"image/encoded": feature})
    return tf.train.Example(features=features).SerializeToString()


def test_every_input_type_finds_the_same(detector, image):
    inputs = {
        "image_tensor": image[None],
        "float_image_tensor": image[None].astype("float32"),
        "encoded_image_string_tensor": [encode(image)],
        "tf_example": [example(encode(image))],
    }
    scores = [
        InferenceModule(detector.network, detector.settings, kind).__call__(value)
        for kind, value in inputs.items()
    ]
    for other in scores[1:]:
        np.testing.assert_allclose(
            other["detection_scores"], scores[0]["detection_scores"], atol=1e-5
        )


def test_the_checkpoint_and_config_build_the_same_network(exported, detector):
    config = pipeline_config.read(exported / "pipeline.config")
    network = build_network(config.model)
    checkpoint.restore(network, exported / "checkpoint", "full")
    assert tf.train.latest_checkpoint(str(exported / "checkpoint")).endswith("ckpt-0")
    for new, old in zip(network.weights, detector.network.weights):
        np.testing.assert_array_equal(new, old)


def test_opencv_finds_what_keras_finds(exported, detector):
    net = cv2.dnn.readNetFromTensorflow(str(exported / "frozen_inference_graph.pb"))
    resized = read(sample_images()[0])
    blob = cv2.dnn.blobFromImage(
        resized[..., ::-1], 1 / 127.5, (SIZE, SIZE), (127.5,) * 3, swapRB=True
    )
    net.setInput(blob)
    boxes, scores = net.forward(["detection_boxes", "detection_scores"])
    raw = InferenceModule(detector.network, detector.settings).__call__(resized[None])
    np.testing.assert_allclose(boxes, raw["raw_detection_boxes"], rtol=1e-3, atol=1e-4)
    columns = raw["raw_detection_scores"][..., 1:]
    np.testing.assert_allclose(scores, columns, atol=1e-4)

    wanted = detector.detect(resized)
    found = suppress(boxes[0], scores[0])
    kept = wanted.scores >= THRESHOLD
    assert len(found) == kept.sum() > 0
    for (box, label, score), i in zip(found, np.flatnonzero(kept)):
        np.testing.assert_allclose(np.clip(box, 0, 1), wanted.boxes[i], atol=1e-3)
        assert label + 1 == wanted.class_ids[i]
        assert score == pytest.approx(wanted.scores[i], abs=1e-4)


def suppress(boxes, scores):
    """Return (box, class, score) that cv2's NMS keeps, class by class, best first."""
    anchors, classes = np.nonzero(scores >= THRESHOLD)
    ymin, xmin, ymax, xmax = boxes[anchors].T
    rectangles = np.stack([xmin, ymin, xmax - xmin, ymax - ymin], 1)
    best = scores[anchors, classes]
    kept = cv2.dnn.NMSBoxesBatched(
        rectangles.tolist(), best.tolist(), classes.tolist(), THRESHOLD, 0.6
    )
    kept = sorted(kept, key=lambda i: -best[i])
    return [(boxes[anchors[i]], classes[i], best[i]) for i in kept]


@pytest.mark.parametrize(
    "flag, value, message",
    [
        ("input_type", "jpeg", "jpeg is no input type; there are: image_tensor"),
        ("trained_checkpoint_dir", "nowhere", "no checkpoint here"),
        ("label_map", "nowhere.pbtxt", "there is no label map at nowhere.pbtxt"),
        ("pipeline_config_path", "nowhere.config", "there is no pipeline.config"),
    ],
)
def test_what_does_not_fit_is_one_error(
    tmp_path, monkeypatch, capsys, flag, value, message
):
    given = {"output_directory": tmp_path / "out", flag: value}
    status, out, err = run(monkeypatch, capsys, **given)
    assert (status, out) == (2, "") and message in err
    assert not (tmp_path / "out").exists()
