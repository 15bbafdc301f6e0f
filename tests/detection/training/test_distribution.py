"""One flag for several devices and hosts: who shares what, and what is refused."""

import numpy as np
import pytest

from helpers.tiny_detector import make_records, tiny_config
from inspection.common.errors import UserError
from inspection.detection.model import checkpoint
from inspection.detection.training import distribution, training_loop
from inspection.detection.training.distribution import ALONE, Spread
from inspection.detection.training.input_pipeline import training_batches


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_records(tmp_path_factory.mktemp("spread"))


def test_processes_share_every_batch_in_order(folder):
    config = tiny_config(folder)
    whole = training_batches(config, seed=3, first_step=1).take(3)
    shares = [
        training_batches(config, 3, 1, Spread(index, 2)).take(3) for index in (0, 1)
    ]
    for (images, truth), *parts in zip(whole, *shares, strict=True):
        np.testing.assert_array_equal(images, np.concatenate([x for x, _ in parts]))
        names = np.concatenate([y["name"] for _, y in parts])
        np.testing.assert_array_equal(truth["name"], names)


NAMED = {"JAX_COORDINATOR_ADDRESS": "a:1", "JAX_NUM_PROCESSES": "2"}


@pytest.mark.parametrize(
    "distribute, message",
    [(True, "TensorFlow trains on one host here.*jax"), (False, "add --distribute")],
)
def test_several_hosts_are_refused(folder, tmp_path, monkeypatch, distribute, message):
    for name, value in {**NAMED, "JAX_PROCESS_ID": "0"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=message):
        training_loop.train(
            tiny_config(folder), tmp_path / "new", distribute=distribute
        )
    assert not (tmp_path / "new").exists()


def _with_devices(monkeypatch, count):
    devices = [type("Device", (), {"name": f"CPU:{i}"}) for i in range(count)]
    monkeypatch.setattr(
        distribution.tf.config,
        "list_logical_devices",
        lambda kind: devices if kind == "CPU" else [],
    )


def test_one_device_is_not_spread_over(monkeypatch, capsys):
    _with_devices(monkeypatch, 1)
    assert distribution.over_devices(4) is ALONE
    assert "--distribute changes nothing" in capsys.readouterr().out


def test_devices_of_tensorflow_share_a_batch_evenly(monkeypatch):
    _with_devices(monkeypatch, 3)
    with pytest.raises(UserError, match="batch_size 4 .* take a multiple of 3"):
        distribution.over_devices(4)


def test_a_batch_that_devices_cannot_share_is_refused():
    with pytest.raises(UserError, match="batch_size 4 .* take a multiple of 3"):
        distribution.refuse_uneven(4, 3)


def test_a_process_that_does_not_see_the_first_ones_checkpoint_is_refused(tmp_path):
    class Second(Spread):
        def of_first(self, number):
            return 3

    with pytest.raises(checkpoint.CheckpointError, match="ckpt-3 is not here"):
        distribution.begin_together(tmp_path, Second(1, 2))
    assert distribution.begin_together(tmp_path, ALONE) == (None, [])


def test_a_process_that_is_gone_is_said():
    error = RuntimeError("UNAVAILABLE: Gloo all-reduce failed: Connection closed")
    with pytest.raises(UserError, match="another of the 2 processes has ended"):
        with distribution.explained_departure(Spread(0, 2)):
            raise error
    with pytest.raises(RuntimeError), distribution.explained_departure(ALONE):
        raise error
