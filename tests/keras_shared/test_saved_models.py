"""Models saved by version 1.0 are read, and answer as they did then."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from helpers import ROOT
from inspection.classification.saved import load_classifier
from inspection.keras_shared.fused_batch_norm import FusedBatchNormalization
from inspection.segmentation.segmenter import Segmenter

FOLDER = ROOT / "tests/data/saved_models"


@pytest.fixture(scope="module")
def answers():
    with np.load(FOLDER / "answers.npz") as stored:
        return dict(stored)


def test_a_classifier(answers):
    scores = load_classifier(FOLDER / "classifier.keras").scores(answers["images"])
    np.testing.assert_allclose(scores, answers["classifier"], atol=1e-5)


def test_a_cifar_network_with_its_optimizer(answers):
    network = keras.saving.load_model(FOLDER / "cifar.keras")
    logits = network(answers["images"], training=False)
    np.testing.assert_allclose(logits, answers["cifar"], atol=1e-5)
    assert int(network.optimizer.iterations) == answers["cifar_step"]


def test_a_segmenter(answers):
    probability = Segmenter(FOLDER / "segmenter").probability(answers["images"][0])
    np.testing.assert_allclose(probability, answers["segmenter"], atol=1e-5)


def test_layers_of_a_detector(answers):
    from inspection.detection.model import layers  # noqa: F401 - registers the others

    network = keras.saving.load_model(FOLDER / "detector_layers.keras")
    maps = network(answers["pixels"], training=False)
    np.testing.assert_allclose(maps, answers["detector_layers"], atol=1e-5)


@pytest.mark.parametrize(
    "name",
    [
        "inspection>FusedBatchNormalization",
        "inspection.classification>FusedBatchNorm",
        "inspection>FusedNorm",
    ],
)
def test_the_three_names_of_old_mean_one_layer(name):
    kind = keras.saving.get_registered_object(name)
    assert issubclass(kind, FusedBatchNormalization)
    assert kind.call is FusedBatchNormalization.call


def test_a_model_saved_now_bears_the_one_name(tmp_path):
    layer = FusedBatchNormalization(momentum=0.9)
    config = keras.saving.serialize_keras_object(layer)
    assert config["registered_name"] == "inspection>FusedBatchNormalization"
    assert keras.saving.deserialize_keras_object(config).momentum == 0.9


@pytest.mark.parametrize(
    "module", ["classification.saved", "classification.cifar10.run_folder"]
)
def test_whoever_loads_knows_the_names(module):
    code = (
        f"import keras, inspection.{module}\n"
        "assert keras.saving.get_registered_object("
        "'inspection.classification>FusedBatchNorm')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT / "scripts",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-500:]
