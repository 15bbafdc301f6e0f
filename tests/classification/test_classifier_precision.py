"""Classifiers trained in 16 bits: what is handed out and exported is of 32."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from helpers.sets.crack_sets import write_set
from inspection.classification import backbones, comparison, experiment, features, saved
from inspection.classification import training as head_training
from inspection.classification.batches import load_images
from inspection.classification.cifar10 import (
    run_folder,
    small_resnet,
    test_report,
    tflite_export,
    training_loop,
    transfer,
)
from inspection.classification.cifar10.training_loop import Settings
from inspection.datasets.cifar10 import image_arrays
from inspection.deploy.runtime import load_model
from inspection.keras_shared import precision
from inspection.keras_shared.precision import EXACT, MIXED
from inspection.synthetic.pictograms import dataset as pictograms
from inspection.tflite.formats import FORMATS

SIZE = 32
# of scores, against the network of float32
TOLERANCE = {"float32": 1e-4, "float16": 5e-3, "dynamic": 0.05, "int8": 0.2}
QUICK = Settings(network="resnet9_small", epochs=2, batch_size=20, learning_rate=0.05)
RESNET50 = Settings(network="resnet50", epochs=1, batch_size=5, learning_rate=0.01)
BACKBONES = ("vgg16", "resnet50", "resnet50v2", "mobilenetv2", "mobilenetv2_035")


@pytest.fixture(autouse=True)
def mixed():
    """Set Keras to 16 bits, as a notebook on a GPU may, around all that a test does."""
    with precision.layers_of(MIXED):
        yield


@pytest.fixture(scope="module")
def set_up(tmp_path_factory):
    return experiment.prepare(write_set(tmp_path_factory.mktemp("set") / "walls"))


@pytest.fixture(scope="module")
def data():
    return pictograms.draw_set({"train": 6, "test": 2}, seed=5)


@pytest.fixture
def policies(monkeypatch):
    """Return the policies of the networks whose features and losses are computed."""
    seen, extract, tune = [], features.extract, head_training.fine_tune

    def watch(work):
        def watched(network, *arguments, **more):
            seen.append(precision.policy_of(network))
            return work(network, *arguments, **more)

        return watched

    monkeypatch.setattr(features, "extract", watch(extract))
    monkeypatch.setattr(head_training, "fine_tune", watch(tune))
    return seen


def scores_of_tflite(path, images):
    model = load_model(path)
    return np.stack([model.predict(image).scores for image in images])


@pytest.mark.soak
@pytest.mark.parametrize("name", BACKBONES)
def test_a_backbone_is_tuned_and_exported_to_every_format(
    set_up, tmp_path, policies, name
):
    images, splits = set_up.images, set_up.splits
    settings = comparison.TrainingSettings(head_epochs=3, tune_epochs=1)
    one = comparison.train_network(images, splits, name, SIZE, settings=settings)
    assert policies == [MIXED, MIXED] and np.isfinite(one.scores).all()
    assert np.isfinite(one.history["loss"]).all()
    kept = one.classifier
    assert precision.policy_of(kept.model) == EXACT
    pictures = load_images(images.paths[:6], SIZE)
    wanted = kept.scores(pictures)
    np.testing.assert_allclose(one.scores[:6], wanted, atol=0.02)
    read = saved.load_classifier(saved.save_classifier(kept, tmp_path / "model.keras"))
    np.testing.assert_allclose(read.scores(pictures), wanted, atol=1e-6)
    for format in FORMATS:
        path = tmp_path / f"{format}.tflite"
        saved.save_tflite(kept, path, format, pictures)
        found = scores_of_tflite(path, pictures)
        np.testing.assert_allclose(found, wanted, atol=TOLERANCE[format])


@pytest.mark.soak
def test_a_candidate_is_tuned_in_16_bits_as_well(set_up, policies):
    images, splits = set_up.images, set_up.splits
    settings = comparison.TrainingSettings(head_epochs=2, tune_epochs=1)
    plain = dataclasses.replace(settings, tune_epochs=0)
    one = comparison.train_network(
        images, splits, "mobilenetv2_035", SIZE, settings=plain
    )
    tuned = comparison.fine_tuned(one, images, splits, settings)
    assert policies == [MIXED, MIXED]
    assert precision.policy_of(tuned.classifier.model) == EXACT


def test_features_in_16_bits_have_a_cache_of_their_own(set_up, tmp_path):
    paths, names = set_up.images.paths[:4], []
    for policy in (EXACT, MIXED):
        with precision.layers_of(policy):
            backbone = backbones.build_backbone("mobilenetv2_035", SIZE)
        rows = features.extract(backbone, paths, tmp_path)
        assert rows.dtype == np.float32
        names.append({path.name for path in tmp_path.iterdir()})
    assert len(names[1]) == 2 and names[0] < names[1]


@pytest.mark.soak
@pytest.mark.parametrize("settings", [QUICK, RESNET50], ids=["resnet9", "resnet50"])
def test_cifar_networks_are_trained_and_exported_to_every_format(
    data, tmp_path, settings
):
    few = image_arrays.subsample(data, 2 if settings is QUICK else 1, 0)
    network = training_loop.train(few, settings, tmp_path / "run")
    assert precision.policy_of(network) == EXACT
    last = run_folder.RunFolder(tmp_path / "run").last_network()
    assert precision.policy_of(last) == MIXED
    assert np.isfinite(pd.read_csv(tmp_path / "run/history.csv")["loss"]).all()
    report = test_report.measure(network, *data.part("test"), data.class_names)
    assert report.logits.dtype == np.float32
    for format in FORMATS:
        path = tmp_path / f"{format}.tflite"
        tflite_export.export(network, data, path, format)
        found = scores_of_tflite(path, data.test_images)
        np.testing.assert_allclose(found, report.scores, atol=TOLERANCE[format])


def test_a_network_still_in_16_bits_is_exported_in_32(data, tmp_path):
    network = small_resnet.build_network("resnet9_small", 10)
    assert precision.policy_of(network) == MIXED
    path = tflite_export.export(network, data, tmp_path / "m.tflite")
    report = test_report.measure(network, *data.part("test"), data.class_names)
    found = scores_of_tflite(path, data.test_images)
    np.testing.assert_allclose(found, report.scores, atol=0.02)


@pytest.mark.soak
def test_features_of_a_trained_network_are_of_float32(data, tmp_path):
    import keras

    network = training_loop.train(data, QUICK, tmp_path)
    inner = keras.Model(network.input, network.layers[-2].output)
    x = inner.predict(data.train_images, verbose=0)
    assert x.dtype == np.float32 and np.isfinite(x / (x.std(0) + 1e-9)).all()


@pytest.mark.soak
@pytest.mark.parametrize("policies", [(EXACT, MIXED), (MIXED, EXACT)])
def test_a_run_goes_on_in_other_precision(data, tmp_path, policies):
    log = run_folder.EpochLog.on_epoch_end

    def stop(self, epoch, logs=None):
        log(self, epoch, logs)
        raise KeyboardInterrupt

    with precision.layers_of(policies[0]), pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_folder.EpochLog, "on_epoch_end", stop)
        with pytest.raises(KeyboardInterrupt):
            training_loop.train(data, QUICK, tmp_path)
    with precision.layers_of(policies[1]):
        training_loop.train(data, QUICK, tmp_path)
    last = run_folder.RunFolder(tmp_path).last_network()
    assert precision.fits(last, policies[1])
    assert int(last.optimizer.iterations) == 6
    assert pd.read_csv(tmp_path / "history.csv")["epoch"].tolist() == [1, 2]


def test_steps_that_overflow_count_towards_the_epoch(data, tmp_path, monkeypatch):
    scale = precision.LossScaling.scale_loss

    def overflow(self, loss):
        # 2 to the 120: the gradients of float16 cannot hold it
        return scale(self, loss) * 2.0**120

    with monkeypatch.context() as patch:
        patch.setattr(precision.LossScaling, "scale_loss", overflow)
        training_loop.train(data, dataclasses.replace(QUICK, epochs=1), tmp_path)
    last = run_folder.RunFolder(tmp_path).last_network()
    assert int(last.optimizer.iterations) == 3
    assert float(last.optimizer.dynamic_scale) < 2.0**15


@pytest.mark.soak
def test_transfer_goes_through_both_phases(data, tmp_path):
    path = tmp_path / "mobilenet.npz"
    network = backbones.inner_network(backbones.build_backbone("mobilenetv2_035", 32))
    backbones.save_npz(network, path)
    settings = dataclasses.replace(
        QUICK, network="mobilenetv2_035", weights=str(path), enlarged=64, epochs=1
    )
    whole = transfer.train_transfer(data, settings, tmp_path, None, head_epochs=1)
    assert precision.policy_of(whole) == EXACT
    for phase in ("head", "fine"):
        last = run_folder.RunFolder(tmp_path / phase).last_network()
        assert precision.fits(last, MIXED)
        assert last.get_layer("logits").compute_dtype == EXACT
