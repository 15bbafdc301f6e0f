"""Find a detector's mistakes, say of what kind each is, and bring the worst to the top.

The kinds follow TIDE (Bolya et al., ECCV 2020), with its two overlaps: from an IoU of
.5 on a box is right, below .1 it has nothing to do with an object.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inspection.common.box_overlap import box_iou
from inspection.common.detections import NO_DETECTIONS, class_names_by_id
from inspection.detection.evaluation.matching import (
    check_inputs,
    known_classes,
    match_greedily,
    without_crowds,
)

MISSED = "missed"
FALSE_ALARM = "false alarm"
WRONG_CLASS = "wrong class"
POOR_BOX = "poor box"
DUPLICATE = "duplicate"
KINDS = {
    MISSED: "an object without a detection above the score threshold",
    FALSE_ALARM: "a detection where no such object is",
    WRONG_CLASS: "an object found, and taken for another class",
    POOR_BOX: "an object found, with a box that overlaps it by less than half",
    DUPLICATE: "one more detection of an object already found",
}
RIGHT_IOU = 0.5
TOUCHING_IOU = 0.1


@dataclass(frozen=True, eq=False)
class Mistake:
    """Hold one mistake: what was detected, what is there, and how far they overlap.

    box, class_id, score: of the detection; for a missed object those of the best
    detection left out for its low score, or None.
    true_box, true_class_id: of the object; None for a false alarm.
    weight: what mistakes of one kind are sorted by: the score, or the missed object's
    share of the picture.
    """

    kind: str
    image: str
    weight: float
    box: np.ndarray | None = None
    class_id: int | None = None
    score: float | None = None
    true_box: np.ndarray | None = None
    true_class_id: int | None = None
    iou: float = 0.0


def find_mistakes(ground_truths, detections, label_map, min_score=0.5) -> list[Mistake]:
    """Return every mistake of the detections from a score on, the worst first.

    truths and detections as for coco_metrics.evaluate. Within a kind the worst are the
    largest missed objects and the detections with the highest scores.
    """
    check_inputs(ground_truths, detections, label_map)
    mistakes = []
    for image, ground_truth in ground_truths.items():
        predicted = known_classes(
            detections.get(image, NO_DETECTIONS), label_map
        ).best_first()
        ground_truth, predicted = without_crowds(ground_truth, predicted)
        mistakes += _mistakes_in(image, ground_truth, predicted, min_score)
    order = list(KINDS)
    return sorted(mistakes, key=lambda m: (order.index(m.kind), -m.weight))


def count_mistakes(mistakes, label_map) -> pd.DataFrame:
    """Count mistakes by class (rows: of the object, else of the detection) and kind."""
    names = class_names_by_id(label_map)
    counts = pd.DataFrame(
        0, pd.Index([*label_map], name="class"), pd.Index([*KINDS], name="mistake")
    )
    for mistake in mistakes:
        class_id = mistake.true_class_id or mistake.class_id
        counts.loc[names[class_id], mistake.kind] += 1
    counts.loc["all"] = counts.sum()
    return counts


def mistake_caption(mistake, label_map) -> str:
    """Say in a few words what went wrong."""
    names = class_names_by_id(label_map)
    true_name = names.get(mistake.true_class_id)
    if mistake.kind == MISSED:
        if mistake.score is None:
            return f"{true_name}: nothing detected"
        return f"{true_name}: best score {mistake.score:.2f}"
    name = f"{names[mistake.class_id]} {mistake.score:.2f}"
    return {
        FALSE_ALARM: f"{name}: no such object",
        WRONG_CLASS: f"{name}: drawn as {true_name}",
        POOR_BOX: f"{name}: overlap {mistake.iou:.2f}",
        DUPLICATE: f"{name}: found already",
    }[mistake.kind]


def _mistakes_in(image, ground_truth, predicted, min_score):
    """Return the mistakes in one picture; `found` is sorted by score."""
    kept = predicted.scores >= min_score
    shown, faint = predicted[kept], predicted[~kept]
    iou = box_iou(shown.boxes, ground_truth.boxes)
    same = shown.class_ids[:, None] == ground_truth.class_ids[None]
    matches = match_greedily(iou, same, RIGHT_IOU)
    mistakes, covered = [], set(matches.tolist())
    for i in np.flatnonzero(matches < 0):
        kind, g = _classify(iou[i], same[i])
        covered.add(g)
        mistakes.append(_wrong_detection(image, kind, shown, i, ground_truth, g, iou))
    for g in sorted(set(range(len(ground_truth.boxes))) - covered):
        mistakes.append(_missed_object(image, ground_truth, g, faint))
    return mistakes


def _classify(iou, same):
    """Return the kind of a wrong detection and the object it concerns, -1 for none."""
    own, other = np.where(same, iou, 0), np.where(same, 0, iou)
    if own.max(initial=0) >= RIGHT_IOU:
        return DUPLICATE, int(own.argmax())
    if other.max(initial=0) >= RIGHT_IOU:
        return WRONG_CLASS, int(other.argmax())
    if own.max(initial=0) >= TOUCHING_IOU:
        return POOR_BOX, int(own.argmax())
    return FALSE_ALARM, -1


def _wrong_detection(image, kind, predicted, i, ground_truth, g, iou):
    there = {}
    if g >= 0:
        there = {
            "true_box": ground_truth.boxes[g],
            "true_class_id": int(ground_truth.class_ids[g]),
        }
        there["iou"] = float(iou[i, g])
    score = float(predicted.scores[i])
    return Mistake(
        kind,
        image,
        score,
        predicted.boxes[i],
        int(predicted.class_ids[i]),
        score,
        **there,
    )


def _missed_object(image, ground_truth, g, faint):
    box = ground_truth.boxes[g]
    size = float(np.prod(box[2:] - box[:2]))
    there = {"true_box": box, "true_class_id": int(ground_truth.class_ids[g])}
    own = faint[faint.class_ids == ground_truth.class_ids[g]]
    near = own[box_iou(own.boxes, box[None])[:, 0] >= RIGHT_IOU]
    if not len(near):
        return Mistake(MISSED, image, size, **there)
    best = near[:1]  # sorted by score
    iou = float(box_iou(best.boxes, box[None])[0, 0])
    guess = {"box": best.boxes[0], "class_id": int(best.class_ids[0])}
    return Mistake(
        MISSED, image, size, score=float(best.scores[0]), iou=iou, **guess, **there
    )
