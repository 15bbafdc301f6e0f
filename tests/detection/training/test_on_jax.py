"""The detector computes on JAX what it computes on TensorFlow, and trains the same."""

import shutil

import numpy as np
import pytest
import tensorflow as tf

from helpers.on_jax import jax_python
from helpers.tiny_detector import (
    COSINE,
    family_config,
    make_records,
    steady_once,
    tiny_config,
)
from inspection.detection.model import checkpoint
from inspection.detection.model.network import build_network

pytestmark = [
    pytest.mark.skipif(
        bool(jax_python.missing()), reason=f"needs {jax_python.missing()}"
    ),
    pytest.mark.soak,  # compiled for every shape
]

MODEL = "ssd_mobilenet_v2_fpnlite_320x320_coco17_tpu-8"
PICTURES = ("image1", "noise")
EXACT = 1e-5
# with statistics of the batch, random weights multiply rounding: TensorFlow with and
# without oneDNN differs by as much
OF_BATCH = 1e-3


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_records(tmp_path_factory.mktemp("jax"))


def begun(folder, config, name):
    """Write random weights and a config that begins with them; return the config's path."""
    tf.keras.utils.set_random_seed(1)
    network = build_network(config.model)
    rng = np.random.default_rng(2)
    for variable in network.variables:
        if "moving" in variable.path:  # as after a training, not 0 and 1
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    place = folder / name
    checkpoint.write(network, place / "ckpt-0")
    config.set("train_config.fine_tune_checkpoint", str(place / "ckpt-0"))
    config.set("train_config.fine_tune_checkpoint_type", "full")
    config.write(place / "pipeline.config")
    return place / "pipeline.config"


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    return steady_once(tmp_path_factory)


@pytest.fixture(scope="module")
def trained(start, folder):
    """Return {backend: folder of a training of 20 steps}."""
    folders = {}
    for backend in ("tensorflow", "jax"):
        folders[backend] = folder / f"trained on {backend}"
        jax_python.train(start, folders[backend], backend=backend)
    return folders


def test_the_curve_is_that_of_tensorflow(trained):
    ours, theirs = (jax_python.curve(trained[b]) for b in ("jax", "tensorflow"))
    assert len(ours) == 20
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-4)
    jax_python.assert_same_weights(*trained.values(), 1e-3)


def test_checkpoints_hold_the_same_keys_and_types(trained):
    found = []
    for place in trained.values():
        reader = tf.train.load_checkpoint(str(place))
        types = reader.get_variable_to_dtype_map()
        found.append((types, reader.get_variable_to_shape_map()))
    assert found[0] == found[1]


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_either_goes_on_with_the_others_training(trained, start, tmp_path, backend):
    other = next(name for name in trained if name != backend)
    shutil.copytree(trained[other], tmp_path / "copy")
    said = jax_python.train(start, tmp_path / "copy", steps=21, backend=backend)
    assert "step 20" in said
    assert len(jax_python.curve(tmp_path / "copy")) == 21


@pytest.mark.parametrize(
    "name", ["tiny", "efficientdet_d0", "ssd_mobilenet_v2_320x320"]
)
def test_outputs_are_those_of_tensorflow(folder, tmp_path, name):
    config = tiny_config(folder) if name == "tiny" else family_config(folder, name, 1)
    path = begun(folder, config, f"look {name}")
    images = np.random.default_rng(0).uniform(-1, 1, (2, *config.model.size, 3))
    np.save(tmp_path / "images.npy", images.astype("float32"))
    answers = []
    for backend in ("jax", "tensorflow"):
        into = tmp_path / f"{backend}.npz"
        given = ["look", path, path.parent / "ckpt-0", tmp_path / "images.npy", into]
        status, said = jax_python.run(*given, backend=backend)
        assert status == 0, said[-3000:]
        answers.append(np.load(into))
    ours, theirs = answers
    assert set(ours) == set(theirs) and len(ours) > 4
    for key in theirs:
        spread = max(1, np.abs(theirs[key]).max(initial=0))
        gap = (OF_BATCH if key.endswith("True") else EXACT) * spread
        np.testing.assert_allclose(
            ours[key], theirs[key], rtol=0, atol=gap, err_msg=key
        )


def test_outputs_are_those_of_the_original(shared_data, tmp_path):
    reference = shared_data / "odapi_reference"
    wanted = [np.load(reference / f"outputs_{name}.npz") for name in PICTURES]
    images = np.concatenate([one["preprocessed"] for one in wanted])
    np.save(tmp_path / "images.npy", images)
    config = reference / MODEL / "pipeline.config"
    start = reference / MODEL / "checkpoint/ckpt-0"
    given = ["look", config, start, tmp_path / "images.npy", tmp_path / "found.npz"]
    status, said = jax_python.run(*given)
    assert status == 0, said[-3000:]
    found = np.load(tmp_path / "found.npz")
    for name in ("box_encodings", "class_predictions_with_background"):
        theirs = np.concatenate([one[name] for one in wanted])
        gap = 2 * EXACT * np.abs(theirs).max()
        np.testing.assert_allclose(found[f"{name} False"], theirs, rtol=0, atol=gap)


def test_a_loss_that_is_not_finite_names_its_pictures(folder, tmp_path):
    config = tiny_config(folder, **{f"{COSINE}__warmup_learning_rate": 1e30})
    config.write(tmp_path / "pipeline.config")
    status, said = jax_python.run(
        "train", tmp_path / "pipeline.config", tmp_path / "out", 9, 1, 0
    )
    assert status == 2 and "Traceback" not in said
    assert "the loss is not finite; the batch held tiny_0" in said
    kept = jax_python.weights(tmp_path / "out")
    assert all(np.isfinite(array).all() for array in kept.values())
