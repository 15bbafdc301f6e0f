"""Losses and mAP on other pictures, written while a training goes on."""

import pandas as pd
import pytest

from helpers.tiny_detector import make_records, tiny_config
from inspection.detection.evaluation import evaluator
from inspection.detection.evaluation.validation_log import ValidationLog
from inspection.detection.model.detector import Detector
from inspection.detection.training import training_loop

STEPS = 6


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = make_records(tmp_path_factory.mktemp("log") / "ü")
    config = tiny_config(folder, num_steps=STEPS)
    model_dir = folder / "training"
    log = ValidationLog(config, model_dir, every=4)
    trainer = training_loop.train(config, model_dir, log_every=2, callbacks=[log])
    return config, model_dir, trainer


def test_measured_before_on_the_way_and_at_the_end(trained):
    _, model_dir, _ = trained
    table = pd.read_csv(model_dir / "validation.csv")
    assert table["step"].tolist() == [0, 4, 6]
    assert (table["loss"] > 0).all()
    assert table["mAP@.50"].between(0, 1).all()


def test_the_last_row_is_what_an_evaluation_finds(trained):
    config, model_dir, trainer = trained
    last = pd.read_csv(model_dir / "validation.csv").iloc[-1]
    detector = Detector(trainer.network, config.model)
    metrics = evaluator.evaluate(detector, config).coco.metrics
    wanted = metrics["DetectionBoxes_Precision/mAP@.50IOU"]
    assert last["mAP@.50"] == pytest.approx(wanted)


def test_curves_have_a_point_every_so_many_steps(trained):
    _, model_dir, _ = trained
    assert pd.read_csv(model_dir / "history.csv")["step"].tolist() == [2, 4, 6]


@pytest.mark.soak
def test_a_training_that_goes_on_goes_on_here_too(trained):
    config, model_dir, _ = trained
    log = ValidationLog(config, model_dir, every=4)
    training_loop.train(config, model_dir, 8, log_every=2, callbacks=[log])
    steps = pd.read_csv(model_dir / "validation.csv")["step"].tolist()
    assert steps == [0, 4, 6, 8]
