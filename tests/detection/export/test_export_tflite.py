"""The detector as .tflite: each way in which such files fail elsewhere has a test."""

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from helpers.commands import run_command
from helpers.leak_exports import (
    CHECKPOINT,
    LABELS,
    SIZE,
    THRESHOLD,
    export_once,
    read,
    read_config,
    sample_images,
)
from helpers.tiny_detector import tiny_config
from inspection.common.errors import UserError
from inspection.deploy.model_file import read_model_file
from inspection.deploy.runtime import load_model
from inspection.detection.export import (
    score_threshold,
    tflite_conversion,
    tflite_graph,
)
from inspection.detection.export.tflite_graph import DetectionGraph, Suppression
from inspection.detection.model.detector import load_detector
from inspection.tflite import model as tflite_model
from inspection.tflite.convert import FORMATS, convert

# of scores and of box corners (1 is the picture): one step of 8 bits is .004
TOLERANCE = {"float32": 1e-4, "float16": 5e-3, "dynamic": 0.05, "int8": 0.1}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return export_once(tmp_path_factory)


@pytest.fixture(scope="module")
def detector():
    return load_detector(read_config(), CHECKPOINT)


@pytest.fixture(scope="module")
def scenes():
    return [read(path) for path in sample_images()]


def invoke(data, image, num_threads=1):
    """Return the outputs of a file, in its order, for a picture of its size."""
    interpreter = Interpreter(model_content=data, num_threads=num_threads)
    interpreter.allocate_tensors()
    detail = interpreter.get_input_details()[0]
    if detail["dtype"] == np.float32:
        image = image / np.float32(127.5) - np.float32(1)
    interpreter.set_tensor(detail["index"], image[None])
    interpreter.invoke()
    details = interpreter.get_output_details()
    return [interpreter.get_tensor(detail["index"]) for detail in details]


def found(data, image, threshold=THRESHOLD):
    """Return (boxes, classes, scores) above a threshold; boxes end at the picture."""
    boxes, classes, scores, count = (out[0] for out in invoke(data, image))
    kept = np.flatnonzero(scores[: int(count)] >= threshold)
    return np.clip(boxes[kept], 0, 1), classes[kept], scores[kept]


def load(exported, format):
    return (exported / f"leaks_{format}.tflite").read_bytes()


def test_float32_finds_what_keras_finds(exported, detector, scenes):
    data, total = load(exported, "float32"), 0
    for image in scenes:
        wanted = detector.detect(image)
        kept = wanted.scores >= THRESHOLD
        boxes, classes, scores = found(data, image)
        total += len(scores)
        np.testing.assert_allclose(scores, wanted.scores[kept], atol=1e-4)
        np.testing.assert_allclose(boxes, wanted.boxes[kept], atol=1e-3)
        np.testing.assert_array_equal(classes + 1, wanted.class_ids[kept])
    assert total > len(scenes), "the comparison needs detections"


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_finds_what_float32_finds(exported, scenes, format):
    data, reference = load(exported, format), load(exported, "float32")
    for image in scenes:
        boxes, classes, scores = found(reference, image, THRESHOLD + 0.1)
        near, near_classes, near_scores = found(data, image, 0.1)
        for box, label, score in zip(boxes, classes, scores):
            same = near_classes == label
            off = abs(near[same] - box).max(1) + abs(near_scores[same] - score)
            assert off.min() < 2 * TOLERANCE[format]


@pytest.mark.parametrize("format", FORMATS)
def test_outputs_are_boxes_classes_scores_number(exported, scenes, format):
    boxes, classes, scores, count = invoke(load(exported, format), scenes[0])
    shapes = [out.shape for out in (boxes, classes, scores, count)]
    assert shapes == [(1, 20, 4), (1, 20), (1, 20), (1,)]
    number = int(count[0])
    assert set(classes[0, :number]) <= {0, 1}
    assert (np.diff(scores[0, :number]) <= 0).all()
    assert (scores[0, :number] >= 0.05 - 1e-6).all()


NAMES = [
    tflite_model.POSTPROCESS,
    *(f"{tflite_model.POSTPROCESS}:{i}" for i in (1, 2, 3)),
]


@pytest.mark.parametrize("format", FORMATS)
def test_outputs_are_named_as_tensorflow_1_did(exported, format):
    interpreter = Interpreter(model_content=load(exported, format))
    names = [detail["name"] for detail in interpreter.get_output_details()]
    assert names == NAMES
    (signature,) = interpreter.get_signature_list().values()
    assert sorted(signature["outputs"]) == sorted(tflite_graph.OUTPUTS)


def read_by_rule(data, image):
    """Return boxes, classes and scores as scripts do that go by the first name."""
    outputs = invoke(data, image)
    details = Interpreter(model_content=data).get_output_details()
    of_tf2 = "StatefulPartitionedCall" in details[0]["name"]
    return [outputs[place][0] for place in ((1, 3, 0) if of_tf2 else (0, 1, 2))]


@pytest.fixture(scope="module")
def foreign(exported):
    """Return what TensorFlow's own converter makes of our SavedModel."""
    folder = str(exported / "saved_model")
    converter = tf.lite.TFLiteConverter.from_saved_model(folder)
    converter.allow_custom_ops = True
    return converter.convert()


def test_tensorflow_s_converter_gives_the_outputs_of_the_original(foreign):
    details = Interpreter(model_content=foreign).get_output_details()
    found = [(detail["name"], list(detail["shape"])) for detail in details]
    assert found == [
        ("StatefulPartitionedCall:1", [1, 20]),
        ("StatefulPartitionedCall:3", [1, 20, 4]),
        ("StatefulPartitionedCall:0", [1]),
        ("StatefulPartitionedCall:2", [1, 20]),
    ]


def test_the_rule_of_scripts_finds_the_boxes_in_either_file(exported, scenes, foreign):
    ours = load(exported, "float32")
    for image in scenes[:3]:
        boxes, classes, scores, _ = (out[0] for out in invoke(ours, image))
        for data in (ours, foreign):
            found = read_by_rule(data, image)
            kept = scores >= THRESHOLD
            for values, wanted in zip(found, (boxes, classes, scores)):
                np.testing.assert_allclose(values[kept], wanted[kept], atol=1e-5)
        assert kept.any()


def test_the_runtime_reads_what_tensorflow_s_converter_made(
    exported, scenes, foreign, tmp_path
):
    (tmp_path / "detect.tflite").write_bytes(foreign)
    names = (exported / "labelmap.txt").read_text()
    (tmp_path / "labelmap.txt").write_text(f"???\n{names}")
    theirs = load_model(tmp_path / "detect.tflite")
    ours = load_model(exported / "leaks_float32.tflite")
    assert theirs.labels == ours.labels
    for image in scenes[:3]:
        found, wanted = (m.predict(image).above(THRESHOLD) for m in (theirs, ours))
        assert len(wanted)
        np.testing.assert_allclose(found.boxes, wanted.boxes, atol=1e-5)
        np.testing.assert_array_equal(found.class_ids, wanted.class_ids)


def test_names_lie_beside_the_model(exported, tmp_path, capsys):
    path = exported / "labelmap.txt"
    assert path.read_text().split() == LABELS
    kept = tmp_path / "labelmap.txt"
    for text in ("???\nleak\npuddle\n", "leak\r\npuddle"):
        kept.write_text(text, newline="")
        tflite_conversion.write_label_list(LABELS, kept)
        assert kept.read_bytes().decode() == text, "the same names"
    tflite_conversion.write_label_list(["crack"], kept)
    assert kept.read_text() == "crack\n"
    assert "held other classes (leak, puddle)" in capsys.readouterr().err


def test_outputs_in_another_order_are_put_right(exported):
    wanted = load(exported, "float32")
    mixed = tflite_model.unpack(wanted)
    mixed.subgraphs[0].outputs = mixed.subgraphs[0].outputs[[2, 0, 3, 1]]
    mixed = tflite_conversion.order_outputs(tflite_model.pack(mixed))
    order = [tflite_model.unpack(d).subgraphs[0].outputs for d in (mixed, wanted)]
    np.testing.assert_array_equal(*order)


def test_the_score_to_show_goes_from_the_training_into_each_file(exported):
    wanted = score_threshold.read(CHECKPOINT)
    assert 0.1 < wanted < 0.9 and score_threshold.read(exported) == wanted
    for path in exported.glob("leaks_*.tflite"):
        if "raw" not in path.name:
            assert load_model(path).threshold == wanted


@pytest.mark.parametrize("format", FORMATS)
def test_the_file_says_what_it_is(exported, format):
    file = read_model_file(exported / f"leaks_{format}.tflite")
    assert (file.kind, list(file.labels), file.name) == ("detector", LABELS, "leaks")
    assert (exported / "labels.txt").read_text().split() == LABELS


@pytest.mark.parametrize("format", FORMATS)
def test_operators_are_those_that_phones_know(exported, format):
    names = tflite_model.operator_names(tflite_model.unpack(load(exported, format)))
    assert names.count(tflite_model.POSTPROCESS) == 1
    # TILE is what doubling by repetition becomes: GPUs and OpenCV refuse it
    assert not {"TILE", "VAR_HANDLE", "READ_VARIABLE"} & set(names)


def test_int8_takes_pixels(exported):
    data = load(exported, "int8")
    detail = Interpreter(model_content=data).get_input_details()[0]
    scale, zero = detail["quantization"]
    assert detail["dtype"] == np.uint8
    assert scale == pytest.approx(2 / 255) and zero in (127, 128)
    model = tflite_model.unpack(data)
    convolutions = tflite_model.operator_names(model).count("CONV_2D")
    floats = [t for t in model.subgraphs[0].tensors if t.type == 0 and not t.buffer]
    assert convolutions > 50 and len(floats) < 12, "the network itself is in 8 bits"


def test_in_tensorflow_the_graph_has_the_shapes_of_its_outputs(exported):
    loaded = tf.saved_model.load(str(exported / "saved_model"))
    run = loaded.signatures["serving_default"]
    outputs = run(tf.zeros([1, SIZE, SIZE, 3]))
    # scalars here would keep LiteRT for the web from starting
    assert {name: tuple(out.shape) for name, out in outputs.items()} == {
        "output_0": (1,),
        "output_1": (1, 20),
        "output_2": (1, 20),
        "output_3": (1, 20, 4),
    }


class ThreeClasses(tf.Module):
    """The NMS of a detector of three classes, which finds one object of each."""

    def __init__(self, nms):
        super().__init__()
        model = tiny_config(model__ssd__num_classes=3).model
        self.suppress = tflite_graph._postprocess(model, nms.resolved(model))

    @tf.function(input_signature=[tf.TensorSpec([1, 3, 4], tf.float32)])
    def find(self, scores):
        anchors = tf.constant([[c, c, 0.1, 0.1] for c in (0.2, 0.5, 0.8)])
        codes = tf.zeros([1, 3, 4]) * scores[:, :, :1]
        found = self.suppress(codes, scores, anchors)
        return dict(zip(tflite_graph.SIGNATURE, found))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_no_class_is_lost_on_any_number_of_threads(tmp_path_factory, threads):
    folder = tmp_path_factory.getbasetemp() / "three"
    if not folder.exists():
        module = ThreeClasses(Suppression())
        tf.saved_model.save(module, str(folder), signatures=module.find)
        data = convert(folder, "float32", custom_ops=True)
        data = tflite_conversion.order_outputs(data)
        (folder / "nms.tflite").write_bytes(data)
    interpreter = Interpreter(str(folder / "nms.tflite"), num_threads=threads)
    interpreter.allocate_tensors()
    scores = np.array([[[0, 0.9, 0, 0], [0, 0, 0.8, 0], [0, 0, 0, 0.7]]], "float32")
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], scores)
    interpreter.invoke()
    classes = interpreter.get_output_details()[1]["index"]
    # with regular NMS, two threads find no 2
    assert interpreter.get_tensor(classes)[0, :3].tolist() == [0, 1, 2]


def test_raw_heads_hold_no_operator_of_their_own(exported, detector, scenes):
    data = load(exported, "raw")
    names = tflite_model.operator_names(tflite_model.unpack(data))
    assert tflite_model.POSTPROCESS not in names
    nms = Suppression().resolved(detector.settings)
    graph = DetectionGraph(detector.network, detector.settings, nms)
    image = scenes[0] / np.float32(127.5) - np.float32(1)
    wanted = graph.raw_heads(image[None])
    outputs = invoke(data, scenes[0])
    assert [out.shape for out in outputs] == [(1, 6294, 4), (1, 6294, len(LABELS))]
    for values, name in zip(outputs, tflite_graph.RAW_OUTPUTS):
        np.testing.assert_allclose(values, wanted[name], atol=1e-4)


def test_what_is_left_open_suits_the_config():
    two, three = (tiny_config(model__ssd__num_classes=n).model for n in (2, 3))
    assert Suppression().resolved(two) == Suppression(100, True, 0.05)
    assert Suppression().resolved(three) == Suppression(100, False, 0.05)
    assert Suppression(10, True, 0.0).resolved(three) == Suppression(10, True, 0.0)


@pytest.mark.parametrize(
    "nms", [Suppression(0), Suppression(10**9), Suppression(score_threshold=1.5)]
)
def test_nms_that_cannot_be_is_refused(nms):
    with pytest.raises(
        UserError,
        match="^max_detections is 1?0+, not 1 to|^score_threshold is 1.5",
    ):
        nms.resolved(tiny_config().model)


def test_an_unknown_format_is_refused_without_the_command(tmp_path):
    with pytest.raises(UserError, match="float8 is no format; there are: float32"):
        list(tflite_conversion.convert_all(tmp_path, tmp_path, ["float8"]))


@pytest.mark.parametrize(
    "flags, message",
    [
        ([], "int8 needs pictures like those of training"),
        (["--formats", "float8"], "invalid choice: 'float8'"),
        (["--formats", "float16", "--saved_model_dir=."], "holds no saved_model.pb"),
        (["--formats", "float16", "--name", "a/b"], "'a/b' is no name for files"),
        (["--formats", "int8", "--images=nowhere"], "nowhere is no folder"),
    ],
)
def test_the_command_says_what_is_missing(
    exported, tmp_path, monkeypatch, capsys, flags, message
):
    folder = exported
    paths = [
        f"--saved_model_dir={folder / 'saved_model'}",
        f"--output_directory={tmp_path}",
    ]
    status, out, err = run_command(
        monkeypatch, capsys, "convert_to_tflite", *paths, *flags
    )
    assert (status, out) == (2, "") and message in err
    assert not list(tmp_path.glob("*.tflite"))
