import dataclasses
import json

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from helpers.commands import run_command
from inspection.classification import backbones
from inspection.classification.cifar10 import (
    input_pipeline,
    run_folder,
    small_resnet,
    source,
    test_report,
    tflite_export,
    training_loop,
    transfer,
)
from inspection.classification.cifar10.training_loop import Settings
from inspection.common.errors import UserError
from inspection.datasets.cifar10 import image_arrays
from inspection.deploy import runtime
from inspection.synthetic.pictograms import dataset as pictograms

QUICK = Settings(network="resnet9_small", epochs=2, batch_size=20, learning_rate=0.05)


@pytest.fixture(scope="module")
def data():
    return pictograms.draw_set({"train": 6, "test": 2}, seed=5)


def test_after_a_stop_weight_decay_spares_what_it_spared(data, tmp_path):
    for _ in range(2):  # the second takes up what the first has left
        network = training_loop.train(data, QUICK, tmp_path)
    optimizer, weights = network.optimizer, network.trainable_variables
    before = [v.numpy() for v in weights]
    for momentum in optimizer.momentums:
        momentum.assign(0 * momentum)
    optimizer.iterations.assign(2)  # where the learning rate is high
    optimizer.apply([0 * v for v in weights])
    shrunk = {v.name for v, old in zip(weights, before) if np.any(v.numpy() != old)}
    assert shrunk == {"kernel"}


def test_resnet50_has_its_layers_and_keeps_the_pixels():
    network = small_resnet.build_network("resnet50", 10)
    convolutions = [k for k in network.layers if isinstance(k, keras.layers.Conv2D)]
    assert len(convolutions) == 53  # 49 on the main way, 4 in shortcuts
    assert convolutions[0].output.shape == (None, 32, 32, 64)
    assert convolutions[-1].output.shape == (None, 4, 4, 2048)
    # what the 52 kernels behind the stem of the original hold, too
    assert sum(np.prod(k.kernel.shape) for k in convolutions[1:]) == 23_445_504


def test_resnet20_is_as_small_as_its_paper_says():
    network = small_resnet.build_network("resnet20", 10)
    assert 0.27e6 < network.count_params() < 0.28e6


def test_unknown_network_is_named():
    with pytest.raises(UserError, match="no network 'resnet18'; there are: resnet9"):
        small_resnet.build_network("resnet18", 10)


def test_mirror_and_move_keep_the_pixels(data):
    images = data.train_images
    mirrored = input_pipeline.mirror(tf.constant(images), [1, 2]).numpy()
    as_was = (mirrored == images).all((1, 2, 3))
    turned = (mirrored == images[:, :, ::-1]).all((1, 2, 3))
    assert (as_was | turned).all() and 10 < turned.sum() < 50
    moved = input_pipeline.move(tf.constant(images), [1, 2]).numpy()
    wide = np.pad(images, [(0, 0), (4, 4), (4, 4), (0, 0)], "reflect")
    offsets = {
        (y, x)
        for i in range(20)
        for y in range(9)
        for x in range(9)
        if np.array_equal(wide[i, y : y + 32, x : x + 32], moved[i])
    }
    assert len(offsets) > 10


def test_cover_hides_one_square():
    white = tf.fill([50, 32, 32, 3], tf.constant(255, tf.uint8))
    hidden = (input_pipeline.cover(white, [3, 4], 8).numpy() == 127).all(-1)
    areas = hidden.sum((1, 2))
    assert areas.max() == 64 and areas.min() >= 9
    assert np.array_equal(
        input_pipeline.cover(white, [3, 4], 8).numpy()[..., 0] == 127, hidden
    )


def test_going_on_shows_the_batches_that_would_have_come(data):
    images, labels = data.train_images, data.train_labels
    whole = list(input_pipeline.training_batches(images, labels, QUICK))
    rest = list(input_pipeline.training_batches(images, labels, QUICK, first_epoch=1))
    assert len(whole) == 6 and len(rest) == 3
    for (x, y), (other_x, other_y) in zip(whole[3:], rest):
        assert np.array_equal(x, other_x) and np.array_equal(y, other_y)
    assert not np.array_equal(whole[0][0], whole[3][0])
    seen = np.concatenate([y for _, y in whole[:3]]).sum(0)
    assert seen.tolist() == [6] * 10  # each picture once in an epoch


@pytest.mark.soak
def test_a_stopped_training_ends_where_a_whole_one_does(data, tmp_path, monkeypatch):
    whole = training_loop.train(data, QUICK, tmp_path / "whole")
    log, save = run_folder.EpochLog.on_epoch_end, []

    def stop_after_one(self, epoch, logs=None):
        log(self, epoch, logs)
        save.append(epoch)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(run_folder.EpochLog, "on_epoch_end", stop_after_one)
        training_loop.train(data, QUICK, tmp_path / "stopped")
    again = training_loop.train(data, QUICK, tmp_path / "stopped")
    assert save == [0] and int(again.optimizer.iterations) == 6
    rows, wanted = (
        pd.read_csv(tmp_path / name / "history.csv") for name in ("stopped", "whole")
    )
    assert rows["epoch"].tolist() == [1, 2]
    # sums of floats differ with the order in which threads add them
    np.testing.assert_allclose(rows["loss"], wanted["loss"], rtol=0.01)
    moved = whole.get_weights()[0] - _at_start()
    np.testing.assert_allclose(
        again.get_weights()[0], whole.get_weights()[0], atol=0.1 * np.abs(moved).max()
    )
    before = (tmp_path / "stopped/last.keras").stat().st_mtime_ns
    training_loop.train(data, QUICK, tmp_path / "stopped")
    assert (tmp_path / "stopped/last.keras").stat().st_mtime_ns == before


def _at_start():
    keras.utils.set_random_seed(QUICK.seed)
    return small_resnet.build_network(QUICK.network, 10).get_weights()[0]


def test_16_bits_are_for_the_network_alone(data, tmp_path, monkeypatch):
    monkeypatch.setattr(training_loop.precision, "announced", lambda: "mixed_float16")
    policies = []

    def begin():
        policies.append(keras.config.dtype_policy().name)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training_loop.train(data, QUICK, tmp_path, begin=begin)
    assert policies == ["mixed_float16"]
    assert keras.config.dtype_policy().name == "float32"


def test_other_settings_in_the_same_folder_are_refused(data, tmp_path):
    run = run_folder.RunFolder(tmp_path)
    run.begin({"epochs": 3, "seed": 0})
    run.last.touch()
    with pytest.raises(UserError, match="epochs 3, now 4"):
        run.begin({"epochs": 4, "seed": 0})


def test_settings_of_an_earlier_version_are_compared(tmp_path):
    run = run_folder.RunFolder(tmp_path)
    run.last.touch()
    path = tmp_path / "settings.json"
    path.write_text('{"epochs": 3, "weights": ""}', encoding="utf-8")
    run.begin({"epochs": 3})
    with pytest.raises(UserError, match="epochs 3, now 4"):
        run.begin({"epochs": 4})
    path.write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match=r"settings\.json cannot be used"):
        run.begin({"epochs": 3})


def test_other_pictures_labels_or_weights_in_a_run_are_refused(data, tmp_path):
    run = run_folder.RunFolder(tmp_path / "run")
    weights = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path in weights:
        path.write_text(path.name)
    settings = dataclasses.replace(QUICK, weights=str(weights[0]))
    validation = data.part("test")
    run.begin(*training_loop._identity(data, settings, validation))
    run.last.touch()
    run.begin(*training_loop._identity(data, settings, validation))
    labels = np.roll(data.train_labels, 1)
    mended = dataclasses.replace(data, train_labels=labels)
    with pytest.raises(UserError, match="train: 1 name changed, labels"):
        run.begin(*training_loop._identity(mended, settings, validation))
    images = 255 - data.train_images
    other = dataclasses.replace(data, train_images=images)
    with pytest.raises(UserError, match="train: 1 name changed, images"):
        run.begin(*training_loop._identity(other, settings, validation))
    with pytest.raises(UserError, match="val: 2 names gone, images, labels"):
        run.begin(*training_loop._identity(data, settings, None))
    settings = dataclasses.replace(QUICK, weights=str(weights[1]))
    with pytest.raises(UserError, match="other starting weights"):
        run.begin(*training_loop._identity(data, settings, validation))


def test_training_on_corrected_labels_does_not_return_the_old_network(data, tmp_path):
    one = dataclasses.replace(QUICK, epochs=1)
    training_loop.train(data, one, tmp_path)
    labels = np.roll(data.train_labels, 1)
    mended = dataclasses.replace(data, train_labels=labels)
    with pytest.raises(UserError, match="labels"):
        training_loop.train(mended, one, tmp_path)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    keras.utils.set_random_seed(1)
    path = tmp_path_factory.mktemp("weights") / "mobilenet.npz"
    network = backbones.inner_network(backbones.build_backbone("mobilenetv2_035", 32))
    backbones.save_npz(network, path)
    return path


@pytest.mark.soak
def test_transfer_trains_the_head_first_and_never_the_statistics(
    data, weights, tmp_path
):
    settings = Settings(
        network="mobilenetv2_035",
        weights=str(weights),
        enlarged=64,
        epochs=1,
        batch_size=20,
        learning_rate=0.01,
    )
    whole = transfer.train_transfer(data, settings, tmp_path, None, head_epochs=1)
    begun = backbones.build_backbone("mobilenetv2_035", 64, weights)
    start = _kernels_and_statistics(begun)
    head = _kernels_and_statistics(
        keras.saving.load_model(tmp_path / "head/last.keras")
    )
    fine = _kernels_and_statistics(whole)
    assert np.array_equal(start[0], head[0]) and not np.allclose(start[0], fine[0])
    assert np.array_equal(start[1], head[1]) and np.array_equal(start[1], fine[1])


def _kernels_and_statistics(model):
    """Return the first kernel and the moving mean behind it, inside a nested model."""
    layers = {layer.name: layer for layer in model._flatten_layers()}
    return layers["Conv1"].kernel.numpy(), layers["bn_Conv1"].moving_mean.numpy()


def test_a_run_with_a_setting_that_is_not_known_is_refused(tmp_path):
    (tmp_path / "settings.json").write_text('{"epoch": 3}')
    with pytest.raises(UserError, match=r"settings.json has .* not known: epoch;"):
        run_folder.RunFolder(tmp_path).begin({"epochs": 3})


def test_a_backbone_gets_what_it_was_trained_on():
    assert transfer.input_range("resnet50") == pytest.approx((-123.68, 151.061))
    low, high = transfer.input_range("resnet50", transfer.TO_UNIT)
    assert high - low < 22  # black and white nearly alike
    assert transfer.input_range("mobilenetv2") == pytest.approx((-1, 1))


def test_pictures_are_not_made_smaller():
    with pytest.raises(UserError, match="32 cannot be enlarged to 16"):
        transfer.enlarged_backbone("mobilenetv2_035", 32, 16, "none")


@pytest.mark.parametrize("format, gap", [("float32", 1e-4), ("int8", 0.2)])
def test_an_exported_network_answers_alike(data, tmp_path, format, gap):
    keras.utils.set_random_seed(0)
    network = small_resnet.build_network("resnet9_small", 10)
    file = tflite_export.export(network, data, tmp_path / "small.tflite", format)
    model = runtime.load_model(file)
    assert model.kind == "classifier" and tuple(model.labels) == data.class_names
    report = test_report.measure(network, *data.part("test"), data.class_names)
    served = [found.scores for found in model.predict_batch(list(data.test_images))]
    np.testing.assert_allclose(served, report.scores, atol=gap)
    one = model.predict(data.test_images[3]).scores
    np.testing.assert_allclose(one, served[3], atol=1e-5)


def test_keras_without_network_says_what_to_do(monkeypatch):
    def fail():
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", fail)
    with pytest.raises(UserError, match="cifar-10-python.tar.gz"):
        source.read("keras")


def test_hold_out_takes_alike_of_every_class(data):
    rest, (images, labels) = source.hold_out(data, 1 / 3)
    assert np.bincount(labels).tolist() == [2] * 10
    assert np.bincount(rest.train_labels).tolist() == [4] * 10
    known = {image.tobytes() for image in rest.train_images}
    assert not known & {image.tobytes() for image in images}


def test_command_trains_measures_and_exports(data, tmp_path, monkeypatch, capsys):
    image_arrays.write_npz(tmp_path / "set ü.npz", data)
    monkeypatch.chdir(tmp_path)
    flags = ["--data", "set ü.npz", "--network", "resnet9_small", "--epochs", "1"]
    flags += ["--batch_size", "20", "--out", "run", "--export", "out/small.tflite"]
    status, out, err = run_command(monkeypatch, capsys, "train_cifar10", *flags)
    assert status == 0, err
    assert "60 training pictures and 20 test pictures" in out
    report = json.loads((tmp_path / "run/report.json").read_text())
    assert report["pictures"] == 20 and 0 <= report["accuracy"] <= 1
    assert (tmp_path / "out/small.tflite").stat().st_size < 2e6
