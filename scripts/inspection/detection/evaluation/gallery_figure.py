"""Draw the worst mistakes of a detector as a page of picture crops."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from inspection.common.palette import class_color
from inspection.detection.evaluation.error_gallery import KINDS, mistake_caption
from inspection.imaging.box_drawing import draw_boxes

CROP_SIDE = 280  # pixels of each crop in the figure
CONTEXT = 2.2  # side of a crop, in sides of what it shows


def plot_gallery(mistakes, read_image, label_map, per_kind=5):
    """Draw the worst mistakes of each kind, a row for each, and return the figure.

    mistakes: from find_mistakes, the worst first. read_picture: a function from the
    name of a picture to uint8 [height, width, 3]. Dashed is what was drawn by hand,
    solid what was detected.
    """
    by_kind = {kind: [m for m in mistakes if m.kind == kind] for kind in KINDS}
    by_kind = {kind: found for kind, found in by_kind.items() if found}
    if not by_kind:
        return _empty_page()
    figure, grid = plt.subplots(
        len(by_kind),
        per_kind + 1,
        figsize=(2.1 * (per_kind + 0.8), 2.6 * len(by_kind) + 0.3),
        width_ratios=[0.8] + [1] * per_kind,
        squeeze=False,
        layout="constrained",
    )
    for axes in grid.flat:
        axes.set_axis_off()
    for (kind, found), row in zip(by_kind.items(), grid, strict=True):
        _write_kind(row[0], kind, len(found))
        for mistake, axes in zip(found, row[1:], strict=False):
            axes.imshow(crop_mistake(mistake, read_image(mistake.image)))
            caption = mistake_caption(mistake, label_map).replace(": ", "\n")
            axes.set_title(caption, fontsize=9, pad=4)
            _write_image_name(axes, mistake.image)
    figure.suptitle(
        "The worst mistakes        dashed: drawn by hand, solid: detected",
        fontsize=10,
        x=0.005,
        ha="left",
    )
    return figure


def crop_mistake(mistake, image) -> np.ndarray:
    """Return a square of the picture around a mistake, with its boxes drawn."""
    size = np.array(image.shape[:2] * 2)
    boxes = [b for b in (mistake.true_box, mistake.box) if b is not None]
    start, side = _square_around(np.array(boxes) * size, image.shape)
    crop = _enlarged(image, start, side)
    corner = np.tile(start, 2)
    if mistake.true_box is not None:
        color = [class_color(mistake.true_class_id)]
        box = (mistake.true_box * size - corner) / side
        crop = draw_boxes(crop, [box], colors=color, dashed=True, line_width=3)
    if mistake.box is not None:
        color = [class_color(mistake.class_id)]
        box = (mistake.box * size - corner) / side
        crop = draw_boxes(crop, [box], colors=color, line_width=3)
    return crop


def _square_around(boxes, shape):
    """Return the start (y, x) and side in pixels of a square with room around boxes."""
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    span = (high - low).max()
    # as much context as fits the picture; where the boxes do not fit, gray beside it
    side = int(np.clip(span * CONTEXT, 64, max(min(shape[:2]), 1.1 * span)))
    start = (low + high - side) / 2
    room = np.maximum(np.array(shape[:2]) - side, 0)
    return np.clip(start, 0, room).astype(int), side


def _enlarged(image, start, side):
    square = np.full((side, side, 3), 235, np.uint8)
    part = image[start[0] : start[0] + side, start[1] : start[1] + side]
    square[: part.shape[0], : part.shape[1]] = part
    return np.array(Image.fromarray(square).resize((CROP_SIDE, CROP_SIDE)))


def _write_kind(axes, kind, count):
    axes.text(0, 0.75, kind, fontsize=12, weight="bold", transform=axes.transAxes)
    text = f"{count:,} in all\n\n{fill(KINDS[kind], 20)}"
    axes.text(0, 0.7, text, fontsize=9, va="top", transform=axes.transAxes)


def _write_image_name(axes, name):
    name = name if len(name) <= 28 else f"{name[:12]}...{name[-13:]}"
    axes.text(
        0.5,
        -0.03,
        name,
        fontsize=7,
        color="#6e6e6e",
        ha="center",
        va="top",
        transform=axes.transAxes,
    )


def _empty_page():
    figure, axes = plt.subplots(figsize=(5, 1))
    axes.set_axis_off()
    axes.text(0.5, 0.5, "No mistakes at this score threshold", ha="center")
    return figure
