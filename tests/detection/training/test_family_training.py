"""Every family of the zoo learns, goes on after a stop, and changes what it should."""

import numpy as np
import pandas as pd
import pytest

from helpers.tiny_detector import NAMES, make_records
from inspection.detection.config import base_configs, pipeline_config
from inspection.detection.model import checkpoint
from inspection.detection.model.detector import load_detector
from inspection.detection.training import training_loop

FAMILIES = {  # to the side of the pictures
    "ssd_mobilenet_v2_320x320": 96,
    "ssd_mobilenet_v1_fpn_640x640": 64,
    "ssd_resnet50_v1_fpn_640x640": 64,
    "efficientdet_d0": 128,
}
RESIZER = "model.ssd.image_resizer"


def family_config(folder, name, steps, **fields):
    """Return the config of a family for small pictures, of the records in a folder."""
    config = base_configs.read(name)
    side = FAMILIES[name]
    fixed, kept = (
        f"{RESIZER}.fixed_shape_resizer",
        f"{RESIZER}.keep_aspect_ratio_resizer",
    )
    padded = config.model.pad_to_square
    sides = ("min_dimension", "max_dimension") if padded else ("height", "width")
    for part in sides:
        config.set(f"{kept if padded else fixed}.{part}", side)
    records = folder / "pictures.record"
    pipeline_config.edit(
        config,
        num_classes=len(NAMES),
        batch_size=4,
        num_steps=steps,
        train_records=records,
        eval_records=records,
        label_map=folder / "label_map.pbtxt",
    )
    for path, value in fields.items():
        config.set(path.replace("__", "."), value)
    return config


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
