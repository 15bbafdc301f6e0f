"""Areas of boxes (ymin, xmin, ymax, xmax), and how far boxes overlap."""

import numpy as np


def box_areas(boxes) -> np.ndarray:
    """Return the area of each box, 0 for one that ends before it starts."""
    return np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1)


def box_intersections(boxes, others) -> np.ndarray:
    """Return the shared area of each box with each other one, [N, M]."""
    start = np.maximum(boxes[:, None, :2], others[None, :, :2])
    end = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.prod(np.clip(end - start, 0, None), axis=2)


def box_iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return intersection over union of each box with each other one, [N, M].

    >>> whole, half = np.array([[0.0, 0, 1, 1]]), np.array([[0.0, 0, 1, 0.5]])
    >>> box_iou(whole, half).tolist()
    [[0.5]]
    """
    shared = box_intersections(boxes, others)
    union = box_areas(boxes)[:, None] + box_areas(others)[None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
