"""Every family of the zoo learns, goes on after a stop, and changes what it should."""

import numpy as np
import pandas as pd
import pytest

from helpers.tiny_detector import FAMILIES, family_config, make_records
from inspection.detection.model import checkpoint
from inspection.detection.model.detector import load_detector
from inspection.detection.training import training_loop


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_records(tmp_path_factory.mktemp("families"))


def check_trained(config, folder, trainer):
    """Assert that a training left finite losses, moved statistics and a detector."""
    losses = pd.read_csv(folder / "history.csv")
    assert np.isfinite(losses.to_numpy(float)).all()
    moved = [
        variable
        for key, variable in checkpoint.variables_by_key(trainer.network).items()
        if key.endswith("moving_mean") and np.any(variable.numpy())
    ]
    stored = [layer for layer in trainer.network.layers if "moving_mean" in dir(layer)]
    assert len(moved) == len(stored)
    detector = load_detector(config, folder)
    found = detector.detect(np.full((90, 60, 3), 128, np.uint8))
    assert found.boxes.shape[1] == 4 and (found.boxes <= 1).all()
    np.testing.assert_allclose(
        detector.network.get_weights()[0], trainer.network.get_weights()[0]
    )


def test_the_one_without_a_pyramid_trains_and_detects(folder, tmp_path):
    config = family_config(folder, "ssd_mobilenet_v2_320x320", 4)
    check_trained(config, tmp_path, training_loop.train(config, tmp_path))


@pytest.mark.soak
@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_trains_stops_and_goes_on(folder, tmp_path, name):
    config = family_config(folder, name, 8)
    training_loop.train(config, tmp_path, checkpoint_every=4)
    trainer = training_loop.train(config, tmp_path, num_steps=12, checkpoint_every=4)
    check_trained(config, tmp_path, trainer)
