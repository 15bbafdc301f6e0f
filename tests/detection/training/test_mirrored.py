"""TensorFlow on several devices of a host: each has a part of the batch."""

import keras
import numpy as np
import pandas as pd
import pytest

from helpers import ROOT
from helpers.commands import run_python
from helpers.tiny_detector import make_records, tiny_config
from inspection.detection.model import checkpoint
from inspection.detection.training.input_pipeline import training_batches
from inspection.detection.training.training_loop import build_trainer

pytestmark = pytest.mark.soak  # three programs, each compiles for two devices
STEPS = 4
LOSS = "Loss/total_loss"
PROGRAM = """
import sys
import tensorflow as tf

one = tf.config.LogicalDeviceConfiguration()
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [one] * 2)

from inspection.detection.config import pipeline_config
from inspection.detection.training import training_loop

config, folder, steps = sys.argv[1:]
training_loop.train(
    pipeline_config.read(config), folder, int(steps), 2, log_every=1, distribute=True
)
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = make_records(tmp_path_factory.mktemp("mirrored ü"))
    config = tiny_config(
        folder,
        STEPS,
        model__ssd__freeze_batchnorm=True,  # or each part has its own
    )
    config.write(folder / "pipeline.config")
    return config, folder


def train(folder, name, steps):
    """Train on two devices; return the losses by step."""
    words = folder / "pipeline.config", folder / name, steps
    done = run_python("-c", PROGRAM, *words, PYTHONPATH=str(ROOT / "scripts"))
    assert done.returncode == 0, done.stderr[-2000:]
    if steps < STEPS:
        assert "2 devices, each with 2 pictures of a batch" in done.stdout
    return pd.read_csv(folder / name / "history.csv", index_col="step")[LOSS]


def loss_of(trainer, images, truth):
    """Return the loss of a part of a batch, on one device."""
    found = trainer(images, training=True)
    return float(trainer.compute_loss(images, truth, found))


def test_a_loss_is_the_mean_of_the_parts_and_a_stop_changes_nothing(config):
    config, folder = config
    stopped = train(folder, "stopped", STEPS // 2)
    whole = train(folder, "whole", STEPS)
    assert list(stopped.index) == [1, 2] and list(whole.index) == [1, 2, 3, 4]
    again = train(folder, "stopped", STEPS)
    np.testing.assert_allclose(again, whole, rtol=1e-5)
    keras.utils.set_random_seed(0)  # as a training does, before its first batch
    trainer = build_trainer(config)
    checkpoint.restore(trainer.network, folder / "whole/ckpt-1", "full")
    ((images, truth),) = training_batches(config).take(1)
    parts = [slice(0, 2), slice(2, 4)]
    losses = [
        loss_of(trainer, images[part], {k: v[part] for k, v in truth.items()})
        for part in parts
    ]
    assert abs(losses[0] - losses[1]) > 0.01
    assert whole[1] == pytest.approx(np.mean(losses), rel=1e-5)
