"""A stopped training goes on as if there had been no stop, also with a damaged end."""

import shutil
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import tensorflow as tf

from helpers.tiny_detector import (
    STEPS,
    make_records,
    random_record,
    tiny_config,
    train_once,
)
from inspection.common.errors import UserError
from inspection.common.locks import lock_run
from inspection.detection.training import training_loop
from inspection.detection.training.input_pipeline import training_batches
from inspection.detection.training.optimizer import make_optimizer


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """Return the config of 7 pictures, which no batch of 4 divides."""
    records = [random_record(i) for i in range(7)]
    folder = make_records(tmp_path_factory.mktemp("stopped"), records)
    return tiny_config(folder, num_steps=7)


def plain(batch):
    images, truth = batch
    return [images.numpy(), *(truth[name].numpy() for name in sorted(truth))]


@pytest.mark.parametrize("first", [1, 2, 5])
def test_batches_from_a_step_on_are_those_of_a_whole_training(config, first):
    whole = training_batches(config, 3).skip(first).take(3)
    rest = training_batches(config, 3, first).take(3)
    for one, other in zip(whole, rest, strict=True):
        for before, after in zip(plain(one), plain(other), strict=True):
            np.testing.assert_array_equal(before, after)


def arrays_of(trainer):
    """Return the arrays of the network and of the optimizer."""
    variables = [*trainer.network.variables, *trainer.optimizer.variables]
    return [np.array(variable) for variable in variables]


def test_stopped_it_ends_bit_equal(config, tmp_path, monkeypatch):
    names = iter(["SGD", "sgd", "sgd_1"])  # as newer Keras numbers them in a process

    def make(train):
        optimizer = make_optimizer(train)
        return type(optimizer).from_config(
            {**optimizer.get_config(), "name": next(names)}
        )

    monkeypatch.setattr(training_loop, "make_optimizer", make)
    with mock.patch.object(training_loop, "LOG_EVERY", 4):
        whole = training_loop.train(config, tmp_path / "whole")
        for end in (5, 7):
            stopped = training_loop.train(config, tmp_path / "stopped", end)
    assert list(names) == []
    pairs = list(zip(arrays_of(whole), arrays_of(stopped), strict=True))
    assert all((wanted == found).all() for wanted, found in pairs)
    assert len(pairs) > 380


@pytest.fixture
def copied(tmp_path_factory, tmp_path):
    """Return the config of a short training and a copy of its folder."""
    config, model_dir = train_once(tmp_path_factory)
    return config, shutil.copytree(model_dir, tmp_path / "training")


def test_a_damaged_checkpoint_costs_steps_and_not_the_training(copied, capsys):
    config, model_dir = copied
    data = model_dir / "ckpt-3.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:1000])
    table = model_dir / "history.csv"
    table.write_bytes(table.read_bytes() + b"50,0.1")  # cut off by the kill
    training_loop.train(config, model_dir, STEPS // 2 + 2)
    out = capsys.readouterr().out
    assert "ckpt-3 is damaged (" in out
    assert f"): going on from {model_dir / 'ckpt-2'}, step {STEPS // 2}" in out
    lines = table.read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["step", "10", "20", "22"]
    latest = tf.train.latest_checkpoint(str(model_dir))
    assert latest == str(model_dir / "ckpt-3")  # written anew


def test_what_is_not_trained_yet_may_still_change(config, tmp_path, monkeypatch):
    def stop(*arguments, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training_loop.DetectorModel, "fit", stop)
        with pytest.raises(KeyboardInterrupt):
            training_loop.train(config, tmp_path)
    assert [path.name for path in tmp_path.glob("*.index")] == ["ckpt-1.index"]
    folder = Path(config.train_input.input_path[0]).parent
    other = tiny_config(folder, num_steps=1, train_config__batch_size=2)
    training_loop.train(other, tmp_path)
    state = tf.train.get_checkpoint_state(str(tmp_path))
    named = [Path(path).name for path in state.all_model_checkpoint_paths]
    assert named == ["ckpt-1", "ckpt-2"]


def test_a_folder_that_is_trained_in_is_refused(config, tmp_path):
    with lock_run(tmp_path), pytest.raises(UserError, match="is being trained in"):
        training_loop.train(config, tmp_path)


def test_memory_names_a_batch_size(config, tmp_path, monkeypatch):
    def run_out(*arguments, **more):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM")

    monkeypatch.setattr(training_loop.DetectorModel, "fit", run_out)
    with pytest.raises(UserError, match="batch_size of pipeline.config 4: take 2"):
        training_loop.train(config, tmp_path)


@pytest.mark.soak
def test_dropout_goes_on_with_the_same_numbers(config, tmp_path):
    folder = Path(config.train_input.input_path[0]).parent
    head = "model__ssd__box_predictor__weight_shared_convolutional_box_predictor"
    dropped = tiny_config(folder, num_steps=3, **{f"{head}__use_dropout": True})
    whole = training_loop.train(dropped, tmp_path / "whole")
    for end in (1, 3):
        stopped = training_loop.train(dropped, tmp_path / "stopped", end)
    ended = [[np.array(v) for v in t.network.variables] for t in (whole, stopped)]
    assert all((one == other).all() for one, other in zip(*ended, strict=True))
