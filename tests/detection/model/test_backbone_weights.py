import keras
import numpy as np
import pytest

from helpers.tiny_detector import tiny_config
from inspection.common.errors import UserError
from inspection.detection.model import mobilenet_v2
from inspection.detection.model.backbone_weights import load_backbone, save_backbone
from inspection.detection.model.network import build_network

ALPHA = 0.35


def applications_model(alpha=ALPHA):
    return keras.applications.MobileNetV2((64, 64, 3), alpha, False, weights=None)


@pytest.fixture(scope="module")
def reference():
    """Return Keras's own MobileNetV2, with batch norms that do something."""
    model = applications_model()
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            for variable in layer.variables:
                variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    return model


@pytest.fixture(scope="module")
def network():
    return build_network(tiny_config().model)


def features(model):
    """Return the output of the backbone for two pictures of noise."""
    images = np.random.default_rng(1).uniform(-1, 1, (2, 64, 64, 3)).astype("float32")
    last = keras.Model(model.inputs[0], model.get_layer("out_relu").output)
    return np.array(last(images, training=False))


@pytest.fixture
def npz(network, tmp_path):
    """Return a function that writes the backbone, changed by a function, as .npz."""

    def write(change):
        arrays = {
            f"{name}/{variable.name}": np.array(variable)
            for name in mobilenet_v2.layer_names_in_order()
            for variable in network.get_layer(name).variables
        }
        change(arrays)
        path = tmp_path / "weights.npz"
        np.savez(path, **arrays)
        return path

    return write


def test_layers_have_the_names_and_shapes_of_keras(reference, network):
    for layer in reference.layers:
        if layer.variables:
            ours = network.get_layer(layer.name).variables
            assert [v.name for v in ours] == [v.name for v in layer.variables]
            assert [v.shape for v in ours] == [v.shape for v in layer.variables]
    names = [layer.name for layer in reference.layers if layer.variables]
    assert names == mobilenet_v2.layer_names_in_order()


def test_an_h5_file_of_the_official_layout(reference, network, tmp_path):
    path = tmp_path / "mobilenet ü.h5"
    reference.save(path)
    assert load_backbone(network, path, ALPHA) == 260
    wanted = features(reference)
    assert wanted.std() > 0.1
    np.testing.assert_allclose(features(network), wanted, rtol=1e-4, atol=1e-4)


def test_weights_of_another_width_are_refused(reference, network, tmp_path):
    path = tmp_path / "mobilenet.weights.h5"
    reference.save_weights(path)
    with pytest.raises(UserError, match=r"mobilenet.weights.h5.*MobileNetV2 0.5"):
        load_backbone(network, path, 0.5)


def test_the_real_imagenet_weights(shared_data, network):
    path = shared_data / "weights" / "mobilenet_v2_0.35_224_notop.npz"
    assert load_backbone(network, path, ALPHA) == 260
    found = features(network)
    assert np.isfinite(found).all()
    assert 0.05 < (found > 0).mean() < 0.95
    with np.load(path) as arrays:
        kernel = network.get_layer("block_1_depthwise").kernel
        np.testing.assert_array_equal(
            kernel, arrays["block_1_depthwise/depthwise_kernel"]
        )


def test_an_array_of_another_shape_is_named(network, npz):
    path = npz(lambda arrays: arrays.update({"Conv1/kernel": np.zeros((3, 3, 3, 32))}))
    before = np.array(network.get_layer("bn_Conv1").gamma)
    with pytest.raises(UserError, match="1 of 260 arrays .* the first is Conv1/kernel"):
        load_backbone(network, path, ALPHA)
    np.testing.assert_array_equal(network.get_layer("bn_Conv1").gamma, before)


def test_a_missing_array_is_named(network, npz):
    path = npz(lambda arrays: arrays.pop("Conv_1_bn/beta"))
    with pytest.raises(UserError, match="the first is Conv_1_bn/beta"):
        load_backbone(network, path, ALPHA)


def test_a_missing_file_is_named(network, tmp_path):
    with pytest.raises(UserError, match=r"weights.h5 is no file of weights"):
        load_backbone(network, tmp_path / "weights.h5", ALPHA)


@pytest.mark.parametrize("name", ["weights.npz", "weights.h5"])
def test_a_file_of_something_else_is_named(network, tmp_path, name):
    (tmp_path / name).write_bytes(b"<html>not found</html>" * 20)
    with pytest.raises(UserError, match=name):
        load_backbone(network, tmp_path / name, ALPHA)


def test_without_network_the_mend_is_told(network, monkeypatch, tmp_path):
    nobody = "http://127.0.0.1:9"
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, nobody)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    # or a copy of an earlier download would be found
    monkeypatch.setattr(
        "keras.src.utils.file_utils.config.keras_home", lambda: tmp_path
    )
    with pytest.raises(
        UserError, match=r"could not be downloaded.*_0.35_224_no_top.h5"
    ):
        load_backbone(network, "imagenet", ALPHA)


def test_imagenet_has_weights_for_some_widths_alone(network):
    with pytest.raises(UserError, match="no ImageNet weights of MobileNetV2 0.4.*1.4"):
        load_backbone(network, "imagenet", 0.4)


def test_saved_backbone_is_read_again(network, tmp_path):
    save_backbone(network, tmp_path / "backbone.npz")
    other = build_network(tiny_config().model)
    assert load_backbone(other, tmp_path / "backbone.npz", ALPHA) == 260
    assert np.array_equal(features(other), features(network))
