"""An old checkpoint is told by its keys alone, held against a config, and converted."""

import keras
import numpy as np
import pytest

from helpers.commands import run_command
from helpers.tiny_detector import tiny_config
from inspection.deploy.runtime import load_model
from inspection.detection.config.label_map import write_label_map
from inspection.detection.model import checkpoint, checkpoint_facts
from inspection.detection.model.network import build_network


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Return a folder as the zoo's archives are, its label map not filled in."""
    folder = tmp_path_factory.mktemp("zoo") / "archive"
    config = tiny_config()
    network = build_network(config.model)
    checkpoint.write(network, folder / "checkpoint" / "ckpt-0")
    config.set("train_input_reader.label_map_path", "PATH_TO_BE_CONFIGURED")
    config.write(folder / "pipeline.config")
    return folder


@pytest.fixture
def run(monkeypatch, capsys):
    def inspect(*arguments):
        return run_command(monkeypatch, capsys, "inspect_checkpoint", *arguments)

    return inspect


def test_an_archive_as_it_is(archive, run):
    status, out, err = run(archive)
    assert status == 0
    assert "ckpt-0: SSD MobileNetV2 FPNLite" in out
    assert "2 classes: class 1, class 2" in out
    assert "318 of 318 variables fit" in out
    assert "the names of the classes are numbers" in err


def test_a_checkpoint_becomes_keras_and_tflite(archive, run, tmp_path):
    write_label_map(["leak", "puddle"], tmp_path / "names.pbtxt")
    place = archive / "checkpoint" / "ckpt-0"
    names = "--label_map", tmp_path / "names.pbtxt"
    status, out, _ = run(place, *names, "-o", tmp_path / "new")
    assert status == 0 and "classes: leak, puddle" in out
    network = build_network(tiny_config().model)
    checkpoint.restore(network, place)
    images = np.random.default_rng(0).uniform(-1, 1, (1, 64, 64, 3)).astype("float32")
    again = keras.saving.load_model(tmp_path / "new/model.keras", compile=False)
    for name, value in network(images).items():
        np.testing.assert_allclose(again(images)[name], value, atol=1e-6)
    model = load_model(tmp_path / "new/model.tflite")
    assert model.labels == ("leak", "puddle") and model.input_size == (64, 64)


def test_another_config_is_told_by_what_does_not_fit(archive, run, tmp_path):
    wider = tiny_config(model__ssd__num_classes=5)
    wider.write(tmp_path / "other.config")
    status, out, err = run(archive, "--config", tmp_path / "other.config")
    assert status == 2
    assert "unlike: 2, the first is model/_box_predictor/_prediction_heads/" in out
    assert "is not of" in err


@pytest.mark.parametrize(
    "keys, kind",
    [
        (["model/_first_stage_box_predictor/a"], "Faster R-CNN or Mask R-CNN"),
        (["model/_prediction_head_dict/a"], "CenterNet"),
        (
            ["model/_feature_extractor/_bifpn_stage/a"],
            "an EfficientDet of which a part is missing",
        ),
        (["weights/a"], "no detector of the Object Detection API"),
    ],
)
def test_what_is_no_ssd_is_named(keys, kind):
    assert checkpoint_facts.identify(dict.fromkeys(keys, [1])) == (kind, False)
