"""Labels, scale and names inside the file, read back by the runtime of the course."""

import io
import zipfile

import numpy as np
import pytest

from helpers.tiny_models import make_detector
from helpers.tiny_networks import CLASSES, classifier
from inspection.common.errors import UserError
from inspection.deploy.model_file import read_model_file
from inspection.tflite import model as tflite_model
from inspection.tflite.convert import convert_keras
from inspection.tflite.metadata import add_metadata


@pytest.fixture(scope="module")
def plain():
    return convert_keras(classifier(), "float32")


def described(data, path):
    path.write_bytes(data)
    return read_model_file(path)


def test_a_classifier_says_what_it_is(plain, tmp_path):
    data = add_metadata(plain, "classifier", CLASSES, "colours", "says the colour")
    file = described(data, tmp_path / "colours ü.tflite")
    assert (file.kind, file.name, file.labels) == (
        "classifier",
        "colours",
        tuple(CLASSES),
    )
    assert (file.mean, file.std) == (127.5, 127.5)


def test_mean_and_std_are_kept(plain, tmp_path):
    data = add_metadata(plain, "classifier", CLASSES, "a", "b", mean=0.0, std=1.0)
    file = described(data, tmp_path / "a.tflite")
    assert (file.mean, file.std) == (0.0, 1.0)


def test_a_detector_names_its_outputs(tmp_path):
    data = make_detector(metadata=False)
    data = add_metadata(data, "detector", ["leak", "Pfütze"], "leaks", "finds leaks")
    file = described(data, tmp_path / "leaks.tflite")
    assert file.outputs == ("location", "category", "score", "number of detections")
    assert file.labels == ("leak", "Pfütze")
    # left, top, right, bottom of ymin, xmin, ymax, xmax: else x and y are swapped
    assert file.box_order == (1, 0, 3, 2)


def test_the_graph_is_left_as_it_was(plain):
    data = add_metadata(plain, "classifier", CLASSES, "a", "b")
    before, after = tflite_model.unpack(plain), tflite_model.unpack(data)
    assert tflite_model.operator_names(before) == tflite_model.operator_names(after)
    for old, new in zip(before.buffers, after.buffers):
        np.testing.assert_array_equal(old.data, new.data)


def test_labels_can_be_unzipped_from_the_file(plain):
    data = add_metadata(plain, "classifier", CLASSES, "a", "b")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        (entry,) = archive.infolist()
        assert (entry.filename, entry.compress_type) == ("labels.txt", 0)
        assert archive.read(entry).decode() == "red\ngreen\nblue\n"


def test_the_same_model_gives_the_same_bytes(plain):
    twice = [add_metadata(plain, "classifier", CLASSES, "a", "b") for _ in range(2)]
    assert twice[0] == twice[1]


@pytest.mark.parametrize(
    "kind, labels, message",
    [
        ("classifier", ["red"], "3 classes apart, but there are 1 labels"),
        ("classifier", ["red", "red", "blue"], "must be different"),
        ("classifier", ["red", " ", "blue"], "not empty"),
        ("classifier", [], "not empty"),
        ("segmenter", CLASSES, "does not have outputs of shapes"),
        ("detector", CLASSES, "does not have outputs of shapes"),
        ("posenet", CLASSES, "no kind of model.*detector, classifier, segmenter"),
    ],
)
def test_what_does_not_fit_is_refused(plain, kind, labels, message):
    with pytest.raises(UserError, match=message):
        add_metadata(plain, kind, labels, "a", "b")


def test_a_detector_has_a_label_for_each_class_of_its_nms():
    with pytest.raises(UserError, match="2 classes apart, but there are 3 labels"):
        add_metadata(make_detector(metadata=False), "detector", CLASSES, "a", "b")
