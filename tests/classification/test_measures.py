"""Measures of classifiers, against scikit-learn, statsmodels' definitions and by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2
from sklearn import metrics

from inspection.classification import measures


@pytest.fixture
def answers():
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 400)
    return labels, np.clip(labels * 0.3 + rng.normal(0.35, 0.25, 400), 0, 1)


def test_measures_exist_where_no_answer_is_right():
    found = measures.class_measures([0, 0, 1], np.array([1, 1, 0]), ["a", "b"])
    assert found["pictures"].tolist() == [2, 1]
    assert found["recall"].tolist() == [0, 0]
    assert (found["high"] < 1).all()


def test_measures_are_those_of_scikit_learn(answers):
    labels, scores = answers
    predicted = scores >= 0.4
    assert measures.binary_measures(labels, scores, 0.4) == {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "precision": metrics.precision_score(labels, predicted),
        "recall": metrics.recall_score(labels, predicted),
        "F1": metrics.f1_score(labels, predicted),
        "ROC-AUC": metrics.roc_auc_score(labels, scores),
    }


def test_f1_follows_from_precision_and_recall():
    # the original reports .9802, .9900 and an F1 of .9655 on 100 + 100 pictures
    labels = np.repeat([0, 1], 100)
    predicted = labels.copy()
    predicted[:2], predicted[100] = 1, 0
    row = measures.binary_measures(labels, predicted)
    assert round(row["precision"], 4) == 0.9802 and round(row["recall"], 4) == 0.99
    assert round(row["F1"], 3) == 0.985 and round(row["accuracy"], 3) == 0.985


def test_a_figure_that_does_not_exist_is_nan():
    row = measures.binary_measures([0, 0, 1], [0.1, 0.2, 0.3])
    assert np.isnan(row["precision"]) and row["recall"] == 0
    assert np.isnan(measures.binary_measures([1, 1], [0.2, 0.9])["ROC-AUC"])


@pytest.fixture
def three():
    """Return (labels, scores) of three classes, the last of them rare."""
    rng = np.random.default_rng(5)
    labels = rng.choice(3, 300, p=[0.5, 0.4, 0.1])
    powers = np.exp(1.5 * np.eye(3)[labels] + rng.normal(0, 1, (300, 3)))
    return labels, powers / powers.sum(axis=1, keepdims=True)


def test_macro_measures_are_those_of_scikit_learn(three):
    labels, scores = three
    predicted, macro = scores.argmax(axis=1), {"average": "macro"}
    wanted = {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "macro precision": metrics.precision_score(labels, predicted, **macro),
        "macro recall": metrics.recall_score(labels, predicted, **macro),
        "macro F1": metrics.f1_score(labels, predicted, **macro),
        "macro ROC-AUC": metrics.roc_auc_score(labels, scores, multi_class="ovr"),
    }
    assert measures.multiclass_measures(labels, scores) == pytest.approx(wanted)


def test_scores_of_a_quantized_file_need_not_sum_to_one(three):
    labels, scores = three
    rough = np.round(scores * 256) / 256 + 0.01
    found = measures.multiclass_measures(labels, rough)
    assert found["macro ROC-AUC"] == pytest.approx(
        measures.multiclass_measures(labels, scores)["macro ROC-AUC"], abs=0.01
    )


def test_a_class_that_is_never_said_counts_in_the_means():
    scores = np.eye(3)[[0, 0, 1, 1, 1, 1]]
    found = measures.multiclass_measures([0, 0, 1, 1, 2, 2], scores)
    assert found["macro precision"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert found["macro recall"] == pytest.approx(2 / 3)
    assert np.isnan(measures.multiclass_measures([0, 1], scores[1:3])["macro ROC-AUC"])


def test_class_measures_of_three_classes():
    predicted = [0, 0, 1, 2, 2, 2]
    table = measures.class_measures([0, 1, 1, 2, 2, 0], predicted, ["a", "b", "c"])
    assert table["pictures"].to_dict() == {"a": 2, "b": 2, "c": 2}
    assert table.loc["a", "precision"] == 0.5 and table.loc["c", "recall"] == 1
    assert table.loc["b", "F1"] == pytest.approx(2 / 3)
    assert tuple(table.loc["b", ["low", "high"]]) == measures.wilson(1, 2)


def test_a_class_without_pictures_has_no_recall_and_all_is_possible():
    row = measures.class_measures([0, 1], [0, 1], ["a", "b", "accuracy"]).loc[
        "accuracy"
    ]
    assert np.isnan(row["recall"]) and np.isnan(row["precision"])
    assert (row["low"], row["high"], row["pictures"]) == (0, 1, 0)


def test_brier_of_two_classes_and_of_more(answers, three):
    labels, chances = answers
    both = np.stack([1 - chances, chances], axis=1)
    wanted = metrics.brier_score_loss(labels, chances)
    assert measures.brier(labels, both) == pytest.approx(wanted)
    assert measures.calibration(labels, chances)[1] == pytest.approx(wanted)
    labels, scores = three
    hot = np.eye(3)[labels]
    assert measures.brier(labels, scores) == pytest.approx(
        np.mean([metrics.mean_squared_error(h, s) * 3 for h, s in zip(hot, scores)]) / 2
    )
    assert measures.brier(labels, hot) == 0
    assert measures.brier(labels, np.roll(hot, 1, axis=1)) == 1
    assert measures.brier(labels, np.full((300, 3), 1 / 3)) == pytest.approx(1 / 3)


def test_confusion_names_rows_and_columns():
    table = measures.confusion([0, 1, 1], [0, 0, 1], ["clean", "crack"])
    assert table.loc["crack", "clean"] == 1 and table.loc["clean", "crack"] == 0
    assert (table.index.name, table.columns.name) == ("is", "said")


def test_bootstrap_agrees_with_the_known_spread():
    right = np.arange(400) < 360
    low, high = measures.bootstrap(np.mean, right, rounds=4000)
    spread = 1.96 * np.sqrt(0.9 * 0.1 / 400)
    assert low == pytest.approx(0.9 - spread, abs=0.002)
    assert high == pytest.approx(0.9 + spread, abs=0.002)
    assert measures.bootstrap(np.mean, right) == measures.bootstrap(np.mean, right)


def test_pictures_of_one_group_widen_the_interval():
    right = np.repeat(np.arange(40) < 36, 10)
    alone = measures.bootstrap(np.mean, right)
    together = measures.bootstrap(np.mean, right, groups=np.repeat(np.arange(40), 10))
    assert np.diff(together) > 2.5 * np.diff(alone)


def test_wilson_by_hand():
    # Newcombe 1998, table I: 81 of 263
    low, high = measures.wilson(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert measures.wilson(50, 50)[0] == pytest.approx(0.9287, abs=1e-4)


def test_groups_of_one_are_the_sign_test():
    right = np.array([1] * 12 + [0] * 3 + [1] * 20, bool)
    other = np.array([0] * 12 + [1] * 3 + [1] * 20, bool)
    difference, low, high, p = measures.compare_by_group(right, other, np.arange(35))
    assert difference == pytest.approx(9 / 35) and low < difference < high
    assert p == pytest.approx(measures.mcnemar(right, other)[2], abs=0.01)


def test_pictures_of_one_wall_are_no_proof():
    # twelve tiles for the first, but all of one wall: that wall may be an odd one
    right = np.array([1] * 12 + [0] * 3 + [1] * 20, bool)
    other = np.array([0] * 12 + [1] * 3 + [1] * 20, bool)
    walls = np.array([0] * 12 + [1, 2, 3] + list(range(4, 24)))
    _, low, high, p = measures.compare_by_group(right, other, walls)
    assert p > 0.1 and low < 0 < high
    assert measures.mcnemar(right, other)[2] < 0.05


def test_equal_models_do_not_differ():
    right = np.array([1, 0, 1, 1], bool)
    assert measures.compare_by_group(right, right, [0, 0, 1, 1]) == (0, 0, 0, 1)


def test_mcnemar_counts_what_differs():
    first = np.r_[np.ones(20, bool), np.zeros(5, bool), np.ones(100, bool)]
    second = np.r_[np.zeros(20, bool), np.ones(5, bool), np.ones(100, bool)]
    only_first, only_second, p = measures.mcnemar(first, second)
    assert (only_first, only_second) == (20, 5)
    # the exact binomial, near the corrected chi-square of McNemar
    assert p == pytest.approx(0.0040773, abs=1e-6)
    assert p == pytest.approx(chi2.sf((20 - 5 - 1) ** 2 / 25, 1), abs=2e-3)
    assert measures.mcnemar(first, first) == (0, 0, 1.0)


def test_the_cheapest_threshold_weighs_the_errors(answers):
    labels, scores = answers
    for miss, alarm in ((1, 1), (10, 1), (1, 10)):
        costs = measures.threshold_costs(labels, scores, miss, alarm)
        threshold = measures.cheapest_threshold(costs)
        predicted = scores >= threshold
        spent = miss * np.sum(~predicted & (labels == 1)) + alarm * np.sum(
            predicted & (labels == 0)
        )
        assert spent / 400 == pytest.approx(costs["cost"].min())
    eager = measures.cheapest_threshold(measures.threshold_costs(labels, scores, 10, 1))
    shy = measures.cheapest_threshold(measures.threshold_costs(labels, scores, 1, 10))
    assert eager < 0.5 < shy


def test_of_equally_cheap_thresholds_the_middle_is_taken():
    labels, scores = [0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9]
    costs = measures.threshold_costs(labels, scores)
    assert measures.cheapest_threshold(costs) == 0.5


def test_the_longest_stretch_is_one_of_width_not_of_steps():
    cost = [5, 1, 1, 1, 5, 1, 1, 5]
    thresholds = [0, 0.1, 0.11, 0.12, 0.3, 0.5, 0.9, 1]
    costs = pd.DataFrame({"threshold": thresholds, "cost": cost})
    assert measures.cheapest_threshold(costs) == pytest.approx(0.7)


def test_costs_by_hand():
    costs = measures.threshold_costs([0, 1, 0, 1], [0.2, 0.4, 0.6, 0.8], 10, 3)
    assert costs["threshold"].tolist() == pytest.approx([0, 0.1, 0.3, 0.5, 0.7, 0.9, 1])
    assert costs["misses"].tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert costs["alarms"].tolist() == [2, 2, 1, 1, 0, 0, 0]
    assert costs["cost"].tolist() == [1.5, 1.5, 0.75, 3.25, 2.5, 5, 5]


def test_calibration_of_honest_and_of_boastful_probabilities():
    rng = np.random.default_rng(0)
    scores = rng.uniform(0, 1, 20_000)
    labels = (rng.uniform(0, 1, 20_000) < scores).astype(int)
    table, brier = measures.calibration(labels, scores)
    assert np.abs(table["said"] - table["true"]).max() < 0.03
    assert brier == pytest.approx(1 / 6, abs=0.01)
    boast, worse = measures.calibration(labels, (scores > 0.5).astype(float), 2)
    assert worse > brier and boast["true"].iloc[0] > 0.2
