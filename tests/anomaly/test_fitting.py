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
    mix = np.eye(6) + 0.2 * RNG.normal(size=(6, 6))
    patches = RNG.normal(size=(5000, 6)) @ mix * [1, 5, 10, 20, 50, 100] + 5
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
    spreads = np.reshape([[1, 2, 3], [1, 1, 1], [5, 1, 1], [0.1, 1, 3]], (2, 2, 3))
    good = RNG.normal(size=(4000, 2, 2, 3)) * spreads + np.arange(4).reshape(2, 2, 1)
    means, turns = fit_positions(good)
    new = RNG.normal(size=(5, 2, 2, 3))
    found = through(heads.position_distance, new, np.float32(means), turns)
    # 4,000 pictures know their places well: hardly anything is drawn anywhere
    expected = np.linalg.norm((new[:, 1, 0] - 2) / [5, 1, 1], axis=1)
    assert found[:, 1, 0, 0] == pytest.approx(expected, rel=0.05)


def test_on_a_texture_all_places_are_alike():
    good = RNG.normal(size=(60, 8, 8, 16)) + 3
    means, turns = fit_positions(good)
    assert means == pytest.approx(3, abs=0.1)
    spread = np.linalg.inv(turns @ turns.swapaxes(-1, -2))
    assert spread == pytest.approx(np.broadcast_to(np.eye(16), spread.shape), abs=0.1)


def test_places_that_differ_keep_their_own_means():
    good = RNG.normal(size=(60, 4, 4, 3))
    good[:, 2, 1] += 20
    means, _ = fit_positions(good)
    assert means[2, 1] == pytest.approx(20, abs=1)
    assert means[0, 0] == pytest.approx(0, abs=1)


def test_at_the_threshold_a_place_is_half_an_anomaly():
    distances = np.float32([[[[0.0], [2.0], [6.0]]]])
    found = through(heads.as_scores, distances, 2.0)
    assert found[0, 0, :, 1] == pytest.approx([0, 0.5, 0.75])
    assert found.sum(axis=-1) == pytest.approx(1)
