"""Learn from good pictures what is good: a memory of patches, or Gaussians by position."""

import keras
import numpy as np

from inspection.anomaly import heads
from inspection.anomaly.coreset import choose_coreset
from inspection.anomaly.whitening import fit_whitening

SAMPLE = 60_000  # patches from which the whitening is taken
LEAST = 1e-3  # of a variance: less is rounding
PATCHCORE, PADIM = "memory", "gaussian"
METHODS = (PATCHCORE, PADIM)


def fit(features, patches, settings):
    """Return a network from pictures to distances [N, h, w, 1].

    features: the network from pictures to patch features. patches: its answers to good
    pictures, float [N, h, w, C]. settings: `Settings`.
    """
    rng = np.random.default_rng(settings.seed)
    # what differs between places is no error where each place has its own Gaussian
    known = patches.mean(axis=0, dtype=np.float32) if settings.method == PADIM else 0
    rows = rng.permutation(len(patches))[: max(1, SAMPLE // patches[0, ..., 0].size)]
    chosen = np.float32(patches[rows]) - known
    whitening = fit_whitening(
        chosen.reshape(-1, patches.shape[-1]), settings.components
    )
    white = whitening(np.float32(patches))
    outputs = heads.whiten(features.output, whitening)
    if settings.method == PADIM:
        means, turns = fit_positions(white)
        distances = heads.position_distance(outputs, means, turns)
    else:
        rows = white.reshape(-1, white.shape[-1])
        memory = rows[choose_coreset(rows, settings.memory, rng)]
        distances = heads.nearest_distance(outputs, memory)
    return keras.Model(features.input, distances, name="distances")


def fit_positions(white):
    """Return the means [h, w, K] and turns [h, w, K, K] of whitened patches [N, h, w, K].

    A Gaussian for each place, as PaDiM has (Defard et al. 2021, arXiv:2011.08785). Few
    pictures know it badly, so it is drawn towards what all places have in common, by as
    much as places differ by chance alone: on a texture nearly all the way.
    """
    count, height, width, depth = white.shape
    places = white.reshape(count, -1, depth)
    means = _drawn_means(places)
    spreads, noise = _spreads(places - means)
    # Ledoit and Wolf 2004, with one share for all places and 1 as what is drawn to
    share = min(1.0, noise / max(np.square(spreads - np.eye(depth)).sum(), 1e-12))
    spreads = (1 - share) * spreads + share * np.eye(depth) + LEAST * np.eye(depth)
    variances, directions = np.linalg.eigh(spreads)
    turns = directions / np.sqrt(variances)[:, None]
    shape = height, width, depth
    return means.reshape(shape), np.float32(turns.reshape(*shape, depth))


def _drawn_means(places):
    """Return the means [P, K] of places [N, P, K], drawn to that of all (James-Stein)."""
    count = len(places)
    means = places.mean(axis=0)
    common = means.mean(axis=0)
    off = means - common
    noise = places.var(axis=0).sum() / count
    share = min(1.0, noise / max(np.square(off).sum(), 1e-12))
    return common + (1 - share) * off


def _spreads(off):
    """Return the covariances [P, K, K] of places [N, P, K], and their expected error."""
    count = len(off)
    spreads = np.einsum("npk,npj->pkj", off, off, optimize=True) / count
    fourth = np.square(np.square(off).sum(axis=2)).sum() / count
    return spreads, float(fourth - np.square(spreads).sum()) / count
