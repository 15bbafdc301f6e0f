"""Checkpoints of a training: keys without the optimizer's name, older ones are read."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers.tiny_detector import make_records, tiny_config
from inspection.common.errors import UserError
from inspection.detection.model import checkpoint
from inspection.detection.model.network import build_network
from inspection.detection.training.callbacks import CheckpointWriter
from inspection.detection.training.optimizer import make_optimizer
from inspection.keras_shared import precision

ITERATION = f"optimizer/iteration{checkpoint.SUFFIX}"


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return tiny_config(make_records(tmp_path_factory.mktemp("state")), num_steps=2)


@pytest.fixture(scope="module")
def network(config):
    return build_network(config.model)


def named(optimizer, name):
    """Return an optimizer under another name, as newer Keras numbers them."""
    return type(optimizer).from_config({**optimizer.get_config(), "name": name})


@pytest.fixture
def trainer(config, network):
    """Return a function that makes what a `CheckpointWriter` looks at."""

    def make(name="SGD", scaled=False, optimizer=None, step=0):
        optimizer = optimizer or named(make_optimizer(config.train), name)
        optimizer = precision.LossScaling(optimizer) if scaled else optimizer
        optimizer.build(network.trainable_variables)
        fill(optimizer, step)
        return SimpleNamespace(network=network, optimizer=optimizer)

    return make


def fill(optimizer, step):
    """Give the state of an optimizer values that belong to a step."""
    state, _ = precision.optimizer_state(optimizer)
    for number, variable in enumerate(state.values()):
        variable.assign(np.full(variable.shape, step + number, variable.dtype))
    optimizer.iterations.assign(step)


def state_of(trainer):
    state, _ = precision.optimizer_state(trainer.optimizer)
    return {key: np.array(variable) for key, variable in state.items()}


def check_read(trainer, wanted):
    """Assert that a trainer has the state of another."""
    found, wanted = state_of(trainer), state_of(wanted)
    assert found.keys() == wanted.keys() and len(found) > 100
    for key in wanted:
        np.testing.assert_array_equal(found[key], wanted[key])


def keys_of(folder):
    return sorted(tf.train.load_checkpoint(str(folder)).get_variable_to_shape_map())


def test_keys_do_not_hold_the_optimizers_name(trainer, tmp_path):
    CheckpointWriter(trainer("sgd_7", scaled=True, step=3), tmp_path, 1).save()
    keys = keys_of(tmp_path)
    assert (
        ITERATION in keys and f"loss_scaling/dynamic_scale{checkpoint.SUFFIX}" in keys
    )
    assert [key for key in keys if "sgd" in key.lower()] == []


def test_another_name_reads_it(trainer, tmp_path):
    saved = trainer("SGD", step=3)
    CheckpointWriter(saved, tmp_path, 1).save()
    again = trainer("sgd_1")
    writer = CheckpointWriter(again, tmp_path, 1)
    assert writer.resume() == 3
    check_read(again, saved)
    again.optimizer.iterations.assign(4)
    writer.save()
    assert tf.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "ckpt-2")


@pytest.mark.parametrize("name", ["SGD", "sgd_1", "a.b"])
def test_a_checkpoint_of_version_1_is_read(trainer, network, tmp_path, name):
    old = trainer(name, step=5)
    tree = checkpoint.checkpoint_tree(checkpoint.variables_by_key(network))
    state = {variable.path: variable.value for variable in old.optimizer.variables}
    written = tf.train.Checkpoint(**tree, optimizer=state)
    manager = tf.train.CheckpointManager(written, str(tmp_path), 7)
    for _ in range(3):
        manager.save()
    assert ITERATION not in keys_of(tmp_path)
    now = trainer("SGD")
    writer = CheckpointWriter(now, tmp_path, 1)
    assert writer.resume() == 5
    check_read(now, old)
    now.optimizer.iterations.assign(6)
    writer.save()
    # the numbers go on, and the keys are the new ones
    assert tf.train.latest_checkpoint(str(tmp_path)) == str(tmp_path / "ckpt-4")
    assert ITERATION in keys_of(tmp_path)


def test_another_optimizer_is_refused(trainer, tmp_path):
    CheckpointWriter(trainer(step=3), tmp_path, 1).save()
    other = trainer(optimizer=keras.optimizers.Adam(0.1))
    with pytest.raises(UserError, match="optimizer differ"):
        CheckpointWriter(other, tmp_path, 1).resume()


@pytest.mark.parametrize("begun, now", [(False, True), (True, False), (True, True)])
def test_a_training_goes_on_in_other_precision(trainer, tmp_path, begun, now):
    saved = trainer(scaled=begun, step=3)
    if begun:
        saved.optimizer.dynamic_scale.assign(64.0)
    CheckpointWriter(saved, tmp_path, 1).save()
    again = trainer(scaled=now)
    assert CheckpointWriter(again, tmp_path, 1).resume() == 3
    check_read(again, saved)
    if now:
        assert float(again.optimizer.dynamic_scale) == (64 if begun else 2**15)
