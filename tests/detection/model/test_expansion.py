"""The folded expansion computes what a convolution and a batch norm compute."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from inspection.detection.model.expansion import ExpansionConv2D, ExpansionNormalization
from inspection.detection.model.layers import PointwiseConv2D, SeparableConv2D
from inspection.keras_shared.fused_batch_norm import FusedBatchNormalization

CHANNELS, FILTERS = 4, 24


@pytest.fixture
def maps():
    """Return maps whose channels differ in mean and spread, as after a block."""
    rng = np.random.default_rng(0)
    spread, mean = rng.uniform(0.5, 2, CHANNELS), rng.normal(0, 3, CHANNELS)
    return (rng.normal(size=(3, 8, 10, CHANNELS)) * spread + mean).astype("float32")


def build(convolution, normalization, folded):
    narrow = keras.Input((8, 10, CHANNELS))
    wide = convolution(FILTERS, 1, use_bias=False)(narrow)
    norm = normalization(momentum=0.9, epsilon=1e-3)
    outputs = norm(wide[0], narrow, wide[1]) if folded else norm(wide)
    return keras.Model(narrow, outputs)


@pytest.fixture
def folded():
    keras.utils.set_random_seed(0)
    model = build(ExpansionConv2D, ExpansionNormalization, folded=True)
    rng = np.random.default_rng(1)
    for variable in model.variables[1:]:
        variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    return model


@pytest.fixture
def plain(folded):
    model = build(keras.layers.Conv2D, FusedBatchNormalization, folded=False)
    model.set_weights(folded.get_weights())
    return model


def outputs_and_gradients(model, maps):
    maps = tf.constant(maps)
    with tf.GradientTape() as tape:
        tape.watch(maps)
        outputs = model(maps, training=True)
        loss = tf.reduce_sum(tf.square(outputs) * tf.sin(tf.range(float(FILTERS))))
    wanted = [maps, *(variable.value for variable in model.trainable_variables)]
    return outputs, tape.gradient(loss, wanted)


def test_outputs_and_gradients_in_training(folded, plain, maps):
    ours, our_gradients = outputs_and_gradients(folded, maps)
    theirs, their_gradients = outputs_and_gradients(plain, maps)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    for value, wanted in zip(our_gradients, their_gradients, strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-3, atol=1e-2)


def test_moving_statistics(folded, plain, maps):
    before = np.array(folded.layers[-1].moving_mean)
    folded(maps, training=True)
    plain(maps, training=True)
    ours, theirs = folded.layers[-1], plain.layers[-1]
    assert not np.allclose(ours.moving_mean, before)
    np.testing.assert_allclose(ours.moving_mean, theirs.moving_mean, rtol=1e-5)
    np.testing.assert_allclose(ours.moving_variance, theirs.moving_variance, rtol=1e-5)


def test_outside_training_and_frozen_the_averages_count(folded, plain, maps):
    wanted = plain(maps, training=False)
    np.testing.assert_array_equal(folded(maps, training=False), wanted)
    folded.layers[-1].trainable = False
    np.testing.assert_allclose(
        folded(maps, training=True), wanted, rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("strides", [1, 2])
def test_products_are_convolutions(maps, strides):
    pairs = [
        (PointwiseConv2D, keras.layers.Conv2D, dict(kernel_size=1)),
        (
            SeparableConv2D,
            keras.layers.SeparableConv2D,
            dict(kernel_size=3, strides=strides, padding="same"),
        ),
    ]
    for ours, theirs, options in pairs:
        layer = ours(FILTERS, bias_initializer="ones", **options)
        found = layer(maps, training=True)
        reference = theirs(FILTERS, **options)
        reference.build(maps.shape)
        reference.set_weights(layer.get_weights())
        np.testing.assert_allclose(found, reference(maps), rtol=1e-4, atol=1e-4)
        np.testing.assert_array_equal(layer(maps), reference(maps))
