"""What goes wrong among many classes: which pairs, how surely, in which pictures."""

import numpy as np
import pandas as pd


def confused_pairs(matrix, count=8):
    """Return the largest confusions, both directions of a pair added, as a DataFrame.

    matrix: a DataFrame of counts as `measures.confusion` returns it.
    """
    names, values = list(matrix.index), matrix.to_numpy()
    both = values + values.T
    rows = [
        (names[i], names[j], values[i, j], values[j, i], both[i, j])
        for i in range(len(names))
        for j in range(i + 1, len(names))
    ]
    columns = ["class", "other", "taken for the other", "the reverse", "together"]
    table = pd.DataFrame(rows, columns=columns)
    table = table.sort_values("together", ascending=False, kind="stable")
    return table.head(count).reset_index(drop=True)


def reliability(labels, scores, bins=10):
    """Return a DataFrame of confidence and accuracy, a row for each filled bin.

    scores: [N, C] that sum to 1. The bins are equally wide; Guo et al., 2017,
    arXiv:1706.04599.
    """
    confidence, right = scores.max(axis=1), scores.argmax(axis=1) == np.asarray(labels)
    place = np.clip((confidence * bins).astype(int), 0, bins - 1)
    table = pd.DataFrame({"bin": place, "confidence": confidence, "accuracy": right})
    grouped = table.groupby("bin")
    means = grouped.mean()
    means["pictures"] = grouped.size()
    return means.reset_index(drop=True)


def calibration_error(table):
    """Return the mean gap of confidence and accuracy of a `reliability` table (ECE)."""
    gaps = (table["confidence"] - table["accuracy"]).abs()
    return float((gaps * table["pictures"]).sum() / table["pictures"].sum())


def most_wrong(labels, scores, count=12):
    """Return the places of wrong answers, those given with the most confidence first."""
    wrong = np.flatnonzero(scores.argmax(axis=1) != np.asarray(labels))
    return wrong[np.argsort(-scores[wrong].max(axis=1), kind="stable")][:count]


def fit_temperature(labels, logits):
    """Return the number that logits are divided by to be as sure as they are right.

    It minimises the log loss on pictures that were not trained on; order and answers
    stay as they are. Guo et al., 2017.
    """
    from scipy.optimize import minimize_scalar

    labels = np.asarray(labels)

    def loss(temperature):
        return log_loss(labels, logits / temperature)

    return float(minimize_scalar(loss, bounds=(0.05, 20), method="bounded").x)


def log_loss(labels, logits):
    """Return the mean of minus the log of the right class's probability."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(labels)), labels].mean())


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return logits [N, C] as probabilities that sum to 1.

    >>> softmax(np.zeros((1, 2))).tolist()
    [[0.5, 0.5]]
    """
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
