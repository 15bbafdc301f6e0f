import json
import warnings

import numpy as np
import pytest
import tensorflow as tf

from helpers.commands import run_command
from helpers.tiny_detector import (
    NAMES,
    STEPS,
    image_record,
    make_records,
    painted_boxes,
    random_record,
    tiny_config,
    train_once,
)
from inspection.common.detections import NO_DETECTIONS, Detections, GroundTruth
from inspection.common.errors import UserError
from inspection.detection.evaluation import watch
from inspection.detection.evaluation.coco_metrics import METRICS
from inspection.detection.evaluation.evaluator import Evaluation, evaluate, run
from inspection.detection.evaluation.side_by_side import TAG, draw_pairs
from inspection.detection.model.detector import load_detector

BOXES = {
    "one.png": [(0.1, 0.1, 0.5, 0.4)],
    "two ü.png": [(0.0, 0.5, 0.4, 0.9), (0.5, 0.1, 0.9, 0.6)],
    "none.png": [],
}
CLASSES = {"one.png": [2], "two ü.png": [1, 2], "none.png": []}
SIZE = (64, 96)


class Oracle:
    """A detector that knows the truth, and adds `shift` to its classes."""

    def __init__(self, shift=0):
        self.names, self.shift = iter(BOXES), shift

    def detect_prepared(self, images, windows):
        return [self.detect(next(self.names)) for _ in images]

    def detect(self, name):
        class_ids = np.array(CLASSES[name], int) + self.shift
        scores = np.ones(len(class_ids))
        return Detections(boxes=BOXES[name], scores=scores, class_ids=class_ids)


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    records = [image_record(n, BOXES[n], CLASSES[n], size=SIZE) for n in BOXES]
    folder = make_records(tmp_path_factory.mktemp("evaluation"), records)
    return tiny_config(folder, eval_config__batch_size=2)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return train_once(tmp_path_factory)


def test_truth_is_what_the_records_hold(config):
    ground_truths, detections = run(Oracle(), config)
    assert list(ground_truths) == list(detections) == list(BOXES)
    for name, ground_truth in ground_truths.items():
        np.testing.assert_allclose(
            ground_truth.boxes, np.reshape(BOXES[name], (-1, 4)), atol=1e-6
        )
        assert ground_truth.class_ids.tolist() == CLASSES[name]
        assert (ground_truth.height, ground_truth.width) == SIZE


def test_a_perfect_detector_has_a_map_of_one(config):
    result = evaluate(Oracle(), config)
    assert result.label_map == {"leak": 1, "puddle": 2}
    assert result.coco.metrics["DetectionBoxes_Precision/mAP"] == pytest.approx(1)
    assert result.coco.warnings == ()


def test_a_class_id_off_by_one_is_warned_of(config):
    with pytest.warns(UserWarning, match="off by one"):
        result = evaluate(Oracle(shift=1), config)
    assert result.coco.metrics["DetectionBoxes_Precision/mAP"] < 0.6


def test_a_detector_that_finds_nothing_is_warned_of(config):
    blind = Oracle()
    blind.detect = lambda name: NO_DETECTIONS
    with pytest.warns(UserWarning, match="nothing was detected in 3 pictures"):
        result = evaluate(blind, config)
    assert result.coco.metrics["DetectionBoxes_Precision/mAP"] == 0


def test_records_without_any_object_cannot_be_measured(tmp_path):
    empty = tiny_config(make_records(tmp_path, [image_record("empty.png")]))
    with pytest.raises(UserError, match="no object in the ground truth of 1 picture"):
        run_oracle = Oracle()
        run_oracle.names = iter(["none.png"])
        evaluate(run_oracle, empty)


@pytest.fixture(scope="module")
def detector(trained):
    return load_detector(*trained)


@pytest.mark.parametrize("size", [(64, 64), (100, 75)])
def test_detections_of_a_picture(detector, size):
    image = painted_boxes([(0.2, 0.2, 0.7, 0.7)], [1], size)
    predicted = detector.detect(image)
    assert 0 < len(predicted.boxes) <= 100
    assert set(predicted.class_ids) <= {1, 2}
    assert (np.diff(predicted.scores) <= 0).all()
    assert predicted.boxes.min() >= 0 and predicted.boxes.max() <= 1
    assert (predicted.boxes[:, 2:] > predicted.boxes[:, :2]).all()


def evaluation_arguments(config, folder, checkpoint_dir):
    path = folder / "pipeline.config"
    config.write(path)
    return [
        f"--pipeline_config_path={path}",
        f"--model_dir={folder / 'model'}",
        f"--checkpoint_dir={checkpoint_dir}",
        "--eval_timeout=0",
    ]


def test_the_command_writes_and_prints_the_metrics(
    trained, tmp_path, monkeypatch, capsys
):
    config, model_dir = trained
    arguments = evaluation_arguments(config, tmp_path, model_dir)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # so short a training may find nothing
        arguments.append("--sample_1_of_n_eval_examples=2")
        status, out, err = run_command(
            monkeypatch, capsys, "model_main_tf2", *arguments
        )
    assert (status, err) == (0, "")
    assert f"step {STEPS}, 4 pictures" in out
    assert "-1: no objects above 96x96 pixels" in out
    assert all(name.removeprefix("DetectionBoxes_") in out for name in METRICS)
    written = json.loads((tmp_path / "model/eval/metrics.json").read_text())
    assert (written["step"], written["pictures"]) == (STEPS, 4)
    assert len(set(METRICS) & set(written)) == 12
    assert written["DetectionBoxes_Precision/mAP (large)"] == -1
    assert set(written["per_class"]) == set(NAMES)
    (events,) = (tmp_path / "model" / "eval").glob("events.out.tfevents.*")
    tags = {
        value.tag
        for event in tf.compat.v1.train.summary_iterator(str(events))
        for value in event.summary.value
    }
    assert tags == set(METRICS) | {f"{TAG}/{number}" for number in range(4)}


def test_pictures_show_what_was_found_beside_what_is_there(tmp_path):
    """Red is class 1, blue class 2, of the boxes as painted; nothing is found."""
    config = tiny_config(make_records(tmp_path), eval_config__num_visualizations=3)
    config.set("eval_input_reader.sample_1_of_n_examples", 2)
    config.set("eval_config.max_num_boxes_to_visualize", 1)
    truths, found = {}, {}
    for number in (0, 2, 4, 6):
        record = random_record(number)
        boxes, ids = record.box_array(), np.array(record.class_ids)
        name = record.filename
        truths[name] = GroundTruth(boxes=boxes, class_ids=ids, width=64, height=64)
        scores = np.full(len(boxes), 0.9 if number == 2 else 0.4)
        found[name] = Detections(boxes=boxes, class_ids=ids, scores=scores)
    evaluation = Evaluation(truths, found, {"leak": 1, "puddle": 2}, None)
    pairs = list(draw_pairs(evaluation, config))
    assert [pair.shape for pair in pairs] == [(64, 128, 3)] * 3
    for number, pair in zip((0, 2, 4), pairs):
        left, right = np.split(pair, 2, axis=1)
        plain = random_record(number).image()
        assert np.any(right != plain)
        assert np.any(left != plain) == (number == 2)


def test_without_a_checkpoint_the_command_says_so(
    config, tmp_path, monkeypatch, capsys
):
    arguments = evaluation_arguments(config, tmp_path, tmp_path / "nothing here")
    status, out, err = run_command(monkeypatch, capsys, "model_main_tf2", *arguments)
    assert status == 2
    assert err.startswith("error: ") and "nothing here: no checkpoint" in err
    assert not (tmp_path / "model").exists()


def test_the_step_of_a_checkpoint(trained, tmp_path):
    assert watch.step_of(str(trained[1] / "ckpt-2")) == STEPS // 2
    prefix = tf.train.Checkpoint(model=tf.Variable(1.0)).write(str(tmp_path / "ckpt-0"))
    assert watch.step_of(prefix) == 0


def test_two_pictures_of_one_name_are_both_measured(tmp_path):
    records = [image_record("scene.png", BOXES["one.png"], [2], size=SIZE)] * 2
    config = tiny_config(make_records(tmp_path / "set", records))
    detector = Oracle()
    detector.names = iter(["one.png"] * 4)
    ground_truths, detections = run(detector, config)
    assert list(ground_truths) == list(detections) == ["scene.png", "scene.png (2)"]
