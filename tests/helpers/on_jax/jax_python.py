"""A Python that has JAX beside the packages of the course, and what runs in it."""

import os
import signal
import socket
import subprocess
from contextlib import contextmanager

import numpy as np
import pandas as pd

from helpers import ROOT
from helpers.waiting import PATIENCE

FOLDER = ROOT / "build" / "jax"
PYTHON = FOLDER / ("Scripts" if os.name == "nt" else "bin") / "python"
CLIENT = ROOT / "tests/helpers/on_jax/jax_client.py"
LONG = 3 * PATIENCE  # compiling alone takes a minute
LOSSES = ["classification_loss", "localization_loss", "total_loss"]


def missing():
    """Return what is missing for JAX, or None."""
    return None if (FOLDER / "ready").exists() else "build/jax: tools/setup_jax.py"


def begin(*arguments, backend="jax", python=PYTHON, **environment):
    """Begin jax_client.py with a backend of Keras; return its process."""
    settings = {"KERAS_BACKEND": backend, "TQDM_DISABLE": "1", **environment}
    return subprocess.Popen(
        [python, CLIENT, *map(str, arguments)],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"} | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(*arguments, **environment):
    """Run jax_client.py; return (exit status, what it said)."""
    process = begin(*arguments, **environment)
    said, _ = process.communicate(timeout=LONG)
    return process.returncode, said


def train(config, model_dir, steps=20, every=10, distribute=0, **environment):
    """Train to the end, or fail with what it said."""
    status, said = run(
        "train", config, model_dir, steps, every, distribute, **environment
    )
    assert status == 0, said[-3000:]
    return said


@contextmanager
def processes(count, *arguments):
    """Begin a training that several processes share; end those that are left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    named = {"JAX_COORDINATOR_ADDRESS": address, "JAX_NUM_PROCESSES": str(count)}
    begun = [
        begin("train", *arguments, **named, JAX_PROCESS_ID=str(i)) for i in range(count)
    ]
    try:
        yield begun
    finally:
        for process in begun:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()


def curve(model_dir):
    """Return the losses of a training, a row for each step."""
    table = pd.read_csv(model_dir / "history.csv")
    assert list(table["step"]) == list(range(1, len(table) + 1))
    return table[[f"Loss/{name}" for name in LOSSES]].to_numpy()


def weights(path):
    """Return {key: array} of the network in a checkpoint, or of the latest in a folder."""
    import tensorflow as tf

    reader = tf.train.load_checkpoint(str(path))
    names = [n for n in reader.get_variable_to_shape_map() if n.startswith("model/")]
    return {name: reader.get_tensor(name) for name in names}


def assert_same_weights(some, others, tolerance):
    """Hold that two checkpoints have the same keys, and arrays within a tolerance."""
    some, others = weights(some), weights(others)
    assert some.keys() == others.keys() and len(some) > 100
    for key, values in some.items():
        np.testing.assert_allclose(
            values, others[key], atol=tolerance, rtol=tolerance, err_msg=key
        )
