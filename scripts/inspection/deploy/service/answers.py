"""What a model found in a picture, as the JSON that the service answers."""

import base64
import io

import numpy as np
from PIL import Image

from inspection.common.detections import class_names_by_id
from inspection.common.palette import class_color

BACKGROUND = "#000000"  # never seen: it is transparent
MASK_SIDE = 1024  # masks of larger pictures are made in this size


def answer(model, result, image, top=5, threshold=None):
    """Return a dict for one picture: its size, the kind of model, what was found.

    top: how many classes a classifier names. threshold: the least score of a box, None
    for the detector's own.
    """
    height, width = image.shape[:2]
    found = {
        "classifier": lambda: classes_of(result, model.labels, top),
        "detector": lambda: boxes_of(
            result, model.labels, model.threshold if threshold is None else threshold
        ),
        "segmenter": lambda: mask_of(result, model.labels),
        "anomaly": lambda: anomaly_of(result, model.labels),
    }[model.kind]()
    return {"kind": model.kind, "width": width, "height": height, **found}


def classes_of(result, labels, top):
    """Return the class that a Classification says, and the `top` best, the best first."""
    scores = np.asarray(result.scores)
    best = np.argsort(-scores, kind="stable")[:top]
    rows = [{"label": labels[i], "score": float(scores[i])} for i in best]
    return {"label": labels[result.best], "classes": rows}


def boxes_of(result, labels, threshold):
    """Return the boxes of Detections with at least a score, the best first."""
    names, best = class_names_by_id(labels), result.best_first(threshold)
    rows = zip(best.boxes, best.scores, best.class_ids, strict=True)
    return {
        "detections": [
            {
                "label": names[int(class_id)],
                "score": float(score),
                "box": _box(box),
                "color": class_color(class_id),
            }
            for box, score, class_id in rows
        ]
    }


def _box(corners):
    names = ("ymin", "xmin", "ymax", "xmax")
    return {name: float(value) for name, value in zip(names, corners, strict=True)}


def mask_of(result, labels):
    """Return a Segmentation as an indexed PNG and each class's share of the picture."""
    scale = min(1, MASK_SIDE / max(result.size))
    # never larger than it is shown: classes times pixels take time and memory
    mask = result.mask_of([max(1, round(scale * side)) for side in result.size])
    shares = np.bincount(mask.ravel(), minlength=len(labels)) / mask.size
    colors = [BACKGROUND, *(class_color(i) for i in range(1, len(labels)))]
    rows = [
        {"label": label, "share": float(share), "color": color}
        for label, share, color in zip(labels, shares, colors, strict=True)
    ]
    return {"classes": rows, "mask": mask_png(mask, colors)}


def anomaly_of(result, labels):
    """Return which of two labels an Anomaly says, its score, and where it lies."""
    said = labels[int(result.is_bad)]
    return {"label": said, "score": result.score, **mask_of(result, labels)}


def mask_png(mask, colors):
    """Return a mask as a data URL: pixels are class ids, class 0 is transparent."""
    image = Image.fromarray(mask, "P")
    image.putpalette(bytes.fromhex("".join(color[1:] for color in colors)))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=0)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
