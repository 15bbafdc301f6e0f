"""A U-Net trained in 16 bits: scores, losses and all that is handed out are of 32."""

import csv
from functools import partial

import numpy as np
import pytest
from PIL import Image

from inspection.common.errors import UserError
from inspection.datasets.mask_pairs import read_pairs
from inspection.deploy.runtime import load_model
from inspection.keras_shared import precision
from inspection.keras_shared.precision import EXACT, MIXED
from inspection.segmentation import (
    deep_features,
    export,
    training,
    training_state,
    unet,
)
from inspection.segmentation.batches import scale
from inspection.tflite.formats import FORMATS

SIZE = 32
PLAIN = training.Settings(size=SIZE, depth=2, width=4, epochs=2, learning_rate=0.01)
WITH_ENCODER = training.Settings(
    size=SIZE, width=4, epochs=1, encoder=unet.MOBILENET, learning_rate=0.01
)
# of probabilities, against the network of float32
TOLERANCE = {"float32": 1e-4, "float16": 5e-3, "dynamic": 0.05, "int8": 0.1}


@pytest.fixture(autouse=True)
def mixed():
    """Set Keras to 16 bits, as a notebook on a GPU may, around all that a test does."""
    with precision.layers_of(MIXED):
        yield


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("squares")
    for name in ("images", "masks"):
        (folder / name).mkdir()
    for number in range(10):
        rng = np.random.default_rng(number)
        mask = np.zeros((SIZE, SIZE), np.uint8)
        top, left = rng.integers(2, 14, 2)
        mask[top : top + 14, left : left + 14] = 255
        image = np.where(mask[..., None] > 0, (140, 70, 30), (150, 152, 155))
        image = np.clip(image + rng.normal(0, 12, image.shape), 0, 255).astype("uint8")
        Image.fromarray(image).save(folder / f"images/{number}.png")
        Image.fromarray(mask).save(folder / f"masks/{number}.png")
    found = read_pairs(folder / "images", folder / "masks")
    return {"train": found[:8], "val": found[8:]}


class Stop(training.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    "settings",
    [PLAIN, pytest.param(WITH_ENCODER, marks=pytest.mark.soak)],
    ids=["plain", "encoder"],
)
def test_it_is_trained_and_exported_to_every_format(pairs, tmp_path, settings):
    network = training.train(pairs, tmp_path, settings)
    assert precision.policy_of(network) == EXACT
    rows = list(csv.DictReader((tmp_path / training.HISTORY).open()))
    assert np.isfinite([float(row["val_loss"]) for row in rows]).all()
    read, _ = training.load(tmp_path)
    assert precision.policy_of(read) == EXACT
    image, _ = pairs["val"][0].read((SIZE, SIZE))
    wanted = network(scale(image[None])).numpy()[0, ..., 0]
    np.testing.assert_allclose(read(scale(image[None]))[0, ..., 0], wanted, atol=1e-6)
    for format in FORMATS:
        path = tmp_path / f"{format}.tflite"
        export.export(network, SIZE, path, pairs["train"], format)
        found = load_model(path).predict(image).scores[..., 1]
        np.testing.assert_allclose(found, wanted, atol=TOLERANCE[format])


def test_scores_and_weights_are_of_32_bits_while_it_trains():
    network = training.build(PLAIN, policy=MIXED)
    assert precision.fits(network, MIXED)
    assert network.output.dtype == "float32"
    kept = [v for v in network.variables if "seed_generator" not in v.path]
    assert {variable.dtype for variable in kept} == {"float32"}
    inner = network.get_layer("down0_conv1")
    assert inner.compute_dtype == "float16"


@pytest.mark.parametrize(
    "policies",
    [
        pytest.param((MIXED, MIXED), marks=pytest.mark.soak),
        pytest.param((EXACT, MIXED), marks=pytest.mark.soak),
        (MIXED, EXACT),
    ],
)
def test_a_stopped_run_goes_on_also_in_other_precision(pairs, tmp_path, policies):
    with precision.layers_of(policies[0]), pytest.raises(KeyboardInterrupt):
        training.train(pairs, tmp_path, PLAIN, callbacks=[Stop()])
    assert list(training_state.files_in(tmp_path)) == [policies[0]]
    begun = training.build(PLAIN, policy=policies[1])
    build = partial(training.build, PLAIN, None, 1)
    assert training_state.resume(begun, tmp_path, build) == 1
    with precision.layers_of(policies[1]):
        training.train(pairs, tmp_path, PLAIN)
    rows = list(csv.DictReader((tmp_path / training.HISTORY).open()))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    assert training_state.files_in(tmp_path) == {}


def test_a_state_that_is_cut_off_is_named(tmp_path):
    (tmp_path / training_state.LAST).write_bytes(b"PK\x03\x04")
    with pytest.raises(UserError, match="last.npz cannot be used: .* begins anew"):
        training_state.resume(training.build(PLAIN), tmp_path, None)


def test_a_state_of_another_network_is_refused(tmp_path):
    np.savez(tmp_path / training_state.LAST, np.zeros(3))
    with pytest.raises(UserError, match="last.npz is of another network"):
        training_state.resume(training.build(PLAIN), tmp_path, None)


def test_features_are_of_float32(pairs, tmp_path):
    network = training.build(WITH_ENCODER)
    images = [pair.read((SIZE, SIZE))[0] for pair in pairs["val"]]
    rows = deep_features.own_encoder(network, SIZE)(images)
    assert rows.dtype == np.float32 and len(rows) == 2
