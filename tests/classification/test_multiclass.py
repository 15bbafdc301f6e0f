"""Confusions, confidence and mistakes among many classes, against figures by hand."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from inspection.classification import multiclass


def test_pairs_reliability_and_mistakes():
    matrix = pd.DataFrame([[5, 3, 0], [1, 6, 0], [0, 2, 7]], list("abc"), list("abc"))
    pairs = multiclass.confused_pairs(matrix, 2)
    assert pairs.iloc[0].tolist() == ["a", "b", 3, 1, 4]
    assert pairs.iloc[1].tolist() == ["b", "c", 0, 2, 2]
    scores = np.array([[0.95, 0.05], [0.97, 0.03], [0.3, 0.7], [0.1, 0.9]])
    labels = np.array([0, 1, 1, 0])
    table = multiclass.reliability(labels, scores)
    assert table["pictures"].tolist() == [1, 3]
    assert table["accuracy"].tolist() == pytest.approx([1, 1 / 3])
    wanted = 0.25 * 0.3 + 0.75 * (0.94 - 1 / 3)
    assert multiclass.calibration_error(table) == pytest.approx(wanted)
    assert multiclass.most_wrong(labels, scores).tolist() == [1, 3]


def test_temperature_takes_back_overconfidence():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, (4000, 5))
    drawn = np.array([rng.choice(5, p=p) for p in multiclass.softmax(logits)])
    found = multiclass.fit_temperature(drawn, 3 * logits)
    assert found == pytest.approx(3, rel=0.1)
    wanted = metrics.log_loss(drawn, multiclass.softmax(logits))
    assert multiclass.log_loss(drawn, logits) == pytest.approx(wanted)


def test_full_confidence_belongs_to_the_last_bin():
    scores = np.array([[1.0, 0.0], [0.95, 0.05], [0.55, 0.45]])
    table = multiclass.reliability(np.array([0, 1, 0]), scores)
    assert table["pictures"].tolist() == [1, 2]
    assert table["confidence"].tolist() == pytest.approx([0.55, 0.975])


def test_a_bin_weighs_what_it_holds():
    columns = {"confidence": [0.5, 0.9], "accuracy": [0.4, 0.5], "pictures": [9, 1]}
    table = pd.DataFrame(columns)
    assert multiclass.calibration_error(table) == pytest.approx((9 * 0.1 + 0.4) / 10)
