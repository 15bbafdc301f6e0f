import keras
import numpy as np
import pytest

from helpers.tiny_detector import tiny_config
from inspection.detection.model.anchors import feature_map_sizes, make_anchors
from inspection.detection.model.mobilenet_v2 import layer_names_in_order, round_channels
from inspection.detection.model.network import build_network

RESIZER = "model.ssd.image_resizer.fixed_shape_resizer"
NAMES = ["box_encodings", "class_predictions_with_background"]


def settings(size, **fields):
    height, width = size
    sides = {f"{RESIZER}.height": height, f"{RESIZER}.width": width}
    return tiny_config(**sides, **fields).model


def shapes(network):
    return [tuple(network.output[name].shape[1:]) for name in NAMES]


def map_sizes(network):
    """Return (rows, columns) of the maps that the prediction tower reads."""
    first = [f"tower_0_relu_level_{level}" for level in range(3, 8)]
    return [tuple(network.get_layer(name).output.shape[1:3]) for name in first]


@pytest.fixture(scope="module")
def tiny():
    return build_network(tiny_config().model)


@pytest.fixture(scope="module")
def odd():
    """Return a network for pictures of 75 x 101 pixels, and its settings."""
    model = settings(
        (75, 101),
        model__ssd__num_classes=5,
        model__ssd__feature_extractor__depth_multiplier=0.5,
    )
    return build_network(model), model


def random_images(network, count=2, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, *network.input.shape[1:])).astype("float32")


def test_one_row_of_outputs_for_each_anchor(tiny, odd):
    assert shapes(tiny) == [(516, 4), (516, 3)]
    network, model = odd
    number = len(make_anchors((75, 101), model.anchors))
    assert shapes(network) == [(number, 4), (number, 6)]


def test_maps_are_as_large_as_the_anchors_expect(tiny, odd):
    assert map_sizes(tiny) == feature_map_sizes((64, 64), range(3, 8))
    assert map_sizes(odd[0]) == feature_map_sizes((75, 101), range(3, 8))


def test_an_odd_size_runs_and_starts_out_with_low_scores(odd):
    network, model = odd
    outputs = network(random_images(network), training=False)
    codes, logits = (np.array(outputs[name]) for name in NAMES)
    assert np.isfinite(codes).all()
    np.testing.assert_allclose(logits, -4.6, atol=0.5)  # class_prediction_bias_init


def test_the_network_of_the_zoo_at_another_size_and_class_count():
    heads = "model.ssd.box_predictor.weight_shared_convolutional_box_predictor"
    wanted = {
        "model.ssd.feature_extractor.depth_multiplier": 1.0,
        "model.ssd.feature_extractor.fpn.additional_layer_depth": 128,
        f"{heads}.depth": 128,
        f"{heads}.num_layers_before_predictor": 4,
    }
    network = build_network(settings((224, 160), **wanted))
    assert len(network.variables) == 384
    assert map_sizes(network) == feature_map_sizes((224, 160), range(3, 8))
    assert network.get_layer("class_head").bias.shape == (6 * 3,)
    # without the class head, which has 90 classes there, as many numbers as the zoo's
    of_zoo = 2_667_002 - (9 * 128 + 128 * 546 + 546)
    of_head = network.get_layer("class_head").count_params()
    assert network.count_params() - of_head == of_zoo


def test_channels_are_rounded_as_in_the_paper():
    assert [round_channels(c * 0.35) for c in (32, 16, 24, 64, 320)] == [
        16,
        8,
        8,
        24,
        112,
    ]
    assert [round_channels(c) for c in (32.0, 1280 * 1.4, 11.0)] == [32, 1792, 16]


def test_l2_is_on_the_kernels_that_the_original_penalizes(tiny):
    names = {layer.name for layer in tiny.layers for _ in layer.losses}
    assert "Conv1" in names and "block_3_depthwise" in names and "tower_0_conv" in names
    assert not names & {"box_head", "class_head", "bn_Conv1"}
    conv = tiny.get_layer("Conv1")
    wanted = 2e-5 * (np.array(conv.kernel) ** 2).sum()
    assert float(conv.losses[0]) == pytest.approx(wanted, rel=1e-4)
    tower = tiny.get_layer("tower_0_conv")
    wanted = 2e-5 * (np.array(tower.depthwise_kernel) ** 2).sum()
    assert [float(loss) for loss in tower.losses] == pytest.approx([wanted], rel=1e-4)


def test_levels_share_the_tower_but_not_its_batch_norms(tiny):
    layers = [layer for layer in tiny.layers if "tower" in layer.name and layer.weights]
    assert [layer.name for layer in layers if "conv" in layer.name] == ["tower_0_conv"]
    assert len(layers) == 1 + 5


def test_a_saved_network_comes_back_whole(tiny, tmp_path):
    path = tmp_path / "network.keras"
    randomize_batch_norms(tiny)
    tiny.save(path)
    loaded = keras.models.load_model(path)
    images = random_images(tiny)
    ours, theirs = tiny(images, training=False), loaded(images, training=False)
    for name in NAMES:
        np.testing.assert_array_equal(ours[name], theirs[name])


def randomize_batch_norms(network, seed=0):
    rng = np.random.default_rng(seed)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            for variable in layer.variables:
                variable.assign(rng.uniform(0.5, 1.5, variable.shape))


def test_layers_with_weights_are_those_of_the_backbone(tiny):
    names = layer_names_in_order()
    assert len(names) == 104
    assert names[:3] == ["Conv1", "bn_Conv1", "expanded_conv_depthwise"]
    with_weights = [layer.name for layer in tiny.layers if layer.variables]
    assert set(names) <= set(with_weights)
