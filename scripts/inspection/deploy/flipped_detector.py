"""Look at a picture and at its mirror image: twice the work, a steadier answer."""

import numpy as np

from inspection.common.box_overlap import box_iou
from inspection.common.detections import Detections

SAME = 0.5  # IoU from which two boxes of one class are one object


class FlippedDetector:
    """A detector that takes the mean of a picture and its mirror image.

    Takes the place of the detector that it is made of. Not for what has a left and a
    right, such as writing.
    """

    def __init__(self, model):
        self.model, self.kind, self.labels = model, "detector", model.labels

    def predict(self, image):
        """Return the `Detections` of one RGB picture, uint8 [height, width, 3]."""
        mirrored = self.model.predict(np.ascontiguousarray(image[:, ::-1]))
        return fuse(self.model.predict(image), mirror(mirrored))


def mirror(found: Detections) -> Detections:
    """Return what was found in a picture as if it had been found in its mirror image.

    >>> one = Detections(boxes=[[0.1, 0.2, 0.3, 0.25]], scores=[0.5], class_ids=[1])
    >>> mirror(one).boxes.tolist()
    [[0.1, 0.75, 0.3, 0.8]]
    """
    ymin, xmin, ymax, xmax = found.boxes.T
    boxes = np.stack([ymin, 1 - xmax, ymax, 1 - xmin], axis=1)
    return Detections(boxes=boxes, scores=found.scores, class_ids=found.class_ids)


def fuse(first: Detections, second: Detections) -> Detections:
    """Return the mean of two sets of boxes of one picture, the surest first.

    Boxes of one class are paired by overlap, the most alike first: a pair becomes the mean
    of its boxes, weighed by score, and of its scores. A box that only one look shows keeps
    half its score (weighted boxes fusion, Solovyev et al. 2021, arXiv:1910.13302).
    """
    likeness = box_iou(first.boxes, second.boxes)
    likeness *= first.class_ids[:, None] == second.class_ids[None]
    ones, others = _pair(likeness)
    rows = [_mean(first[ones], second[others])]
    rows += [_halved(first, ones), _halved(second, others)]
    fused = Detections(
        boxes=np.concatenate([row.boxes for row in rows]),
        scores=np.concatenate([row.scores for row in rows]),
        class_ids=np.concatenate([row.class_ids for row in rows]),
    )
    return fused.best_first()


def _pair(likeness):
    """Return the places (of rows, of columns) of the pairs, each in one pair at most."""
    rows, columns = np.nonzero(likeness >= SAME)
    pairs, taken = [], (set(), set())
    for place in np.argsort(-likeness[rows, columns], kind="stable"):
        one, other = rows[place], columns[place]
        if one not in taken[0] and other not in taken[1]:
            taken[0].add(one)
            taken[1].add(other)
            pairs.append((one, other))
    return np.array(pairs, int).reshape(-1, 2).T


def _mean(first, second):
    weights = np.stack([first.scores, second.scores])[..., None]
    total = np.maximum(weights.sum(axis=0), 1e-12)
    boxes = (weights * [first.boxes, second.boxes]).sum(axis=0) / total
    scores = (first.scores + second.scores) / 2
    return Detections(boxes=boxes, scores=scores, class_ids=first.class_ids)


def _halved(found, taken):
    alone = found[~np.isin(np.arange(len(found)), taken)]
    scores = alone.scores / 2
    return Detections(boxes=alone.boxes, scores=scores, class_ids=alone.class_ids)
