"""Features turned so that all directions vary alike among good patches.

A channel that is loud on every picture would else drown one that is quiet, and moves
only where something is wrong. Distances afterwards are those of Mahalanobis.
"""

from dataclasses import dataclass

import numpy as np

FLOOR = 1e-3  # of the largest variance: quieter directions hold rounding alone


@dataclass(frozen=True)
class Whitening:
    """A turn of features: (patch - mean) @ turn.

    mean: float32 [C]. turn: float32 [C, K].
    """

    mean: np.ndarray
    turn: np.ndarray

    def __call__(self, patches):
        return (patches - self.mean) @ self.turn


def fit_whitening(patches, components):
    """Return the Whitening of good patches [N, C] to at most `components` directions."""
    patches = np.asarray(patches, np.float64)
    mean, spread = patches.mean(axis=0), patches.std(axis=0)
    spread = np.maximum(spread, FLOOR * max(spread.max(), 1e-12))
    scaled = (patches - mean) / spread
    variances, directions = np.linalg.eigh(scaled.T @ scaled / max(1, len(scaled) - 1))
    order = np.argsort(-variances)[:components]
    variances, directions = variances[order], directions[:, order]
    variances = variances + FLOOR * max(variances[0], 1e-12)
    turn = directions / np.sqrt(variances) / spread[:, None]
    return Whitening(mean.astype("float32"), turn.astype("float32"))
