import json
import warnings

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from helpers.sets.detection_sets import LABEL_MAP, ground_truth, predicted, random_set
from inspection.common.errors import DatasetError
from inspection.detection.evaluation import coco_metrics

MAP = "DetectionBoxes_Precision/mAP"


def test_perfect_detections_score_one_in_every_metric_that_has_objects():
    ground_truths = {"a": ground_truth((1, 0, 0, 20, 20), (2, 40, 40, 80, 80))}
    detections = {"a": predicted((1, 0.9, 0, 0, 20, 20), (2, 0.8, 40, 40, 80, 80))}
    metrics = coco_metrics.evaluate(ground_truths, detections, LABEL_MAP).metrics
    assert len(metrics) == 12
    assert metrics.pop(f"{MAP} (large)") == -1
    assert metrics.pop("DetectionBoxes_Recall/AR@100 (large)") == -1
    assert list(metrics.values()) == pytest.approx([1] * 10)


def test_average_precision_of_a_case_worked_by_hand():
    # by score: right, wrong, right, and one object of three never found. Precision is
    # 1 up to recall 1/3 (34 of 101 points), 2/3 up to recall 2/3 (33 points), then 0
    ground_truths = {
        "a": ground_truth((1, 0, 0, 10, 10), (1, 0, 20, 10, 30), (1, 0, 40, 10, 50))
    }
    boxes = [(1, 0.9, 0, 0, 10, 10), (1, 0.8, 60, 60, 70, 70), (1, 0.7, 0, 20, 10, 30)]
    result = coco_metrics.evaluate(ground_truths, {"a": predicted(*boxes)}, {"leak": 1})
    by_hand = (34 * 1 + 33 * 2 / 3) / 101
    assert result.metrics[f"{MAP}@.50IOU"] == pytest.approx(by_hand)
    assert result.metrics["DetectionBoxes_Recall/AR@100"] == pytest.approx(2 / 3)
    assert result.metrics["DetectionBoxes_Recall/AR@1"] == pytest.approx(1 / 3)


def test_a_box_counts_up_to_the_threshold_that_it_overlaps():
    # IoU is 72 / 100: right at .50, .55, .60, .65, .70, five of ten thresholds
    ground_truths = {"a": ground_truth((1, 0, 0, 10, 10))}
    detections = {"a": predicted((1, 0.9, 0, 0, 7.2, 10))}
    metrics = coco_metrics.evaluate(ground_truths, detections, LABEL_MAP).metrics
    assert metrics[MAP] == pytest.approx(0.5)
    assert metrics[f"{MAP}@.50IOU"] == pytest.approx(1)
    assert metrics[f"{MAP}@.75IOU"] == 0


@pytest.mark.parametrize("crowds", [False, True])
def test_metrics_equal_pycocotools_fed_from_its_own_files(tmp_path, crowds):
    ground_truths, detections = random_set(crowds=crowds)
    result = coco_metrics.evaluate(ground_truths, detections, LABEL_MAP)
    expected = _evaluate_with_files(tmp_path, ground_truths, detections)
    np.testing.assert_allclose(list(result.metrics.values()), expected.stats, atol=1e-9)
    assert 0.1 < result.metrics[MAP] < 0.9
    precision = expected.eval["precision"][:, :, :, 0, 2]
    np.testing.assert_allclose(result.per_class["AP"], precision.mean(axis=(0, 1)))
    np.testing.assert_allclose(result.per_class["AP50"], precision[0].mean(axis=0))
    np.testing.assert_allclose(result.per_size["AP"], expected.stats[3:6])
    np.testing.assert_allclose(result.per_size["AR"], expected.stats[9:12])


def _evaluate_with_files(folder, ground_truths, detections):
    """Run pycocotools as its own documentation does, through JSON files."""
    images, objects, boxes = [], [], []
    for image_id, (name, drawn) in enumerate(ground_truths.items(), start=1):
        images.append({"id": image_id})
        size = np.array([drawn.width, drawn.height] * 2)
        for box, class_id, crowd in zip(
            drawn.boxes, drawn.class_ids, drawn.crowd, strict=True
        ):
            entry = _coco_entry(image_id, box, class_id, size)
            entry |= {"id": len(objects) + 1, "iscrowd": int(crowd)}
            objects.append(entry)
        seen = detections[name]
        for box, score, class_id in zip(
            seen.boxes, seen.scores, seen.class_ids, strict=True
        ):
            entry = _coco_entry(image_id, box, class_id, size)
            boxes.append(entry | {"score": float(score)})
    categories = [{"id": i, "name": n} for n, i in LABEL_MAP.items()]
    data = {"images": images, "annotations": objects, "categories": categories}
    (folder / "truth.json").write_text(json.dumps(data))
    (folder / "found.json").write_text(json.dumps(boxes))
    coco = COCO(folder / "truth.json")
    evaluation = COCOeval(coco, coco.loadRes(str(folder / "found.json")), "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return evaluation


def _coco_entry(image_id, box, class_id, size):
    ymin, xmin, ymax, xmax = box
    x, y, right, bottom = np.array([xmin, ymin, xmax, ymax]) * size
    sides = [float(right - x), float(bottom - y)]
    return {
        "image_id": image_id,
        "category_id": int(class_id),
        "bbox": [float(x), float(y), *sides],
        "area": sides[0] * sides[1],
    }


def test_table_explains_minus_one():
    ground_truths = {"a": ground_truth((1, 0, 0, 20, 20))}
    detections = {"a": predicted((1, 0.9, 0, 0, 20, 20))}
    result = coco_metrics.evaluate(ground_truths, detections, LABEL_MAP)
    table = result.table()
    large = table.loc["Precision/mAP (large)"]
    assert (large["value"], large["meaning"]) == (
        -1,
        "-1: no objects above 96x96 pixels",
    )
    assert result.warnings == ()
    assert result.per_size["objects"].to_dict() == {"small": 1, "medium": 0, "large": 0}
    assert np.isnan(result.per_size["AP"]["large"])
    assert result.per_class["objects"].to_dict() == {"leak": 1, "puddle": 0, "crack": 0}
    assert np.isnan(result.per_class["AP"]["puddle"])


def test_nothing_detected_scores_zero_and_warns():
    ground_truths = {"a": ground_truth((1, 0, 0, 20, 20)), "b": ground_truth()}
    with pytest.warns(UserWarning, match="nothing was detected in 2 pictures"):
        result = coco_metrics.evaluate(ground_truths, {}, LABEL_MAP)
    assert result.metrics[MAP] == result.metrics["DetectionBoxes_Recall/AR@100"] == 0
    assert result.curves.empty


def test_class_ids_counted_from_zero_warn():
    ground_truths = {"a": ground_truth((1, 0, 0, 20, 20), (2, 40, 40, 80, 80))}
    detections = {"a": predicted((0, 0.9, 0, 0, 20, 20), (1, 0.8, 40, 40, 80, 80))}
    with pytest.warns(
        UserWarning, match=r"1 detection left out: class ids \[0\].*off by"
    ):
        result = coco_metrics.evaluate(ground_truths, detections, LABEL_MAP)
    assert result.metrics[MAP] == 0
    assert len(result.warnings) == 1


def test_detections_of_other_classes_than_drawn_warn():
    ground_truths = {"a": ground_truth((1, 0, 0, 20, 20))}
    detections = {"a": predicted((2, 0.9, 0, 0, 20, 20))}
    with pytest.warns(UserWarning, match=r"drawn are \[1\], detected \[2\]"):
        assert (
            coco_metrics.evaluate(ground_truths, detections, LABEL_MAP).metrics[MAP]
            == 0
        )


def test_curves_are_pycocotools_precision_at_half_overlap():
    ground_truths = {"a": ground_truth((1, 0, 0, 10, 10), (1, 0, 20, 10, 30))}
    boxes = predicted((1, 0.9, 0, 0, 10, 10), (1, 0.8, 60, 60, 70, 70))
    curve = coco_metrics.evaluate(ground_truths, {"a": boxes}, {"leak": 1}).curves
    assert set(curve["class"]) == {"leak"}
    assert curve["recall"].max() == pytest.approx(0.5)  # half the objects are found
    assert curve["precision"].min() == pytest.approx(1)
    assert set(curve["score"]) == {0.9}


def test_pictures_without_ground_truth_are_refused_by_name():
    ground_truths = {"a": ground_truth((1, 0, 0, 20, 20))}
    detections = {"b": predicted(), "c": predicted()}
    with pytest.raises(DatasetError, match="2 pictures with detections, not") as caught:
        coco_metrics.evaluate(ground_truths, detections, LABEL_MAP)
    assert caught.value.faults == ["b", "c"]


def test_ground_truth_without_objects_is_refused():
    with pytest.raises(
        DatasetError, match="no object in the ground truth of 1 picture:"
    ):
        coco_metrics.evaluate({"a": ground_truth()}, {"a": predicted()}, LABEL_MAP)


def test_ground_truth_of_another_label_map_is_refused():
    ground_truths = {"a": ground_truth((7, 0, 0, 20, 20))}
    with pytest.raises(DatasetError, match=r"class ids \[7\].*only \[1, 2, 3\]"):
        coco_metrics.evaluate(ground_truths, {}, LABEL_MAP)


def test_nothing_is_printed_or_warned_in_an_ordinary_evaluation(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        coco_metrics.evaluate(*random_set(5), LABEL_MAP)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("height, ap75", [(72, 0), (78, 1)])
def test_ap75_asks_for_an_overlap_of_three_quarters(height, ap75):
    truths = {"a": ground_truth((1, 0, 0, 100, 50))}
    found = {"a": predicted((1, 0.9, 0, 0, height, 50))}  # IoU is height / 100
    row = coco_metrics.evaluate(truths, found, LABEL_MAP).per_class.loc["leak"]
    assert row[["AP50", "AP75"]].tolist() == pytest.approx([1, ap75])
    # right at IoU .50, .55, .60, .65, .70, and .75 where it is high enough
    assert row["AP"] == pytest.approx((5 + ap75) / 10)
