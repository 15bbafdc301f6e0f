"""Let several methods decide together: average, vote, or a judge above them."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression

SAMPLE = 200_000  # pixels that the judge learns from


def average(probabilities: ArrayLike, weights: ArrayLike | None = None) -> np.ndarray:
    """Return the weighted mean of probability maps [H, W].

    >>> average(np.array([[[0.2]], [[0.6]]])).round(2).tolist()
    [[0.4]]
    """
    return np.average(np.stack(probabilities), axis=0, weights=weights)


def vote(masks: ArrayLike, needed: int | None = None) -> np.ndarray:
    """Return a mask uint8 of the pixels that at least `needed` masks mark.

    Without `needed` it is more than half of them.

    >>> vote(np.array([[[1, 1]], [[1, 0]], [[0, 0]]])).tolist()
    [[1, 0]]
    """
    needed = len(masks) // 2 + 1 if needed is None else needed
    votes = np.sum([np.asarray(mask) > 0 for mask in masks], axis=0)
    return (votes >= needed).astype(np.uint8)


class Stacking:
    """Learn how much to believe each method: logistic regression on their maps.

    Learn from pictures that the methods themselves did not learn from, or the one that
    knows its pictures by heart is believed most.
    """

    def __init__(self, seed=0):
        self.seed = seed
        self.classifier = LogisticRegression(C=1.0)

    def fit(self, members, ground_truths):
        """Learn from the maps of each picture, [picture][method] of [H, W]."""
        rows = np.concatenate([_columns(maps) for maps in members])
        labels = np.concatenate(
            [np.asarray(ground_truth).ravel() > 0 for ground_truth in ground_truths]
        )
        rng = np.random.default_rng(self.seed)
        chosen = rng.permutation(len(rows))[:SAMPLE]
        self.classifier.fit(rows[chosen], labels[chosen])
        return self

    def probability(self, maps):
        """Return the judge's probability [H, W] from the maps of one picture."""
        probability = self.classifier.predict_proba(_columns(maps))[:, 1]
        return probability.reshape(np.shape(maps[0])).astype(np.float32)

    def weights(self):
        """Return the weight of each method, in their order."""
        return self.classifier.coef_[0]


def _columns(maps):
    return np.stack([np.asarray(m, np.float32).ravel() for m in maps], axis=1)
