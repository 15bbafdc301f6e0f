"""What a classifier is worth: figures, their intervals, and a threshold by its cost."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.calibration import calibration_curve


def binary_measures(
    labels: ArrayLike, probabilities: ArrayLike, threshold: float = 0.5
) -> dict[str, float]:
    """Return {measure: value} of two classes; labels 0 or 1, probabilities of 1.

    A figure that does not exist, such as the precision of a model that never finds
    anything, is NaN.

    >>> found = binary_measures([0, 0, 1, 1], [0.1, 0.6, 0.7, 0.9])
    >>> round(found["accuracy"], 2), round(found["precision"], 2), found["recall"]
    (0.75, 0.67, 1.0)
    """
    labels, probabilities = np.asarray(labels), np.asarray(probabilities)
    predicted = probabilities >= threshold
    kept = {"zero_division": np.nan}
    return {
        "accuracy": float(metrics.accuracy_score(labels, predicted)),
        "precision": float(metrics.precision_score(labels, predicted, **kept)),
        "recall": float(metrics.recall_score(labels, predicted, **kept)),
        "F1": float(metrics.f1_score(labels, predicted, **kept)),
        "ROC-AUC": float(_auc(labels, probabilities)),
    }


def multiclass_measures(labels: ArrayLike, scores: np.ndarray) -> dict[str, float]:
    """Return {measure: value} of more than two classes; scores [N, C], labels int [N].

    Macro: the mean over the classes, each counting alike however many pictures it has.
    A class that is never said has precision 0 there, as in scikit-learn. ROC-AUC is the
    mean of each class against the rest; NaN where labels lack a class.

    >>> found = multiclass_measures([0, 1, 2, 2], np.eye(3)[[0, 1, 1, 2]])
    >>> found["accuracy"], round(found["macro recall"], 3)
    (0.75, 0.833)
    """
    labels, scores = np.asarray(labels), np.asarray(scores, np.float64)
    predicted, ids = scores.argmax(axis=1), range(scores.shape[1])
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        labels, predicted, labels=ids, average="macro", zero_division=0
    )
    return {
        "accuracy": float(metrics.accuracy_score(labels, predicted)),
        "macro precision": float(precision),
        "macro recall": float(recall),
        "macro F1": float(f1),
        "macro ROC-AUC": float(np.mean([_auc(labels == i, scores[:, i]) for i in ids])),
    }


def class_measures(labels, predicted, class_names):
    """Return a DataFrame of precision, recall, F1 and pictures, a row for each class.

    predicted: int [N]. low, high: the 95 % interval of the recall, by `wilson`, as if
    pictures were independent.
    """
    precision, recall, f1, count = metrics.precision_recall_fscore_support(
        labels, predicted, labels=range(len(class_names)), zero_division=np.nan
    )
    count = count.astype(int)  # scikit-learn has floats where no answer is right
    found = np.round(np.nan_to_num(recall) * count).astype(int)
    bounds = [wilson(*pair) for pair in zip(found.tolist(), count.tolist())]
    columns = {"precision": precision, "recall": recall}
    columns |= {"low": [low for low, _ in bounds], "high": [high for _, high in bounds]}
    columns |= {"F1": f1, "pictures": count}
    return pd.DataFrame(columns, pd.Index(class_names, name="class"))


def confusion(
    labels: ArrayLike, predicted: ArrayLike, class_names: Sequence[str]
) -> pd.DataFrame:
    """Return the counts as a DataFrame; rows are what it is, columns what was said.

    >>> confusion([0, 0, 1], [0, 1, 1], ["clean", "crack"]).to_numpy().tolist()
    [[1, 1], [0, 1]]
    """
    ids = range(len(class_names))
    counts = metrics.confusion_matrix(labels, predicted, labels=ids)
    rows, columns = (pd.Index(class_names, name=name) for name in ("is", "said"))
    return pd.DataFrame(counts, rows, columns)


def bootstrap(measure, *columns, groups=None, rounds=2000, share=0.95, seed=0):
    """Return (low, high) of measure(*columns), each an array [N], by resampling rows.

    groups: int [N]; whole groups are drawn, because pictures of one source are not
    independent. Percentile interval: Efron and Tibshirani, 1993, chapter 13. Rounds in
    which the measure does not exist are left out.
    """
    columns = [np.asarray(column) for column in columns]
    members = _members(groups, len(columns[0]))
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(rounds):
        drawn = rng.integers(len(members), size=len(members))
        rows = np.concatenate([members[i] for i in drawn])
        values.append(measure(*[column[rows] for column in columns]))
    tail = 50 * (1 - share)
    low, high = np.nanpercentile(values, [tail, 100 - tail])
    return float(low), float(high)


def wilson(right, count, share=0.95):
    """Return (low, high) of a share of right answers, by Wilson, 1927.

    Unlike the bootstrap it has a width where all answers are right. Of no answers
    nothing is known: 0 to 1.
    """
    if not count:
        return 0.0, 1.0
    interval = binomtest(right, count).proportion_ci(share, "wilson")
    return float(interval.low), float(interval.high)


def mcnemar(right, other_right):
    """Return (only first right, only second right, p) of two models on one test set.

    right, other_right: bool [N]. Exact test: McNemar, 1947; p is the chance of counts
    at least as far apart if both models were equally good.
    """
    right, other_right = np.asarray(right, bool), np.asarray(other_right, bool)
    first = int(np.sum(right & ~other_right))
    second = int(np.sum(~right & other_right))
    differ = first + second
    p = binomtest(first, differ).pvalue if differ else 1.0
    return first, second, float(p)


def compare_by_group(right, other_right, groups, rounds=10_000, seed=0):
    """Return (difference, low, high, p) of the accuracies of two models on one test set.

    right, other_right: bool [N]. groups: int [N]; pictures of one group are right or
    wrong together, so whole groups are drawn for the 95 % interval. p: how often the
    difference is at least as large where the two models swap names in groups chosen at
    random (permutation test: Good, 2005), the real one among them.
    """
    apart = np.asarray(right, int) - np.asarray(other_right, int)
    low, high = bootstrap(np.mean, apart, groups=groups, seed=seed)
    sums = np.array([apart[rows].sum() for rows in _members(groups, len(apart))])
    signs = np.random.default_rng(seed).choice([-1, 1], (rounds, len(sums)))
    as_far = np.abs(signs @ sums) >= abs(sums.sum())
    p = (as_far.sum() + 1) / (rounds + 1)
    return float(apart.mean()), low, high, float(p)


def threshold_costs(
    labels: ArrayLike, probabilities: ArrayLike, miss: float = 10.0, alarm: float = 1.0
) -> pd.DataFrame:
    """Return a DataFrame of threshold, misses, alarms and cost per picture.

    miss, alarm: what a missed crack and a false alarm cost, in any unit.

    >>> costs = threshold_costs([0, 1], [0.2, 0.8])
    >>> float(costs["cost"].min())
    0.0
    """
    labels, probabilities = np.asarray(labels), np.asarray(probabilities, float)
    values = np.unique(np.append(probabilities, [0, 1]))
    edges = np.concatenate([[0], (values[:-1] + values[1:]) / 2, [1]])
    predicted = probabilities >= edges[:, None]
    misses = np.sum(~predicted & (labels == 1), axis=1)
    alarms = np.sum(predicted & (labels == 0), axis=1)
    cost = (miss * misses + alarm * alarms) / len(labels)
    columns = {"threshold": edges, "misses": misses, "alarms": alarms, "cost": cost}
    return pd.DataFrame(columns)


def cheapest_threshold(costs: pd.DataFrame) -> float:
    """Return the threshold of the lowest cost, the middle of the longest such stretch.

    >>> costs = threshold_costs([0, 0, 1, 1], [0.1, 0.3, 0.7, 0.9])
    >>> 0.3 < cheapest_threshold(costs) <= 0.7
    True
    """
    best = np.isclose(costs["cost"], costs["cost"].min())
    values = costs["threshold"].to_numpy()
    stretches = np.split(values, np.flatnonzero(np.diff(best)) + 1)
    longest = max(stretches[int(not best[0]) :: 2], key=np.ptp)
    return float((longest[0] + longest[-1]) / 2)


def calibration(labels, probabilities, bins=8):
    """Return (DataFrame of said and true shares, Brier score).

    The bins hold equally many pictures. Brier: mean squared error, 0 is best, .25 is
    what always saying one half gets.
    """
    true, scores = calibration_curve(
        labels, probabilities, n_bins=bins, strategy="quantile"
    )
    table = pd.DataFrame({"said": scores, "true": true})
    return table, float(metrics.brier_score_loss(labels, probabilities))


def brier(labels: ArrayLike, scores: np.ndarray) -> float:
    """Return the Brier score of scores [N, C]: 0 is best, 1 is surely wrong.

    Half the squared error, summed over the classes: of two classes the usual one of the
    last class, of more scikit-learn's with `scale_by_half` (Brier, 1950, halved).
    Always saying one of C classes as much as another gets (C - 1) / 2C.

    >>> brier([0, 1], np.full((2, 2), 0.5))
    0.25
    """
    scores = np.asarray(scores, np.float64)
    errors = scores - np.eye(scores.shape[1])[np.asarray(labels)]
    return float(np.mean(np.sum(errors**2, axis=1)) / 2)


def _auc(labels, scores):
    """Return the ROC-AUC; NaN where the labels are all alike."""
    if len(np.unique(labels)) < 2:
        return np.nan
    return metrics.roc_auc_score(labels, scores)


def _members(groups, count):
    if groups is None:
        return list(np.arange(count)[:, None])
    groups = np.asarray(groups)
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    return np.split(order, starts)
