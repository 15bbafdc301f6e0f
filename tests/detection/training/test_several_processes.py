"""Processes that share every batch train what one process trains, also after a kill."""

import numpy as np
import pytest

from helpers.on_jax import jax_python
from helpers.tiny_detector import steady_once
from helpers.waiting import wait_until

pytestmark = [
    pytest.mark.skipif(
        bool(jax_python.missing()), reason=f"needs {jax_python.missing()}"
    ),
    pytest.mark.soak,  # several compilations on all cores
]
STEPS, EVERY, TOLERANCE = 20, 5, 1e-5


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return steady_once(tmp_path_factory)


@pytest.fixture(scope="module")
def alone(config):
    """Return the folder of the training by one process."""
    jax_python.train(config, config.parent / "alone", STEPS, EVERY)
    return config.parent / "alone"


def to_the_end(config, folder, count=2):
    with jax_python.processes(count, config, folder, STEPS, EVERY, 1) as begun:
        ends = [process.communicate(timeout=jax_python.LONG)[0] for process in begun]
    assert [process.returncode for process in begun] == [0] * count, ends


def assert_same(folder, alone):
    curves = jax_python.curve(folder), jax_python.curve(alone)
    np.testing.assert_allclose(*curves, rtol=0, atol=TOLERANCE)
    jax_python.assert_same_weights(folder, alone, TOLERANCE)


def test_two_are_one(config, alone, tmp_path):
    to_the_end(config, tmp_path / "two")
    assert_same(tmp_path / "two", alone)


def test_a_killed_one_and_all_go_on(config, alone, tmp_path):
    folder = tmp_path / "killed"
    with jax_python.processes(2, config, folder, STEPS, EVERY, 1) as begun:
        wait_until((folder / "ckpt-2.index").exists)
        begun[1].kill()
        said, _ = begun[0].communicate(timeout=jax_python.LONG)
    assert begun[0].returncode != 0, said
    assert not (folder / "ckpt-5.index").exists()
    to_the_end(config, folder)
    assert_same(folder, alone)


def test_devices_of_one_process_are_one(config, alone, tmp_path):
    two = "--xla_force_host_platform_device_count=2"
    jax_python.train(config, tmp_path / "two", STEPS, EVERY, 1, XLA_FLAGS=two)
    assert_same(tmp_path / "two", alone)
