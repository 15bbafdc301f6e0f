"""Which detection belongs to which object, and what counts in an evaluation."""

import numpy as np

from inspection.common.box_overlap import box_areas, box_intersections, box_iou
from inspection.common.detections import GroundTruth
from inspection.common.errors import DatasetError
from inspection.common.text import plural


def match_greedily(iou, allowed, min_iou=0.5) -> np.ndarray:
    """Give each detection the free object it overlaps most, in the order of the rows.

    iou, allowed: [detections, objects]; only allowed pairs are matched, each object
    once. Returns [detections]: the index of the object, or -1.
    """
    matches = np.full(len(iou), -1)
    iou = np.where(allowed, iou, -1.0)
    for i in np.flatnonzero((iou >= min_iou).any(axis=1)):
        best = iou[i].argmax()
        if iou[i, best] >= min_iou:
            matches[i] = best
            iou[:, best] = -1.0
    return matches


def without_crowds(ground_truth, predicted, min_share=0.5):
    """Return the objects that are no crowd, and the detections that lie on none."""
    if not ground_truth.crowd.any():
        return ground_truth, predicted
    crowds = ground_truth.boxes[ground_truth.crowd]
    share = box_intersections(predicted.boxes, crowds) / np.maximum(
        box_areas(predicted.boxes)[:, None], 1e-12
    )
    single = ~ground_truth.crowd
    rest = GroundTruth(
        boxes=ground_truth.boxes[single],
        class_ids=ground_truth.class_ids[single],
        width=ground_truth.width,
        height=ground_truth.height,
    )
    on_single = box_iou(predicted.boxes, rest.boxes).max(axis=1, initial=0) >= min_share
    return rest, predicted[(share.max(axis=1) < min_share) | on_single]


def known_classes(predicted, label_map):
    """Return the detections whose class is in the label map."""
    return predicted[np.isin(predicted.class_ids, list(label_map.values()))]


def check_inputs(ground_truths, detections, label_map):
    """Refuse what cannot be evaluated: raise DatasetError, naming pictures or ids."""
    unknown = sorted(map(str, set(detections) - set(ground_truths)))
    if unknown:
        raise DatasetError(
            f"{plural(len(unknown), 'picture')} with detections, "
            "not in the ground truth:",
            faults=unknown,
        )
    if not sum((~ground_truth.crowd).sum() for ground_truth in ground_truths.values()):
        raise DatasetError(
            f"no object in the ground truth of {plural(len(ground_truths), 'picture')}: "
            "nothing to measure"
        )
    ids = np.concatenate(
        [ground_truth.class_ids for ground_truth in ground_truths.values()]
    )
    known = sorted(label_map.values())
    unknown = sorted(set(ids.tolist()) - set(known))
    if unknown:
        raise DatasetError(
            f"the ground truth has class ids {unknown}, the label map only {known}: "
            "these records were written with another label map"
        )
