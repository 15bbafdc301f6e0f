import numpy as np
import pytest

from helpers.sets.detection_sets import LABEL_MAP, ground_truth, predicted, random_set
from inspection.detection.evaluation import coco_metrics, confusion, matching

# a leak found, a puddle taken for a leak, a puddle missed, a crack seen where none is,
# and a leak found twice
GROUND_TRUTHS = {
    "a": ground_truth((1, 0, 0, 20, 20), (2, 40, 40, 60, 60), (2, 80, 80, 99, 99)),
    "b": ground_truth((1, 0, 0, 20, 20)),
    "c": ground_truth(),
}
DETECTIONS = {
    "a": predicted(
        (1, 0.9, 0, 0, 20, 20), (1, 0.8, 40, 40, 60, 60), (3, 0.7, 0, 70, 20, 90)
    ),
    "b": predicted(
        (1, 0.9, 0, 0, 20, 20), (1, 0.6, 1, 1, 20, 20), (2, 0.2, 0, 0, 20, 20)
    ),
}


def test_matrix_of_a_case_counted_by_hand():
    matrix = confusion.confusion_matrix(
        GROUND_TRUTHS, DETECTIONS, LABEL_MAP, min_score=0.5
    )
    assert matrix.index.tolist() == ["leak", "puddle", "crack", "background"]
    assert matrix.to_numpy().tolist() == [
        [2, 0, 0, 0],
        [1, 0, 0, 1],
        [0, 0, 0, 0],
        [1, 0, 1, 0],
    ]


def test_a_higher_threshold_turns_duplicates_away_and_misses_more():
    matrix = confusion.confusion_matrix(
        GROUND_TRUTHS, DETECTIONS, LABEL_MAP, min_score=0.85
    )
    assert matrix.loc["leak", "leak"] == 2
    assert matrix.loc["background"].sum() == 0
    assert matrix.loc["puddle", "background"] == 2


def test_an_object_goes_to_its_own_class_before_a_better_box_of_another():
    ground_truths = {"a": ground_truth((1, 0, 0, 20, 20))}
    boxes = predicted((2, 0.9, 0, 0, 20, 20), (1, 0.6, 0, 0, 18, 18))
    matrix = confusion.confusion_matrix(ground_truths, {"a": boxes}, LABEL_MAP)
    assert matrix.loc["leak", "leak"] == 1
    assert matrix.loc["background", "puddle"] == 1


def test_detections_on_a_crowd_count_neither_way():
    ground_truths = {
        "a": ground_truth((1, 0, 0, 20, 20), (1, 40, 0, 99, 99), crowd=[False, True])
    }
    boxes = [(1, 0.9, 0, 0, 20, 20), (1, 0.8, 50, 0, 70, 20), (2, 0.8, 70, 50, 90, 70)]
    matrix = confusion.confusion_matrix(
        ground_truths, {"a": predicted(*boxes)}, LABEL_MAP
    )
    assert matrix.to_numpy().sum() == matrix.loc["leak", "leak"] == 1


def test_class_scores_follow_from_the_matrix():
    matrix = confusion.confusion_matrix(GROUND_TRUTHS, DETECTIONS, LABEL_MAP)
    scores = confusion.class_scores(matrix)
    assert scores.loc["leak", ["objects", "detections", "right"]].tolist() == [2, 4, 2]
    assert scores.loc["leak", "precision"] == 0.5
    assert scores.loc["leak", "F1"] == pytest.approx(2 / 3)
    assert scores.loc["puddle", "recall"] == 0
    assert np.isnan(scores.loc["puddle", "precision"])
    assert np.isnan(scores.loc["crack", "recall"])
    assert scores.loc["all", "recall"] == pytest.approx(2 / 4)


def test_curve_agrees_with_the_matrix_at_each_threshold():
    ground_truths, detections = random_set(crowds=True)
    curve = confusion.threshold_curve(ground_truths, detections, LABEL_MAP)
    for threshold in (0.11, 0.5, 0.87):
        matrix = confusion.confusion_matrix(
            ground_truths, detections, LABEL_MAP, threshold
        )
        scores = confusion.class_scores(matrix)
        for name in scores.index:
            of_class = curve[curve["class"] == name]
            row = of_class[of_class["threshold"] >= threshold].iloc[-1]
            for column in ("precision", "recall", "F1"):
                assert row[column] == pytest.approx(scores.loc[name, column])


def test_curve_reaches_the_recall_that_pycocotools_finds():
    ground_truths, detections = random_set()
    curve = confusion.threshold_curve(ground_truths, detections, LABEL_MAP)
    result = coco_metrics.evaluate(ground_truths, detections, LABEL_MAP)
    for name, part in result.curves.groupby("class"):
        reached = curve[curve["class"] == name]["recall"].max()
        assert 0 <= reached - part["recall"].max() < 0.01


def test_best_threshold_lies_halfway_below_the_score_of_the_highest_f1():
    ground_truths = {"a": ground_truth((1, 0, 0, 20, 20), (1, 40, 40, 60, 60))}
    boxes = [(1, 0.9, 0, 0, 20, 20), (1, 0.8, 40, 40, 60, 60), (1, 0.3, 70, 0, 90, 20)]
    curve = confusion.threshold_curve(
        ground_truths, {"a": predicted(*boxes)}, LABEL_MAP
    )
    assert confusion.best_threshold(curve) == pytest.approx(0.55)
    assert confusion.best_threshold(curve, "leak") == pytest.approx(0.55)
    with pytest.raises(ValueError, match="no detection of crack is right"):
        confusion.best_threshold(curve, "crack")


def test_best_threshold_has_the_highest_f1_of_all():
    ground_truths, detections = random_set(seed=3)
    curve = confusion.threshold_curve(ground_truths, detections, LABEL_MAP)
    best = confusion.best_threshold(curve)
    f1 = {}
    for threshold in [best, *np.linspace(0, 1, 41)]:
        matrix = confusion.confusion_matrix(
            ground_truths, detections, LABEL_MAP, threshold
        )
        f1[threshold] = confusion.class_scores(matrix).loc["all", "F1"]
    assert f1[best] == max(f1.values())
    assert 0.1 < f1[best] < 1


@pytest.mark.parametrize("overlap, wanted", [(0.5, [0]), (0.499, [-1])])
def test_an_overlap_of_the_threshold_itself_is_enough(overlap, wanted):
    allowed = np.ones((1, 2), bool)
    matches = matching.match_greedily(np.array([[overlap, 0.4]]), allowed)
    assert matches.tolist() == wanted


def test_a_detection_of_an_object_inside_a_crowd_counts():
    drawn = ground_truth((1, 0, 0, 50, 50), (1, 10, 10, 20, 20), crowd=[True, False])
    boxes = predicted((1, 0.9, 10, 10, 20, 20), (1, 0.8, 30, 30, 40, 40))
    single, kept = matching.without_crowds(drawn, boxes)
    assert len(single.boxes) == 1
    assert kept.scores.tolist() == [0.9]


def test_of_equal_scores_all_are_kept_at_their_threshold():
    truths = {"a": ground_truth((1, 0, 0, 20, 20), (1, 40, 40, 60, 60))}
    boxes = predicted((1, 0.8, 0, 0, 20, 20), (1, 0.8, 40, 40, 60, 60))
    curve = confusion.threshold_curve(truths, {"a": boxes}, LABEL_MAP)
    assert curve[curve["class"] == "leak"]["recall"].tolist() == [1.0]
