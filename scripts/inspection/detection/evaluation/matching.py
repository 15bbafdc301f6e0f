"""Which detection belongs to which object, and what counts in an evaluation."""

import numpy as np

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.detection.results import (
    GroundTruth,
    box_areas,
    box_intersections,
    box_iou,
)


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


def without_crowds(truth, found, min_share=0.5):
    """Return the objects that are no crowd, and the detections that lie on none."""
    if not truth.crowd.any():
        return truth, found
    crowds = truth.boxes[truth.crowd]
    share = box_intersections(found.boxes, crowds) / np.maximum(
        box_areas(found.boxes)[:, None], 1e-12
    )
    single = ~truth.crowd
    rest = GroundTruth(
        truth.boxes[single], truth.classes[single], truth.width, truth.height
    )
    on_single = box_iou(found.boxes, rest.boxes).max(axis=1, initial=0) >= min_share
    return rest, found[(share.max(axis=1) < min_share) | on_single]


def known_classes(found, label_map):
    """Return the detections whose class is in the label map."""
    return found[np.isin(found.classes, list(label_map.values()))]


def check_inputs(truths, detections, label_map):
    """Refuse what cannot be evaluated: raise DatasetError, naming pictures or ids."""
    unknown = sorted(map(str, set(detections) - set(truths)))
    if unknown:
        raise DatasetError(
            f"{plural(len(unknown), 'picture')} with detections, "
            "not in the ground truth:",
            faults=unknown,
        )
    if not sum((~truth.crowd).sum() for truth in truths.values()):
        raise DatasetError(
            f"no object in the ground truth of {plural(len(truths), 'picture')}: "
            "nothing to measure"
        )
    ids = np.concatenate([truth.classes for truth in truths.values()])
    known = sorted(label_map.values())
    unknown = sorted(set(ids.tolist()) - set(known))
    if unknown:
        raise DatasetError(
            f"the ground truth has class ids {unknown}, the label map only {known}: "
            "these records were written with another label map"
        )
