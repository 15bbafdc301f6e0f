"""A head on the features of few pictures: what hardly moves must not decide."""

import keras
import numpy as np
import pytest

from helpers.sets.crack_sets import draw
from inspection.classification import model, saved, training
from inspection.common.errors import UserError
from inspection.deploy.runtime import load_model

CHANNELS = 120
QUIET = slice(20, CHANNELS)  # channels that training hardly sees


def features_of(labels, rng, quiet):
    """Return [N, C] whose first channels tell the class; `quiet` scales the others."""
    rows = np.abs(rng.normal(0, 0.3, (len(labels), CHANNELS)))
    rows[:, :10] += labels[:, None]
    rows[:, QUIET] *= quiet
    return rows.astype(np.float32)


def accuracy_after(quiet, kind=np.float32):
    """Return the accuracy on rows where the quiet channels are alive."""
    rng = np.random.default_rng(4)
    labels = {"train": np.arange(60) % 2, "val": np.arange(20) % 2}
    parts = {
        split: (features_of(y, rng, quiet).astype(kind), y)
        for split, y in labels.items()
    }
    head, history = training.train_head(*parts["train"], parts["val"])
    assert history["val_loss"].min() < 0.3
    y = np.arange(200) % 2
    scores = model.predict(head, features_of(y, rng, 1.0))
    return np.mean(scores.argmax(axis=1) == y)


@pytest.mark.parametrize("quiet", [0.0, 1e-6, 1e-3])
def test_channels_that_training_hardly_saw_do_not_decide(quiet):
    assert accuracy_after(quiet) > 0.97


def test_statistics_of_half_precision_are_taken_in_full():
    assert accuracy_after(1e-6, np.float16) > 0.97


def test_a_constant_channel_has_spread_one_and_a_rare_one_a_ridge():
    rows = np.zeros((50, 3), np.float32)
    rows[:, 0] = np.arange(50) % 2 * 2
    rows[0, 1] = 1e-3
    rows[:, 2] = 0.1
    mean, variance = model.measure_scale(rows)
    np.testing.assert_allclose(mean, [1, 2e-5, 0.1], rtol=1e-6)
    assert variance[2] == 1
    assert variance[1] == pytest.approx(model.RIDGE**2 / 3, rel=1e-4)
    assert variance[0] == pytest.approx(1 + model.RIDGE**2 / 3, rel=1e-4)


def test_a_copy_of_a_head_scales_as_the_head_does():
    rows = np.random.default_rng(0).normal(5, 3, (40, 4)).astype(np.float32)
    labels = np.arange(40) % 2
    head, _ = training.train_head(rows, labels, (rows, labels), epochs=3)
    copy = keras.models.clone_model(head)
    copy.set_weights(head.get_weights())
    np.testing.assert_array_equal(model.predict(copy, rows), model.predict(head, rows))


def test_an_absurd_validation_loss_stops():
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    rows = features_of(labels, rng, 1.0)
    other = 1000 * features_of(labels, rng, 1.0)
    other[:, 0] *= np.where(labels, -1, 1)
    with pytest.raises(UserError, match=r"validation loss never falls below \d+"):
        training.train_head(rows, labels, (-other, labels), epochs=5)


def test_a_head_that_learned_nothing_says_so(capsys):
    rows = np.random.default_rng(0).normal(0, 1, (40, 30)).astype(np.float32)
    labels = np.arange(40) % 2
    training.train_head(rows, labels, (rows, 1 - labels), epochs=5)
    assert "no better than guessing (0.693)" in capsys.readouterr().out
    training.train_head(rows, labels, (rows, labels), epochs=5)
    assert capsys.readouterr().out == ""


def tiny_classifier():
    """Return a Classifier whose features are quiet in training, with its pictures."""
    rng = np.random.default_rng(2)
    images = np.stack([draw(rng, k % 2, 32) for k in range(24)])
    keras.utils.set_random_seed(1)
    inputs = keras.Input((32, 32, 3), name="image")
    scaled = keras.layers.Rescaling(1 / 127.5, -1)(inputs)
    maps = keras.layers.Conv2D(12, 5, strides=2, activation="relu")(scaled)
    # dead on every picture, as a tenth of a large backbone's channels are on few
    dead = keras.layers.ReLU(threshold=50)(keras.layers.Conv2D(40, 3)(scaled))
    maps = keras.layers.Concatenate()(
        [maps, keras.layers.ZeroPadding2D()(dead)[:, :28:2, :28:2]]
    )
    backbone = keras.Model(inputs, maps, name="tiny_backbone")
    rows = np.array(model.pooled(backbone)(images.astype("float32")))
    return backbone, rows, images


@pytest.mark.parametrize("format", ["float32", "float16", "int8"])
def test_every_format_answers_as_the_network_does(tmp_path, format):
    backbone, rows, images = tiny_classifier()
    labels = np.arange(24) % 2
    assert np.sum(np.ptp(rows, axis=0) == 0) >= 40
    head, _ = training.train_head(rows, labels, (rows, labels), epochs=60, rate=0.02)
    facts = saved.Facts(
        class_names=("clean", "crack"), size=32, backbone="tiny", weights="none"
    )
    classifier = saved.Classifier(model.join(backbone, head), facts)
    path = saved.save_tflite(classifier, tmp_path / "m.tflite", format, images)
    loaded = load_model(path)
    scores = np.stack([loaded.predict(image).scores for image in images])
    assert (scores.argmax(axis=1) == labels).all()
    np.testing.assert_allclose(scores, classifier.scores(images), atol=0.15)


def test_a_classifier_saved_with_measured_weights_still_loads(tmp_path):
    backbone, rows, images = tiny_classifier()
    inputs = keras.Input((rows.shape[1],), name="features")
    scale = keras.layers.Normalization(name="scale")
    old = keras.layers.Dense(1, "sigmoid", name="scores")(scale(inputs))
    head = keras.Model(inputs, old, name=model.HEAD)
    scale.adapt(rows)
    facts = saved.Facts(
        class_names=("clean", "crack"), size=32, backbone="tiny", weights="none"
    )
    classifier = saved.Classifier(model.join(backbone, head), facts)
    path = saved.save_classifier(classifier, tmp_path / "old.keras")
    again = saved.load_classifier(path).scores(images)
    np.testing.assert_allclose(again, classifier.scores(images), atol=1e-6)
