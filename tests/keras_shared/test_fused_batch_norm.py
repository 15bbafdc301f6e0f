import keras
import numpy as np
import pytest
import tensorflow as tf

from inspection.keras_shared.fused_batch_norm import FusedBatchNormalization


def norms(shape=(2, 3, 4, 5), **options):
    """Return our batch norm, Keras's with the same random statistics, and an input."""
    pair = [
        kind(momentum=0.9, epsilon=1e-3, **options)
        for kind in (FusedBatchNormalization, keras.layers.BatchNormalization)
    ]
    rng = np.random.default_rng(0)
    for layer in pair:
        layer.build(shape)
    for ours, theirs in zip(pair[0].variables, pair[1].variables, strict=True):
        values = rng.uniform(0.5, 1.5, ours.shape)
        ours.assign(values)
        theirs.assign(values)
    return *pair, rng.normal(2, 3, shape).astype("float32")


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("center, scale", [(True, True), (False, True), (True, False)])
def test_fused_batch_norm_gives_what_keras_gives(training, center, scale):
    ours, theirs, x = norms(center=center, scale=scale)
    wanted = theirs(x, training=training)
    np.testing.assert_allclose(ours(x, training=training), wanted, rtol=1e-4, atol=1e-5)


def test_moving_averages_take_the_unbiased_variance():
    ours, _, x = norms()
    mean, variance = np.array(ours.moving_mean), np.array(ours.moving_variance)
    ours(x, training=True)
    rows = x.reshape(-1, 5)
    wanted = 0.9 * mean + 0.1 * rows.mean(0)
    np.testing.assert_allclose(ours.moving_mean, wanted, rtol=1e-5)
    wanted = 0.9 * variance + 0.1 * rows.var(0, ddof=1)
    np.testing.assert_allclose(ours.moving_variance, wanted, rtol=1e-5)


def test_inference_leaves_the_moving_averages():
    ours, _, x = norms()
    before = [np.array(variable) for variable in ours.variables]
    ours(x, training=False)
    ours(x)
    for old, variable in zip(before, ours.variables, strict=True):
        np.testing.assert_array_equal(old, variable)


def test_a_frozen_batch_norm_normalizes_by_its_moving_averages():
    ours, theirs, x = norms()
    ours.trainable = False
    before = np.array(ours.moving_mean)
    wanted = theirs(x, training=False)
    np.testing.assert_allclose(ours(x, training=True), wanted, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(ours.moving_mean, before)


def test_fused_norm_keeps_its_numbers_in_32_bits():
    layer = FusedBatchNormalization(dtype="mixed_float16")
    out = layer(tf.random.stateless_normal([4, 3, 3, 2], [1, 2]), training=True)
    assert out.dtype == tf.float16
    assert {v.dtype for v in layer.variables} == {"float32"}
