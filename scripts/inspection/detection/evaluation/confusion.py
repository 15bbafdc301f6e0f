"""What a detector takes for what, at one score threshold, and where to set it.

A detection and an object belong together from an overlap (IoU) of one half on. Pairs
of the same class are joined first, the rest across classes; each object is used once.
"""

import numpy as np
import pandas as pd

from inspection.common.box_overlap import box_iou
from inspection.common.detections import NO_DETECTIONS
from inspection.detection.evaluation.matching import (
    check_inputs,
    known_classes,
    match_greedily,
    without_crowds,
)

BACKGROUND = "background"


def confusion_matrix(
    ground_truths, detections, label_map, min_score=0.5, min_iou=0.5
) -> pd.DataFrame:
    """Count what was drawn (rows) by what was detected (columns).

    The last row counts detections where nothing was drawn, the last column objects
    that were not found. truths and detections as for coco_metrics.evaluate.
    """
    check_inputs(ground_truths, detections, label_map)
    row = {class_id: k for k, class_id in enumerate(label_map.values())}
    nothing = len(row)
    counts = np.zeros((nothing + 1, nothing + 1), int)
    for image, ground_truth in ground_truths.items():
        predicted = detections.get(image, NO_DETECTIONS).best_first(min_score)
        ground_truth, predicted = without_crowds(
            ground_truth, known_classes(predicted, label_map)
        )
        matches = match_classes_first(ground_truth, predicted, min_iou)
        for class_id, match in zip(predicted.class_ids, matches, strict=True):
            drawn = nothing if match < 0 else row[ground_truth.class_ids[match]]
            counts[drawn, row[class_id]] += 1
        for missed in set(range(len(ground_truth.boxes))) - set(matches):
            counts[row[ground_truth.class_ids[missed]], nothing] += 1
    names = [*label_map, BACKGROUND]
    return pd.DataFrame(
        counts, pd.Index(names, name="drawn"), pd.Index(names, name="detected")
    )


def match_classes_first(ground_truth, predicted, min_iou=0.5) -> np.ndarray:
    """Return the object of each detection or -1; `found` is sorted by score."""
    iou = box_iou(predicted.boxes, ground_truth.boxes)
    same = predicted.class_ids[:, None] == ground_truth.class_ids[None]
    matches = match_greedily(iou, same, min_iou)
    free = np.ones(same.shape, bool)
    free[matches >= 0] = False
    free[:, matches[matches >= 0]] = False
    across = match_greedily(iou, free, min_iou)
    return np.where(matches >= 0, matches, across)


def class_scores(matrix) -> pd.DataFrame:
    """Return precision, recall and F1 of each class and of all from such a matrix.

    NaN stands for what cannot be said: precision without detections, recall without
    objects.
    """
    counts = matrix.to_numpy()
    right = np.diag(counts)[:-1]
    predicted, drawn = counts.sum(axis=0)[:-1], counts.sum(axis=1)[:-1]
    totals = np.array([right, predicted, drawn])
    totals = np.hstack([totals, totals.sum(axis=1, keepdims=True)]).astype(float)
    precision, recall, f1 = _precision_recall_f1(*totals)
    columns = {
        "objects": totals[2].astype(int),
        "detections": totals[1].astype(int),
        "right": totals[0].astype(int),
        "precision": precision,
        "recall": recall,
        "F1": f1,
    }
    names = [*matrix.index[:-1], "all"]
    return pd.DataFrame(columns, pd.Index(names, name="class"))


def threshold_curve(ground_truths, detections, label_map, min_iou=0.5) -> pd.DataFrame:
    """Return precision, recall and F1 at every score threshold, by class and for all.

    One row for each score that occurs: detections from that score on are kept.
    """
    check_inputs(ground_truths, detections, label_map)
    predicted, drawn = _scored_matches(ground_truths, detections, label_map, min_iou)
    parts = [_curve_of("all", predicted, len(drawn))]
    for name, class_id in label_map.items():
        of_class = predicted[predicted["class_id"] == class_id]
        parts.append(_curve_of(name, of_class, int((drawn == class_id).sum())))
    return pd.concat(parts, ignore_index=True)


def best_threshold(curve, class_name="all") -> float:
    """Return the score threshold with the highest F1, halfway to the next score below.

    Choose it on validation pictures: on the test set it would flatter the result.
    """
    curve = curve[curve["class"] == class_name].reset_index(drop=True)
    if curve.empty or not curve["F1"].max() > 0:
        raise ValueError(f"no detection of {class_name} is right at any threshold")
    best = curve["F1"].idxmax()
    below = curve["threshold"].get(best + 1, 0.0)
    return float((curve["threshold"][best] + below) / 2)


def _scored_matches(ground_truths, detections, label_map, min_iou):
    """Return score, class and rightness of each detection, and the objects' classes."""
    parts, drawn = [], []
    for image, ground_truth in ground_truths.items():
        predicted = detections.get(image, NO_DETECTIONS).best_first()
        ground_truth, predicted = without_crowds(
            ground_truth, known_classes(predicted, label_map)
        )
        same = predicted.class_ids[:, None] == ground_truth.class_ids[None]
        matches = match_greedily(
            box_iou(predicted.boxes, ground_truth.boxes), same, min_iou
        )
        parts.append([predicted.scores, predicted.class_ids, matches >= 0])
        drawn.append(ground_truth.class_ids)
    columns = map(np.concatenate, zip(*parts, strict=True))
    table = dict(zip(["score", "class_id", "right"], columns, strict=True))
    return pd.DataFrame(table), np.concatenate(drawn)


def _curve_of(name, predicted, objects):
    predicted = predicted.sort_values("score", ascending=False, kind="stable")
    right = predicted["right"].cumsum().to_numpy()
    kept = np.arange(1, len(predicted) + 1)
    precision, recall, f1 = _precision_recall_f1(right, kept, objects)
    columns = {"threshold": predicted["score"].to_numpy(), "precision": precision}
    columns |= {"recall": recall, "F1": f1, "class": name}
    # of equal scores only the last row is a threshold: it keeps them all
    return pd.DataFrame(columns).drop_duplicates("threshold", keep="last")


def _precision_recall_f1(right, predicted, drawn):
    with np.errstate(invalid="ignore"):
        return right / predicted, right / drawn, 2 * right / (predicted + drawn)
