"""Mixed precision: which policy, what is counted, what is handed out."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import tiny_networks
from inspection.common import notices
from inspection.common.errors import UserError
from inspection.keras_shared import precision
from inspection.keras_shared.precision import EXACT, MIXED


def set_to(policy):
    """Give Keras a policy for a block, as a notebook may for the whole of it."""
    return precision.layers_of(policy)


def test_what_keras_was_set_to_is_taken():
    with set_to(MIXED):
        assert precision.chosen() == MIXED
    assert precision.chosen() == EXACT


@pytest.mark.parametrize("policy", ["float16", "float64", "mixed_bfloat16"])
def test_other_policies_are_refused(policy):
    message = f"{policy}: set float32 or mixed_float16"
    with set_to(policy), pytest.raises(UserError, match=message):
        precision.chosen()


@pytest.mark.parametrize(
    "capability, policy", [((7, 5), MIXED), ((6, 0), EXACT), (None, EXACT)]
)
def test_a_gpu_with_tensor_cores_trains_in_16_bits(monkeypatch, capability, policy):
    details = {} if capability is None else {"compute_capability": capability}
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["a GPU"])
    monkeypatch.setattr(
        tf.config.experimental, "get_device_details", lambda gpu: details
    )
    assert precision.chosen() == policy


def test_it_is_said_in_one_line(capsys, monkeypatch):
    monkeypatch.setattr(notices, "_said", set())
    with set_to(MIXED):
        precision.announced()
        precision.announced()
    said = capsys.readouterr().err
    assert said.count("computes in 16 bits (mixed_float16)") == 1
    precision.announced()
    assert capsys.readouterr().err == ""


def test_a_step_that_overflows_is_counted_and_changes_no_weight():
    weight = keras.Variable([1.0, 2.0])
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([0], [1.0, 0.5])
    optimizer = precision.LossScaling(keras.optimizers.SGD(rate))
    optimizer.build([weight])

    @tf.function
    def step(gradient):
        optimizer.apply([gradient], [weight])

    scale = float(optimizer.dynamic_scale)
    step(tf.constant([np.inf, 0.0]))
    assert np.array(weight).tolist() == [1, 2] and int(optimizer.iterations) == 1
    assert float(optimizer.dynamic_scale) == scale / 2
    step(tf.constant([scale / 2, 0.0]))
    # the second step has the second rate
    assert np.array(weight).tolist() == [0.5, 2] and int(optimizer.iterations) == 2


def test_only_float16_needs_its_loss_scaled():
    for policy, scaled in ((EXACT, False), (MIXED, True)):
        with set_to(policy):
            network = tiny_networks.classifier()
        optimizer = precision.scaled(keras.optimizers.SGD(), network)
        assert isinstance(optimizer, precision.LossScaling) == scaled


def test_a_network_is_rebuilt_in_32_bits_with_all_inside_it():
    with set_to(MIXED):
        network = tiny_networks.backbone(16)
    assert precision.policy_of(network) == MIXED
    images = np.random.default_rng(0).uniform(0, 255, (2, 16, 16, 3)).astype("float32")
    coarse = network(images).numpy()
    with set_to(MIXED):  # it must not matter what Keras is set to
        exact = precision.in_float32(network)
        fine = exact(images)
    assert precision.policy_of(exact) == EXACT and fine.dtype == tf.float32
    assert coarse.dtype == np.float16 and 0 < np.abs(fine - coarse).max() < 0.01
    assert precision.in_float32(exact) is exact


def test_layers_by_name_stay_in_32_bits():
    network = precision.rebuilt(tiny_networks.backbone(16), MIXED, ("tiny",))
    inner = network.get_layer("tiny")
    assert precision.policy_of(inner) == EXACT
    assert precision.policy_of(network) == MIXED  # of the scaling before it


def test_the_state_of_an_optimizer_survives_a_change_of_precision():
    network = tiny_networks.classifier()
    plain = keras.optimizers.Adam(0.1)
    scaling = precision.LossScaling(keras.optimizers.Adam(0.1))
    for optimizer in (plain, scaling):
        optimizer.build(network.trainable_variables)
    for number, variable in enumerate(plain.variables):
        variable.assign(np.full(variable.shape, number, variable.dtype))
    precision.copy_state(plain, scaling)
    back = keras.optimizers.Adam(0.5)
    back.build(network.trainable_variables)
    precision.copy_state(scaling, back)
    for variable, wanted in zip(back.variables, plain.variables, strict=True):
        np.testing.assert_array_equal(variable, wanted)


def test_the_network_is_saved_and_read_with_its_scaled_optimizer(tmp_path):
    with set_to(MIXED):
        network = tiny_networks.classifier()
    network.compile(
        precision.scaled(keras.optimizers.SGD(0.1, momentum=0.9), network),
        "sparse_categorical_crossentropy",
        auto_scale_loss=False,
    )
    images = np.zeros((4, 16, 16, 3), np.float32)
    network.fit(images, np.array([0, 1, 2, 0]), batch_size=2, verbose=0)
    network.save(tmp_path / "m.keras")
    read = keras.saving.load_model(tmp_path / "m.keras")
    assert isinstance(read.optimizer, precision.LossScaling)
    assert int(read.optimizer.iterations) == 2
    assert precision.fits(read, MIXED) and not precision.fits(read, EXACT)
