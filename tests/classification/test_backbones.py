"""Backbones: preprocessing inside, and weights from every source."""

import keras
import numpy as np
import pytest

from inspection.classification import backbones
from inspection.common.errors import UserError

SMALL = "mobilenetv2_035"


@pytest.fixture(scope="module")
def small():
    return backbones.build_backbone(SMALL, 32)


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(0).uniform(0, 255, (2, 8, 8, 3)).astype("float32")


def prepared(image, kind):
    inputs = keras.Input((8, 8, 3))
    return keras.Model(inputs, backbones.prepare(inputs, kind)).predict(
        image, verbose=0
    )


@pytest.mark.parametrize(
    ("name", "official"),
    [
        ("vgg16", keras.applications.vgg16.preprocess_input),
        ("resnet50", keras.applications.resnet.preprocess_input),
        ("resnet50v2", keras.applications.resnet_v2.preprocess_input),
        ("mobilenetv2", keras.applications.mobilenet_v2.preprocess_input),
        (SMALL, keras.applications.mobilenet_v2.preprocess_input),
    ],
)
def test_preprocessing_is_that_of_keras(name, official, image):
    kind = backbones.BACKBONES[name].input
    np.testing.assert_allclose(prepared(image, kind), official(image.copy()), atol=1e-4)


def test_a_backbone_takes_pixels(small):
    assert small.input_shape == (None, 32, 32, 3)
    assert small.output_shape == (None, 1, 1, 1280)
    inner = backbones.inner_network(small)
    pixels = np.full((1, 32, 32, 3), 200, "float32")
    np.testing.assert_allclose(small(pixels), inner(pixels / 127.5 - 1), atol=1e-5)


def test_npz_goes_out_and_in(small, tmp_path):
    path = tmp_path / "my weights.npz"
    backbones.save_npz(backbones.inner_network(small), path)
    again = backbones.build_backbone(SMALL, 48, path)
    for stored, read in zip(small.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(read, stored, rtol=1e-3, atol=1e-6)


def test_real_imagenet_weights_name_shapes(shared_data):
    path = shared_data / "weights/mobilenet_v2_0.35_224_notop.npz"
    network = backbones.inner_network(backbones.build_backbone(SMALL, 96, path))
    with np.load(path) as arrays:
        assert len(arrays.files) == len(network.variables)
        np.testing.assert_array_equal(
            network.get_layer("Conv1").kernel, arrays["Conv1/kernel"]
        )


@pytest.mark.parametrize("name", [SMALL, "vgg16"])
def test_a_file_of_the_official_layout_is_loaded(name, tmp_path):
    # Keras 2 wrote the official files, and writes this one
    tf_keras = pytest.importorskip("tf_keras")
    build = {
        SMALL: lambda: tf_keras.applications.MobileNetV2(
            (32, 32, 3), alpha=0.35, include_top=False, weights=None
        ),
        "vgg16": lambda: tf_keras.applications.VGG16(
            include_top=False, weights=None, input_shape=(32, 32, 3)
        ),
    }
    theirs = build[name]()
    path = tmp_path / backbones.BACKBONES[name].weights.rsplit("/", 1)[-1]
    theirs.save_weights(path)
    ours = backbones.inner_network(backbones.build_backbone(name, 32, path))
    pixels = np.random.default_rng(1).uniform(-1, 1, (1, 32, 32, 3)).astype("float32")
    np.testing.assert_allclose(ours(pixels), theirs(pixels), rtol=1e-4, atol=1e-5)


def test_weights_of_another_network_are_refused(small, tmp_path):
    path = tmp_path / "small.npz"
    backbones.save_npz(backbones.inner_network(small), path)
    with pytest.raises(UserError, match="are these weights of"):
        backbones.build_backbone("mobilenetv2", 32, path)
    network = backbones.inner_network(small)
    network.save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(UserError, match="does not fit VGG16"):
        backbones.build_backbone("vgg16", 32, tmp_path / "other.weights.h5")


@pytest.mark.parametrize(
    ("name", "weights", "message"),
    [
        ("resnet18", "none", "no backbone 'resnet18'; there are: vgg16, resnet50"),
        (SMALL, "imagnet", 'give "none", "imagenet", or a file'),
        (SMALL, "nowhere.npz", "nowhere.npz is no file of weights"),
    ],
)
def test_what_is_not_there_is_named(name, weights, message):
    with pytest.raises(UserError, match=message):
        backbones.build_backbone(name, 32, weights)


def test_without_a_network_the_file_to_fetch_is_named(monkeypatch):
    def refuse(*arguments, **named):
        raise Exception("URL fetch failure on https://x: None -- no route")

    monkeypatch.setattr(keras.utils, "get_file", refuse)
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", refuse)
    with pytest.raises(
        UserError, match="vgg16_weights_tf_dim_ordering_tf_kernels_notop"
    ):
        backbones.build_backbone("vgg16", 32, "imagenet")


def test_the_digest_follows_the_weights(small):
    before = backbones.weights_digest(small)
    assert before == backbones.weights_digest(small)
    kernel = backbones.inner_network(small).get_layer("Conv1").kernel
    value = kernel.numpy()
    kernel.assign(value + 1e-3)
    assert backbones.weights_digest(small) != before
    kernel.assign(value)
