"""What a model said: the class of two by a threshold, of more the most probable."""

import numpy as np
import pandas as pd
import pytest

from inspection.classification import comparison
from inspection.classification.comparison import Candidate
from inspection.classification.predictions import Predictions, predicted_classes
from inspection.common.errors import UserError


def two(*probabilities, threshold=0.5):
    """Return the Predictions of two classes from the scores of the last."""
    last = np.array(probabilities)
    return Predictions(np.stack([1 - last, last], axis=1), threshold)


def test_of_two_classes_the_threshold_decides():
    assert two(0.1, 0.4, 0.5).predicted.tolist() == [0, 0, 1]
    assert two(0.1, 0.4, 0.5, threshold=0.3).predicted.tolist() == [0, 1, 1]
    assert two(0.1, 0.4, threshold=0.3).at_half().finds_last.tolist() == [False, False]
    assert two(0.1, 0.9).part([1]).probabilities.tolist() == [0.9]


def test_of_more_classes_the_threshold_decides_nothing():
    scores = [[0.3, 0.3, 0.4], [0.5, 0.1, 0.4], [0.1, 0.8, 0.1]]
    for threshold in (0.1, 0.5, 0.9):
        assert predicted_classes(scores, threshold).tolist() == [2, 0, 1]
    said = Predictions(np.array(scores))
    assert said.finds_last.tolist() == [True, False, False]
    assert said.right([2, 1, 1]).tolist() == [True, False, True]


def test_the_worst_errors_come_first():
    said = two(0.9, 0.45, 0.05, 0.2)
    assert said.worst_first([0, 1, 1, 0]).tolist() == [2, 0, 1]
    assert two(0.1, 0.9).worst_first([0, 1]).tolist() == []
    # by the distance from the threshold: 0.6 is surer than 0.1 where 0.2 is the limit
    assert two(0.1, 0.6, threshold=0.2).worst_first([1, 0]).tolist() == [1, 0]
    scores = [[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]]
    assert Predictions(np.array(scores)).worst_first([1, 2, 2]).tolist() == [1, 0]


def candidate(title, scores, weights="none"):
    """Return a Candidate that said this of the pictures of a set."""
    plain = {"size": 8, "seconds": 1.0, "parameters": 10, "milliseconds": 1.0}
    return Candidate(title=title, weights=weights, scores=np.asarray(scores), **plain)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_the_best_is_the_one_that_is_sure_and_right(classes):
    labels = np.arange(20) % classes
    hot = np.eye(classes)[labels]
    candidates = [
        candidate("wrong", np.roll(hot, 1, axis=1)),
        candidate("unsure", 0.5 * hot + 0.5 / classes),
        candidate("sure", 0.9 * hot + 0.1 / classes),
    ]
    assert comparison.best_of(candidates, labels, np.arange(20)).title == "sure"
    some = np.arange(5)
    assert comparison.best_of(candidates[:2], labels[:5], some).title == "unsure"


def test_the_table_of_three_classes_has_means_over_them():
    labels = np.arange(30) % 3
    answers = {"all": Predictions(np.eye(3)[labels])}
    answers["first"] = Predictions(np.eye(3)[np.zeros(30, int)])
    table = comparison.figures_table(answers, labels, np.arange(30) // 3)
    assert list(table) == [
        *("accuracy", "low", "high"),
        *("macro precision", "macro recall", "macro F1", "macro ROC-AUC"),
    ]
    assert table.loc["all"].tolist() == [1] * 7
    # a group holds one picture of each class: every sample of groups has a third right
    assert (
        table.loc["first", ["accuracy", "low", "high"]].tolist()
        == [pytest.approx(1 / 3)] * 3
    )
    pairs = comparison.pairs_table(answers, labels)
    assert isinstance(pairs, pd.DataFrame) and pairs.loc[0, "only first right"] == 20


def test_models_of_one_title_are_told_apart_by_their_weights():
    scores = np.eye(2)
    several = [candidate("A", scores, w) for w in ("none", "a.npz")]
    several.append(candidate("B", scores))
    found = [one.title for one in comparison.tell_apart(several)]
    assert found == ["A, none", "A, a.npz", "B"]
    with pytest.raises(UserError, match="two models are called A, none"):
        comparison.tell_apart([several[0], *several])
