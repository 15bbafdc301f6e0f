"""Ground truth and detections for tests of the evaluation."""

import numpy as np

from inspection.common.detections import Detections, GroundTruth

LABEL_MAP = {"leak": 1, "puddle": 2, "crack": 3}


def ground_truth(*rows, size=(100, 100), crowd=None):
    """Return ground truth of rows (class, ymin, xmin, ymax, xmax) in pixels."""
    width, height = size
    boxes = np.array([row[1:] for row in rows], float).reshape(-1, 4)
    boxes = boxes / [height, width, height, width]
    return GroundTruth(
        boxes=boxes,
        class_ids=[row[0] for row in rows],
        width=width,
        height=height,
        crowd=crowd,
    )


def predicted(*rows, size=(100, 100)):
    """Return detections of rows (class, score, ymin, xmin, ymax, xmax) in pixels."""
    width, height = size
    boxes = np.array([row[2:] for row in rows], float).reshape(-1, 4)
    boxes = boxes / [height, width, height, width]
    return Detections(
        boxes=boxes,
        scores=[row[1] for row in rows],
        class_ids=[row[0] for row in rows],
    )


def random_set(images=20, seed=0, size=(640, 480), crowds=False):
    """Return ground truth and detections with every kind of mistake."""
    rng = np.random.default_rng(seed)
    ground_truths, detections = {}, {}
    for i in range(images):
        count = int(rng.integers(0, 9))
        boxes, class_ids = _random_boxes(rng, count), rng.integers(1, 4, count)
        crowd = rng.random(count) < 0.2 if crowds else None
        ground_truths[f"{i}.jpg"] = GroundTruth(
            boxes=boxes, class_ids=class_ids, width=size[0], height=size[1], crowd=crowd
        )
        copies = np.repeat(np.arange(count), 2)
        near = boxes[copies] + rng.normal(0, 0.015, (len(copies), 4))
        near_ids = np.where(
            rng.random(len(copies)) < 0.1, rng.integers(1, 4), class_ids[copies]
        )
        detections[f"{i}.jpg"] = Detections(
            boxes=np.vstack([near, _random_boxes(rng, 5)]),
            # two digits, so that some scores are equal
            scores=rng.uniform(0, 1, len(copies) + 5).round(2),
            class_ids=np.append(near_ids, rng.integers(1, 4, 5)),
        )
    return ground_truths, detections


def _random_boxes(rng, count):
    centres = rng.uniform(0.15, 0.85, (count, 2))
    halves = np.exp(rng.uniform(np.log(0.015), np.log(0.15), (count, 2)))
    return np.hstack([centres - halves, centres + halves])
