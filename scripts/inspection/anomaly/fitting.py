"""Learn from good pictures what is good: a memory of patches, or Gaussians by position."""

import keras
import numpy as np

from inspection.anomaly import heads
from inspection.anomaly.coreset import choose_coreset
from inspection.anomaly.whitening import fit_whitening

SAMPLE = 60_000  # patches from which the whitening is taken
STEP = 64  # places of a grid whose turns are found at a time
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
        means, turns = fit_positions(white, settings.shrinkage)
        distances = heads.position_distance(outputs, means, turns)
    else:
        rows = white.reshape(-1, white.shape[-1])
        memory = rows[choose_coreset(rows, settings.memory, rng)]
        distances = heads.nearest_distance(outputs, memory)
    return keras.Model(features.input, distances, name="distances")


def fit_positions(white, shrinkage):
    """Return the means [h, w, K] and turns [h, w, K, K] of whitened patches [N, h, w, K].

    A Gaussian for each place, as PaDiM has (Defard et al. 2021, arXiv:2011.08785). Few
    pictures know its covariance badly: it is drawn towards the mean of all places, which
    is 1 after whitening, by `shrinkage`, 0 to 1 (Ledoit and Wolf 2004).
    """
    count, height, width, depth = white.shape
    places = white.reshape(count, -1, depth)
    means = places.mean(axis=0)
    turns = np.empty((height * width, depth, depth), np.float32)
    for start in range(0, len(turns), STEP):
        part = slice(start, start + STEP)
        off = places[:, part] - means[part]
        spread = np.einsum("npk,npj->pkj", off, off, optimize=True) / count
        spread = (1 - shrinkage) * spread + shrinkage * np.eye(depth)
        variances, directions = np.linalg.eigh(spread)
        turns[part] = directions / np.sqrt(variances)[:, None]
    shape = height, width, depth
    return means.reshape(shape), turns.reshape(*shape, depth)
