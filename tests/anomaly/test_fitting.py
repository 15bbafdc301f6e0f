"""Coreset, whitening and distances, beside plain NumPy."""

import keras
import numpy as np
import pytest

from inspection.anomaly import heads
from inspection.anomaly.coreset import choose_coreset
from inspection.anomaly.fitting import fit_positions
from inspection.anomaly.whitening import fit_whitening

RNG = np.random.default_rng(0)


def through(head, patches, *arguments):
    """Return what layers of `heads` make of patches [N, h, w, K]."""
    inputs = keras.Input(patches.shape[1:])
    network = keras.Model(inputs, head(inputs, *arguments))
    return network.predict_on_batch(np.float32(patches))


def test_a_coreset_leaves_no_patch_far_away():
    centres = RNG.normal(size=(10, 5)) * 20
    patches = np.repeat(centres, 50, axis=0) + RNG.normal(size=(500, 5))
    chosen = patches[choose_coreset(patches, 10, RNG)]
    distances = np.linalg.norm(patches[:, None] - chosen, axis=2).min(axis=1)
    assert distances.max() < 8  # one of each heap


def test_a_coreset_holds_nothing_twice():
    patches = np.float32(RNG.integers(0, 2, (40, 3)))
    chosen = choose_coreset(patches, 60, RNG)
    assert len(set(chosen.tolist())) == len(chosen) == 40


def test_whitened_features_vary_alike_in_all_directions():
    patches = RNG.normal(size=(5000, 6)) @ RNG.normal(size=(6, 6)) * 10 + 5
    white = fit_whitening(patches, 6)(patches)
    assert np.cov(white.T) == pytest.approx(np.eye(6), abs=0.05)
    assert white.mean(axis=0) == pytest.approx(np.zeros(6), abs=0.01)


def test_a_channel_that_never_changes_does_no_harm():
    patches = np.hstack([RNG.normal(size=(100, 3)), np.full((100, 1), 7.0)])
    assert np.isfinite(fit_whitening(patches, 4)(patches)).all()


def test_whitening_as_a_layer_is_the_same():
    patches = RNG.normal(size=(2, 4, 4, 5))
    whitening = fit_whitening(patches.reshape(-1, 5), 3)
    found = through(heads.whiten, patches, whitening)
    assert found == pytest.approx(whitening(patches), abs=1e-4)


def test_the_nearest_patch_of_the_memory_counts():
    patches = RNG.normal(size=(2, 3, 3, 4))
    memory = np.float32(RNG.normal(size=(7, 4)))
    expected = np.linalg.norm(patches[..., None, :] - memory, axis=-1).min(axis=-1)
    found = through(heads.nearest_distance, patches, memory)
    assert found[..., 0] == pytest.approx(expected, abs=1e-3)


def test_distances_are_those_of_the_gaussian_at_their_place():
    good = RNG.normal(size=(300, 2, 2, 3)) * [1, 2, 3] + np.arange(4).reshape(2, 2, 1)
    means, turns = fit_positions(good, 0.1)
    new = RNG.normal(size=(5, 2, 2, 3))
    found = through(heads.position_distance, new, np.float32(means), turns)
    place = good[:, 1, 0]
    off = place - place.mean(axis=0)
    covariance = 0.9 * off.T @ off / 300 + 0.1 * np.eye(3)
    off = new[:, 1, 0] - place.mean(axis=0)
    squares = np.einsum("nk,kj,nj->n", off, np.linalg.inv(covariance), off)
    assert found[:, 1, 0, 0] == pytest.approx(np.sqrt(squares), rel=1e-3)


def test_at_the_threshold_a_place_is_half_an_anomaly():
    distances = np.float32([[[[0.0], [2.0], [6.0]]]])
    found = through(heads.as_scores, distances, 2.0)
    assert found[0, 0, :, 1] == pytest.approx([0, 0.5, 0.75])
    assert found.sum(axis=-1) == pytest.approx(1)
