import json

import numpy as np
import pytest
import tensorflow as tf

from helpers.tiny_detector import tiny_config, train_once
from inspection.detection.model import checkpoint
from inspection.detection.model.network import build_network

PREDICTOR = "model/_box_predictor/"


@pytest.fixture(scope="module")
def network():
    return build_network(tiny_config().model)


@pytest.fixture(scope="module")
def three_classes():
    return build_network(tiny_config(model__ssd__num_classes=3).model)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return the last checkpoint of a short training."""
    return checkpoint.find_checkpoint(train_once(tmp_path_factory)[1])


def values(network):
    keyed = checkpoint.variables_by_key(network)
    return {key: np.array(variable) for key, variable in keyed.items()}


def test_a_training_writes_the_keys_of_the_zoo(trained, network, shared_data):
    names = {name for name, _ in tf.train.list_variables(trained)}
    weights = {name for name in names if name.startswith("model/")}
    assert len(weights) == len(network.variables)
    listed = shared_data / "odapi_reference" / "zoo_checkpoint_variables.json"
    zoo = {name for name, _ in json.loads(listed.read_text()) if "model/" in name}
    assert weights <= zoo
    missing = zoo - weights
    tower = (
        "PredictionTower/",
        "_base_tower_layers_for_heads/",
    )  # three layers more there
    assert all(PREDICTOR in name and any(t in name for t in tower) for name in missing)
    assert all(name.endswith(checkpoint.SUFFIX) for name in weights)


def test_a_training_also_writes_the_state_of_the_optimizer(trained, network):
    names = [name for name, _ in tf.train.list_variables(trained)]
    momenta = [name for name in names if "momentum" in name]
    assert len(momenta) == len(network.trainable_variables)
    assert all(name.startswith("optimizer/") for name in momenta)


def test_full_takes_every_variable(trained, network):
    restored = checkpoint.restore(network, trained)
    assert len(restored.used) == len(network.variables) and restored.unused == []
    reader = tf.train.load_checkpoint(trained)
    for key, value in values(network).items():
        np.testing.assert_array_equal(value, reader.get_tensor(key + checkpoint.SUFFIX))


def test_detection_leaves_the_predictor(trained, three_classes):
    before = values(three_classes)
    restored = checkpoint.restore(three_classes, trained, "detection")
    after = values(three_classes)
    changed = {key for key in before if (before[key] != after[key]).any()}
    assert changed and not any(key.startswith(PREDICTOR) for key in changed)
    assert set(restored.used) == {
        key for key in before if not key.startswith(PREDICTOR)
    }
    assert restored.unused and all(key.startswith(PREDICTOR) for key in restored.unused)


def test_another_number_of_classes_is_told_with_its_mend(trained, three_classes):
    before = values(three_classes)
    with pytest.raises(checkpoint.CheckpointError) as error:
        checkpoint.restore(three_classes, trained, "full")
    text = str(error.value)
    assert "_class_predictor_layers" in text and "number of classes" in text
    assert 'fine_tune_checkpoint_type: "detection"' in text
    after = values(three_classes)
    assert all((before[key] == after[key]).all() for key in before)


def test_written_weights_are_read_back(network, tmp_path):
    saved = values(network)
    checkpoint.write(network, tmp_path / "ü b" / "ckpt-0")
    for variable in network.variables:
        variable.assign(variable + 1.0)
    checkpoint.restore(network, tmp_path / "ü b")
    for key, value in values(network).items():
        np.testing.assert_array_equal(value, saved[key])


def test_a_checkpoint_of_something_else(network, tmp_path):
    prefix = tf.train.Checkpoint(step=tf.Variable(3)).write(str(tmp_path / "ckpt-0"))
    wanted = rf"{len(network.variables)} of {len(network.variables)} variables are not"
    with pytest.raises(checkpoint.CheckpointError, match=wanted):
        checkpoint.restore(network, prefix)


@pytest.mark.parametrize("name", ["", "ckpt-3", "nowhere/ckpt-0"])
def test_a_missing_checkpoint_is_told_with_an_example(tmp_path, name):
    with pytest.raises(
        checkpoint.CheckpointError, match="no checkpoint here; .*/ckpt-0"
    ):
        checkpoint.find_checkpoint(tmp_path / name)


def test_a_checkpoint_has_several_names(tmp_path):
    for number in (9, 10):
        tf.train.Checkpoint(step=tf.Variable(number)).write(
            str(tmp_path / f"ckpt-{number}")
        )
    for name in ("ckpt-9", "ckpt-9.index"):
        assert checkpoint.find_checkpoint(tmp_path / name) == str(tmp_path / "ckpt-9")
    # a folder without the file `checkpoint`, as after a download: the newest counts
    assert checkpoint.find_checkpoint(tmp_path) == str(tmp_path / "ckpt-10")


def test_a_folder_that_was_moved_still_has_its_latest(tmp_path):
    model = tf.train.Checkpoint(step=tf.Variable(1))
    manager = tf.train.CheckpointManager(model, str(tmp_path / "old"), 3)
    manager.save()
    manager.save()
    (tmp_path / "old").rename(tmp_path / "new")
    assert checkpoint.find_checkpoint(tmp_path / "new") == str(
        tmp_path / "new" / "ckpt-2"
    )


def test_dropout_counts_among_the_layers_of_a_head(network):
    shared = "model.ssd.box_predictor.weight_shared_convolutional_box_predictor"
    config = tiny_config()
    config.set(f"{shared}.use_dropout", True)
    dropped = checkpoint.variables_by_key(build_network(config.model))
    plain = checkpoint.variables_by_key(network)
    layers = "/_class_predictor_layers/"
    assert any(f"{layers}0/" in key for key in plain)
    assert set(dropped) == {key.replace(f"{layers}0", f"{layers}1") for key in plain}
