"""COCO detection metrics, under the names that the Object Detection API gave them.

The figures are pycocotools': average precision over IoU .50 to .95, by class, by size
of the objects (in pixels of the picture as annotated), and average recall.
"""

import contextlib
import io
import warnings
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from inspection.common.detections import NO_DETECTIONS, class_names_by_id
from inspection.common.text import plural
from inspection.detection.evaluation.matching import check_inputs, known_classes

# in the order of COCOeval.stats; the meaning of each for a reader's table
METRICS = {
    "DetectionBoxes_Precision/mAP": "mean over classes and IoU .50 to .95",
    "DetectionBoxes_Precision/mAP@.50IOU": "half overlap is enough",
    "DetectionBoxes_Precision/mAP@.75IOU": "boxes must fit well",
    "DetectionBoxes_Precision/mAP (small)": "objects below 32x32 pixels",
    "DetectionBoxes_Precision/mAP (medium)": "objects of 32x32 to 96x96 pixels",
    "DetectionBoxes_Precision/mAP (large)": "objects above 96x96 pixels",
    "DetectionBoxes_Recall/AR@1": "share found by the best detection of a picture",
    "DetectionBoxes_Recall/AR@10": "share found by the best 10",
    "DetectionBoxes_Recall/AR@100": "share found by the best 100",
    "DetectionBoxes_Recall/AR@100 (small)": "objects below 32x32 pixels",
    "DetectionBoxes_Recall/AR@100 (medium)": "objects of 32x32 to 96x96 pixels",
    "DetectionBoxes_Recall/AR@100 (large)": "objects above 96x96 pixels",
}
SIZES = {"small": (0, 32**2), "medium": (32**2, 96**2), "large": (96**2, 1e10)}


@dataclass(frozen=True, eq=False)
class CocoResult:
    """Hold the metrics of one evaluation.

    metrics: the API's twelve names and values; -1 where there is nothing to measure.
    per_class: class -> objects, AP, AP50, AP75, AR; NaN for a class without objects.
    per_size: small, medium, large -> objects, AP, AR; NaN for a size without objects.
    curves: class, recall, precision, score at IoU .5, as far as recall reaches.
    warnings: what is suspicious about the input, a sentence each.
    """

    metrics: dict[str, float]
    per_class: pd.DataFrame
    per_size: pd.DataFrame
    curves: pd.DataFrame
    warnings: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """Return the twelve metrics with the meaning of each, and of each -1."""
        rows = {}
        for name, value in self.metrics.items():
            meaning = METRICS[name] if value >= 0 else f"-1: no {METRICS[name]}"
            rows[name.removeprefix("DetectionBoxes_")] = (value, meaning)
        return pd.DataFrame.from_dict(rows, "index", columns=["value", "meaning"])


def evaluate(ground_truths, detections, label_map) -> CocoResult:
    """Compare detections with ground truth.

    truths: {picture: GroundTruth}. detections: {picture: Detections}; a picture without
    an entry has none. label_map: {class name: id}.

    Raises DatasetError for detections of unknown pictures and for ground truth without
    objects or with ids that the label map lacks. Warns of what makes a metric 0 for no
    good reason: nothing detected, class ids off by one.
    """
    check_inputs(ground_truths, detections, label_map)
    predicted = [detections.get(image, NO_DETECTIONS) for image in ground_truths]
    ground_truths = list(ground_truths.values())
    suspicions = tuple(_find_suspicions(ground_truths, predicted, label_map))
    for sentence in suspicions:
        warnings.warn(sentence, stacklevel=2)
    evaluation = _run_pycocotools(ground_truths, predicted, label_map)
    return CocoResult(
        dict(zip(METRICS, evaluation.stats.tolist(), strict=True)),
        _per_class(evaluation, ground_truths, label_map),
        _per_size(evaluation, ground_truths),
        _curves(evaluation, label_map),
        suspicions,
    )


def _find_suspicions(ground_truths, predicted, label_map):
    detected = Counter(i for d in predicted for i in d.class_ids.tolist())
    if not detected:
        images = plural(len(ground_truths), "picture")
        yield f"nothing was detected in {images}: every metric is 0"
        return
    known = sorted(label_map.values())
    unknown = sorted(set(detected) - set(known))
    if unknown:
        count = plural(sum(detected[i] for i in unknown), "detection")
        yield (
            f"{count} left out: class ids {unknown} are not in the label map {known}. "
            "Are they off by one? A network counts classes from 0, a label map from 1"
        )
    drawn = {
        i for ground_truth in ground_truths for i in ground_truth.class_ids.tolist()
    }
    if not drawn & set(detected):
        yield (
            f"no detection has a class of the ground truth: drawn are {sorted(drawn)}, "
            f"detected {sorted(detected)}. Are the class ids off by one?"
        )


def _run_pycocotools(ground_truths, predicted, label_map):
    images = [{"id": i} for i in range(1, len(ground_truths) + 1)]
    categories = [{"id": i, "name": name} for name, i in label_map.items()]
    objects, boxes = [], []
    for image, ground_truth, seen in zip(images, ground_truths, predicted, strict=True):
        keep = known_classes(seen, label_map)
        size = (ground_truth.width, ground_truth.height)
        objects += _coco_boxes(
            image["id"], ground_truth, size, iscrowd=ground_truth.crowd
        )
        boxes += _coco_boxes(image["id"], keep, size, score=keep.scores)
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints as it goes
        evaluation = COCOeval(
            _coco_set(images, categories, objects),
            _coco_set(images, categories, boxes),
            "bbox",
        )
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def _coco_boxes(image_id, record, size, **columns):
    corners = record.boxes[:, [1, 0, 3, 2]] * (size * 2)
    sides = corners[:, 2:] - corners[:, :2]
    rows = {
        "category_id": record.class_ids.tolist(),
        "bbox": np.hstack([corners[:, :2], sides]).tolist(),
        "area": sides.prod(axis=1).tolist(),
        "iscrowd": [0] * len(sides),
        **{name: values.tolist() for name, values in columns.items()},
    }
    return [
        {"image_id": image_id, **dict(zip(rows, row, strict=True))}
        for row in zip(*rows.values(), strict=True)
    ]


def _coco_set(images, categories, boxes):
    for number, box in enumerate(boxes, start=1):
        box["id"] = number
    coco = COCO()
    coco.dataset = {"images": images, "categories": categories, "annotations": boxes}
    coco.createIndex()
    return coco


def _mean(values):
    """Return the mean of what was measured (pycocotools marks the rest with -1)."""
    measured = values[values > -1]
    return measured.mean() if len(measured) else np.nan


def _per_class(evaluation, ground_truths, label_map):
    # precision is [IoU, recall, class, size, most detections], recall the same less one
    precision = evaluation.eval["precision"][..., 0, -1]
    recall = evaluation.eval["recall"][..., 0, -1]
    drawn = Counter(i for t in ground_truths for i in t.class_ids[~t.crowd].tolist())
    names = class_names_by_id(label_map)
    rows = {
        names[class_id]: {
            "objects": drawn[class_id],
            "AP": _mean(precision[:, :, k]),
            "AP50": _mean(precision[0, :, k]),
            "AP75": _mean(precision[5, :, k]),
            "AR": _mean(recall[:, k]),
        }
        for k, class_id in enumerate(evaluation.params.catIds)
    }
    return pd.DataFrame.from_dict(rows, "index").rename_axis("class")


def _per_size(evaluation, ground_truths):
    areas = np.concatenate(
        [
            ground_truth.pixel_areas[~ground_truth.crowd]
            for ground_truth in ground_truths
        ]
    )
    rows = {}
    for a, (size, (smallest, largest)) in enumerate(SIZES.items(), start=1):
        rows[size] = {
            "objects": int(((areas >= smallest) & (areas <= largest)).sum()),
            "AP": _mean(evaluation.eval["precision"][..., a, -1]),
            "AR": _mean(evaluation.eval["recall"][..., a, -1]),
        }
    return pd.DataFrame.from_dict(rows, "index").rename_axis("size")


def _curves(evaluation, label_map):
    names = class_names_by_id(label_map)
    parts = []
    for k, class_id in enumerate(evaluation.params.catIds):
        precision = evaluation.eval["precision"][0, :, k, 0, -1]
        reached = precision > 0
        parts.append(
            pd.DataFrame(
                {
                    "class": names[class_id],
                    "recall": evaluation.params.recThrs[reached],
                    "precision": precision[reached],
                    "score": evaluation.eval["scores"][0, reached, k, 0, -1],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
