"""The three trainings as programs, killed at random and begun again, to the end."""

import random
import shutil
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import ROOT
from helpers.tiny_detector import make_records, tiny_config
from inspection.keras_shared import fused_batch_norm  # noqa: F401 - for loading

pytestmark = pytest.mark.soak
KILLS = 4
STEPS = 60


def detector(folder, run):
    config = folder / "pipeline.config"
    if not config.exists():
        tiny_config(make_records(folder), STEPS).write(config)
    places = ("--pipeline_config_path", config, "--model_dir", run)
    return ("model_main_tf2.py", *places, "--checkpoint_every_n", 7)


def segmenter(folder, run):
    rust = ROOT / "data/rust"
    places = ("--images", rust / "images", "--masks", rust / "masks", "-o", run)
    network = ("--size", 64, "--width", 4, "--depth", 3, "--epochs", 4)
    return ("train_segmenter.py", *places, "--splits", rust / "splits", *network)


def cifar(folder, run):
    network = ("--network", "resnet9_small", "--epochs", 4, "--per_class", 40)
    return ("train_cifar10.py", *network, "-o", run)


def arrays_of(run):
    """Return {name: array} of what a training has left."""
    latest = tf.train.latest_checkpoint(str(run))
    if latest:
        reader = tf.train.load_checkpoint(latest)
        shapes = reader.get_variable_to_shape_map()
        names = [n for n in shapes if "save_counter" not in n and not n.startswith("_")]
        return {name: reader.get_tensor(name) for name in names}
    (path,) = run.glob("*.keras")
    network = keras.saving.load_model(path, compile=False)
    # by their order: layers that are made a second time have another number in their name
    return {str(i): np.array(v) for i, v in enumerate(network.weights)}


def start(command):
    name, *arguments = map(str, command)
    return subprocess.Popen(
        [sys.executable, ROOT / "scripts" / name, *arguments], stdout=subprocess.DEVNULL
    )


@pytest.fixture(scope="module", params=[detector, segmenter, cifar])
def whole(request, tmp_path_factory):
    """Return (command, folder, seconds) of a training that nobody has stopped."""
    folder = tmp_path_factory.mktemp(request.param.__name__)
    begun = time.perf_counter()
    assert start(request.param(folder, folder / "whole")).wait() == 0
    return request.param, folder, time.perf_counter() - begun


@pytest.mark.parametrize("seed", range(5))
def test_killed_at_random_it_ends_as_if_it_had_not_been(whole, seed):
    command, folder, seconds = whole
    killed, chance = folder / f"killed {seed}", random.Random(seed)
    kills = 0
    while kills < KILLS:
        program = start(command(folder, killed))
        time.sleep(chance.uniform(0.5, 0.95) * seconds)
        kills += program.poll() is None
        program.kill()
        if program.wait() == 0 and kills:
            break
        if program.returncode == 0:  # the machine was busier with the whole one
            shutil.rmtree(killed)
            seconds *= 0.7
    assert start(command(folder, killed)).wait() == 0
    wanted, found = arrays_of(folder / "whole"), arrays_of(killed)
    assert wanted.keys() == found.keys()
    assert [n for n in wanted if np.any(wanted[n] != found[n])] == []
    assert [p.name for p in killed.rglob(".*")] == []
    assert not (killed / "run.lock").exists() and not list(killed.rglob("*_temp*"))
    assert columns(folder / "whole/history.csv") == columns(killed / "history.csv")
    print(f"{command.__name__}, seed {seed}: {kills} kills")


def columns(path):
    """Return the first column of a table, steps or epochs: all of them, each once."""
    rows = path.read_text().splitlines()
    numbers = [row.split(",")[0] for row in rows]
    # the detector writes a row where it begins again, too
    return numbers[0], numbers[-1], sorted(set(numbers)) == sorted(numbers)
