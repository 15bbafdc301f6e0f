"""Models that others exported: their orders, their names, their metadata or none."""

import io
import struct
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import tiny_models as tiny
from helpers.commands import run_command
from helpers.images import encode, painted
from inspection.common import notices
from inspection.common.errors import UserError
from inspection.deploy import runtime
from inspection.deploy.detector_outputs import (
    CATEGORY,
    LOCATION,
    NUMBER,
    ROLES,
    SCORE,
    detector_roles,
)
from inspection.deploy.model_file import read_model_file
from inspection.deploy.score_calibration import ScoreCalibration, parse_calibration
from inspection.tflite import model as tflite_model

POSTPROCESS = "TFLite_Detection_PostProcess"
TF1 = [POSTPROCESS, *(f"{POSTPROCESS}:{i}" for i in (1, 2, 3))]
TF2 = [f"StatefulPartitionedCall:{i}" for i in (3, 2, 1, 0)]
TF2_ORDER = (2, 0, 3, 1)  # scores, boxes, number, classes
BOTH = painted(255, 0, 255, (20, 30))  # as much red as blue


@pytest.fixture(autouse=True)
def _each_notice_anew(monkeypatch):
    monkeypatch.setattr(notices, "_said", set())


def write(folder, data, labels=None, name="detect.tflite"):
    (folder / name).write_bytes(data)
    if labels:
        (folder / "labelmap.txt").write_text(labels, encoding="utf-8")
    return folder / name


def bare(names, order):
    return tiny.make_detector(metadata=False, tensor_names=names, order=order)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), TF2_ORDER, (3, 0, 1, 2)])
@pytest.mark.parametrize("names", [TF1, TF2, list("abcd")], ids=lambda n: n[0][:8])
@pytest.mark.parametrize("first", ["", "???\n"])
def test_a_detector_without_metadata(tmp_path, capsys, names, order, first):
    path = write(tmp_path, bare(names, order), f"{first}leak\npuddle\n")
    model = runtime.load_model(path)
    assert (model.kind, model.labels) == ("detector", ("leak", "puddle"))
    found = model.predict(BOTH)
    assert found.boxes == pytest.approx(np.array(tiny.BOXES), abs=1e-6)
    assert found.scores == pytest.approx(np.array([0.9, 0.8]), abs=1e-6)
    assert found.class_ids.tolist() == [1, 2]
    said = capsys.readouterr().err
    assert "holds no metadata; its labels are those of labelmap.txt" in said
    assert "holds no metadata; its input is taken to be -1 to 1" in said


def read_as_the_tutorial(model, image):
    """Return boxes, classes and scores by the rule of scripts that people have.

    The name of the first output tells in which of two orders they are.
    """
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=model, num_threads=1)
    interpreter.allocate_tensors()
    (given,), outputs = (
        interpreter.get_input_details(),
        interpreter.get_output_details(),
    )
    interpreter.set_tensor(given["index"], image)
    interpreter.invoke()
    of_tf2 = "StatefulPartitionedCall" in outputs[0]["name"]
    places = (1, 3, 0) if of_tf2 else (0, 1, 2)
    return [interpreter.get_tensor(outputs[place]["index"])[0] for place in places]


@pytest.mark.parametrize("names, order", [(TF1, (0, 1, 2, 3)), (TF2, TF2_ORDER)])
def test_the_rule_of_scripts_finds_what_the_runtime_finds(tmp_path, names, order):
    data = bare(names, order)
    model = runtime.load_model(write(tmp_path, data, "leak\npuddle\n"))
    image = np.full((1, 8, 8, 3), [1, -1, 1], np.float32)
    boxes, classes, scores = read_as_the_tutorial(data, image)
    found = model.predict(BOTH)
    np.testing.assert_allclose(boxes[:2], found.boxes, atol=1e-6)
    np.testing.assert_allclose(scores[:2], found.scores, atol=1e-6)
    assert (classes[:2] + 1).tolist() == found.class_ids.tolist()


@pytest.mark.parametrize("kind", ["uint8", "int8"])
def test_pixels_go_into_eight_bits_as_they_are(tmp_path, capsys, kind):
    data = tiny.make_detector(metadata=False, kind=kind)
    model = runtime.load_model(write(tmp_path, data, "leak\npuddle\n"))
    found = model.predict(BOTH)
    assert found.scores == pytest.approx(np.array([0.9, 0.8]), abs=0.01)
    assert "input" not in capsys.readouterr().err


def test_an_eight_bit_classifier_needs_a_list_of_labels_alone(tmp_path):
    data = tiny.make_classifier(metadata=False, kind="uint8", out="uint8")
    model = runtime.load_model(write(tmp_path, data, "red\ngreen\nblue\n"))
    assert model.labels[model.predict(painted(green=255)).best] == "green"


@pytest.mark.parametrize(
    "data, labels, says",
    [
        (bare(TF1, (0, 1, 2, 3)), None, "holds no metadata, and no labelmap.txt"),
        (bare(TF1, (0, 1, 2, 3)), "leak\n", "but labelmap.txt holds 1 labels: leak"),
        (
            bare(TF1, (0, 1, 2, 3)),
            "leak\n" * 300_000,
            "labelmap.txt has 2 MB, and no li",
        ),
        (
            tiny.make_classifier(metadata=False),
            "red\ngreen\nblue\n",
            "holds no metadata: what its input wants of a pixel is unknown",
        ),
        (tiny.make_detector(labelled=None), None, "its metadata names no file of lab"),
        (tiny.make_detector(normalized=False), None, "lacks the normalization"),
    ],
    ids=[
        "labels",
        "few labels",
        "long labels",
        "scale",
        "no file of labels",
        "no normalization",
    ],
)
def test_what_is_missing_is_said(tmp_path, data, labels, says):
    with pytest.raises(UserError, match=says):
        read_model_file(write(tmp_path, data, labels))


@pytest.mark.parametrize(
    "names",
    [
        ["locations", "classes", "scores", "number of detections"],
        ["", "", "", ""],
        ["number of detections", "score", "category", "location"],  # of other outputs
    ],
)
def test_the_operator_knows_better_than_names(tmp_path, names):
    data = tiny.make_detector(tensor_names=TF1, metadata_names=names, labelled=names[0])
    model = runtime.load_model(write(tmp_path, data))
    found = model.predict(BOTH)
    assert found.boxes == pytest.approx(np.array(tiny.BOXES), abs=1e-6)
    assert found.class_ids.tolist() == [1, 2]


ROW, BOXES, ONE = [1, 10], [1, 10, 4], [1]


@pytest.mark.parametrize(
    "names, signature, shapes, right",
    [
        (TF2, [""] * 4, [BOXES, ROW, ROW, ONE], ROLES),
        # a SavedModel whose outputs are named and not numbered: boxes come first
        (TF2, [""] * 4, [ONE, ROW, ROW, BOXES], ()),
        (
            list("abcd"),
            [f"output_{i}" for i in (1, 3, 0, 2)],
            [ROW, BOXES, ONE, ROW],
            (SCORE, LOCATION, NUMBER, CATEGORY),
        ),
        (
            list("abcd"),
            [
                "num_detections",
                "detection_boxes",
                "detection_scores",
                "detection_classes",
            ],
            [[], BOXES, ROW, ROW],
            (NUMBER, LOCATION, SCORE, CATEGORY),
        ),
        (list("abcd"), [""] * 4, [BOXES, ROW, ROW, ONE], ()),
        (TF1, [""] * 4, [BOXES, ROW, [1, 9], ONE], ()),
        (TF1[:3], [""] * 3, [BOXES, ROW, ROW], ()),
    ],
)
def test_without_the_operator_names_and_shapes_decide(names, signature, shapes, right):
    graph = SimpleNamespace(
        postprocess_outputs=[],
        outputs=list(range(len(names))),
        output_names=names,
        signature_names=signature,
        output_shapes=shapes,
    )
    assert detector_roles(graph, []) == right


def test_names_of_coco_with_and_without_a_first_line(tmp_path):
    for labels in (["???", "leak", "puddle"], ["background", "leak", "puddle"]):
        path = write(tmp_path, tiny.make_detector(labels=labels))
        assert read_model_file(path).labels == ("leak", "puddle")
    path = write(tmp_path, tiny.make_detector(labels=["leak", "???"]))
    assert read_model_file(path).labels == ("leak", "???"), "an id that is left out"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_labels_with_a_mark(tmp_path, encoding):
    text = "Leck ü\r\npuddle\r\n".encode(encoding)
    path = write(tmp_path, with_labels(text))
    assert read_model_file(path).labels == ("Leck ü", "puddle")


def test_labels_in_another_encoding_are_refused(tmp_path):
    path = write(tmp_path, with_labels("Leck ü\npuddle".encode("latin-1")))
    with pytest.raises(UserError, match="labels.txt, line 1: byte 0xfc is no UTF-8"):
        read_model_file(path)


def with_labels(text, compression=zipfile.ZIP_STORED):
    """Return a detector whose labels.txt has these bytes."""
    model = tiny.make_detector(files=False)
    tail = io.BytesIO()
    with zipfile.ZipFile(tail, "w", compression) as archive:
        archive.writestr("labels.txt", text)
    return model + tail.getvalue()


def test_labels_that_inflate_are_not_unpacked(tmp_path):
    data = with_labels(b"a\n" * 5_000_000, zipfile.ZIP_DEFLATED)
    with pytest.raises(UserError, match="has 10 MB, and no list of classes is so long"):
        read_model_file(write(tmp_path, data))


def test_labels_that_inflate_beyond_what_they_declare(tmp_path):
    data = with_labels(b"a\n" * 5_000_000, zipfile.ZIP_DEFLATED)
    told = struct.pack("<I", 10_000_000)
    path = write(tmp_path, data.replace(told, struct.pack("<I", 9)))
    with pytest.raises(UserError, match="is damaged or ends early"):
        read_model_file(path)


def test_a_hundred_thousand_labels_are_not_all_shown(tmp_path):
    path = write(tmp_path, with_labels(b"abc\n" * 100_000))
    with pytest.raises(
        UserError, match="holds 100000 labels: abc, abc.*, ..."
    ) as error:
        read_model_file(path)
    assert len(str(error.value)) < 400


def test_shared_models(shared_data, tmp_path):
    folder = shared_data / "cases/deploy/model"
    with pytest.raises(UserError, match="no list of classes is so long"):
        read_model_file(folder / "zipbomb_labels.tflite")
    labels = read_model_file(folder / "labels_bom.tflite").labels
    assert labels and not labels[0].startswith("\ufeff")


@pytest.mark.parametrize(
    "transform, score, right",
    [
        (0, 0.5, 0.9 / (1 + np.exp(-(2 * 0.5 - 1)))),
        (1, 0.5, 0.9 / (1 + np.exp(-(2 * np.log(0.5) - 1)))),
        (2, 0.8, 0.9 / (1 + np.exp(-(2 * np.log(0.8 / 0.2) - 1)))),
        (2, 0.0, 0.9 / (1 + np.exp(-(2 * (np.log(1e-16) - 0) - 1)))),
        (0, 0.1, 0.25),  # below the least score
    ],
)
def test_scores_are_corrected_as_the_task_library_does(transform, score, right):
    text = "1,1,0\n.9,2,-1,.2\n\n" if score else "1,1,0\n.9,2,-1\n\n"
    calibration = parse_calibration(transform, 0.25, text, 3, "a")
    found = calibration.apply(np.float32([score, score]), np.array([1, 2]))
    assert found == pytest.approx([right, 0.25], abs=1e-6)


@pytest.mark.parametrize(
    "text, says",
    [
        ("1,1,0\n", "a has 1 lines for 2 classes"),
        ("1,1,0\n1,1\n", "a, line 2: '1,1' is no scale, slope"),
        ("1,1,0\n1,nan,0\n", "line 2"),
        ("-1,1,0\n1,1,0\n", "line 1"),
        ("leak\npuddle\n", "'leak' is no scale"),
    ],
)
def test_a_calibration_that_is_none_is_refused(text, says):
    with pytest.raises(UserError, match=says):
        parse_calibration(0, 0.0, text, 2, "a")


def test_the_metadata_s_calibration_is_applied(tmp_path):
    data = tiny.make_detector(calibration="1,2,-1\n.5,2,-1\n")
    found = runtime.load_model(write(tmp_path, data)).predict(BOTH)
    right = [1 / (1 + np.exp(-(1.8 - 1))), 0.5 / (1 + np.exp(-(1.6 - 1)))]
    assert found.scores == pytest.approx(right, abs=1e-5)
    data = tiny.make_classifier(calibration="1,2,-1\n\n1,2,-1\n")
    scores = runtime.load_model(write(tmp_path, data)).predict(painted()).scores
    each = 1 / (1 + np.exp(-(2 / 3 - 1)))
    assert scores == pytest.approx([each, 0, each], abs=1e-5)


def test_no_overflow_is_heard_of(recwarn):
    steep = ScoreCalibration(0, 0.0, np.array([[1, 1e9, -5e8, -np.inf]]))
    assert steep.apply([0, 1], [0, 0]).tolist() == [0, 1]
    assert not recwarn.list


@pytest.mark.parametrize(
    "shape, says",
    [
        ([1, 1, 1, 3], "leaves the size of its pictures open"),
        ([1, 8, 8, 1], r"takes \[1, 8, 8, 1\], and not one RGB picture"),
        ([1, 3, 8, 8], r"takes \[1, 3, 8, 8\], and not one RGB picture"),
        ([4, 8, 8, 3], r"takes \[4, 8, 8, 3\], and not one RGB picture"),
        ([1, 10], r"takes \[1, 10\], and not one RGB picture"),
    ],
)
def test_an_input_that_is_no_picture_is_refused(tmp_path, shape, says):
    data = reshaped(tiny.make_classifier(files=False), "inputs", shape)
    with pytest.raises(UserError, match=says):
        read_model_file(write(tmp_path, data, "red\ngreen\nblue\n"))


def reshaped(data, ends, shape):
    """Return a model whose first of "inputs" or "outputs" claims another shape."""
    model = tflite_model.unpack(data)
    graph = model.subgraphs[0]
    graph.tensors[getattr(graph, ends)[0]].shape = shape
    return tflite_model.pack(model)


def test_each_channel_may_have_a_scale_of_its_own(tmp_path):
    data = tiny.make_detector(scale=([127.5, 0, 127.5], [127.5, 255, 127.5]))
    model = runtime.load_model(write(tmp_path, data))
    assert model.file.mean == (127.5, 0, 127.5)
    prepared = model._prepare(np.full((8, 8, 3), 255, np.uint8))
    assert prepared[0, 0].tolist() == [1, 1, 1]
    assert model._prepare(np.zeros((8, 8, 3), np.uint8))[0, 0].tolist() == [-1, 0, -1]


@pytest.mark.parametrize("count", [1, 0])
def test_a_single_score_is_refused(tmp_path, count):
    data = reshaped(tiny.make_classifier(files=False), "outputs", [1, count])
    with pytest.raises(UserError, match="neither detector, classifier nor segmenter"):
        read_model_file(write(tmp_path, data, "red\n"))


def test_two_logits_are_compared_and_said_to_be_no_probabilities(tmp_path, capsys):
    model = runtime.load_model(write(tmp_path, tiny.make_classifier()))
    assert model._classification(np.float32([0.1, 0.4])).best == 1
    assert capsys.readouterr().err == ""
    assert model._classification(np.float32([-3, -2])).best == 1
    assert "its scores are no probabilities: -3.0 to -2.0" in capsys.readouterr().err


def test_detect_reads_a_model_of_others(tmp_path, monkeypatch, capsys):
    path = write(tmp_path, bare(TF2, TF2_ORDER), "???\nleak\npuddle\n")
    (tmp_path / "a.png").write_bytes(encode(BOTH))
    status, out, err = run_command(
        monkeypatch, capsys, "detect", path, tmp_path / "a.png", "-o", tmp_path / "out"
    )
    assert (status, out.splitlines()[0]) == (0, "1 picture: 1 leak, 1 puddle"), err
    assert "its labels are those of labelmap.txt" in err


def test_a_class_without_a_name_is_left_out_and_said(tmp_path, capsys, monkeypatch):
    model = runtime.load_model(write(tmp_path, tiny.make_detector()))
    monkeypatch.setattr(
        model, "labels", ("leak",)
    )  # as where the graph tells no number
    assert model.predict(BOTH).class_ids.tolist() == [1]
    assert "finds classes past its 1 labels" in capsys.readouterr().err
