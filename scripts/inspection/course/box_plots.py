"""Boxes of notebook 01b: two that overlap, the anchors of a level, who answers for what."""

import matplotlib.pyplot as plt
import numpy as np

from inspection.common.palette import PALETTE
from inspection.course import plots

ANCHOR = {"edgecolor": PALETTE[1], "linewidth": 1.5}
DRAWN = {"edgecolor": "white", "linewidth": 3}
FAINT = 0.55  # of a picture below thin lines


def rectangle(box, size=1.0, **style):
    """Return a patch for a box (ymin, xmin, ymax, xmax), its numbers times `size`."""
    top, left, bottom, right = np.array(box) * size
    style = {"fill": False, **style}
    return plt.Rectangle((left, top), right - left, bottom - top, **style)


def plot_overlap(box, other, names, title):
    """Draw two boxes (ymin, xmin, ymax, xmax) and fill what they share."""
    shared = [*np.maximum(box[:2], other[:2]), *np.minimum(box[2:], other[2:])]
    _, axis = plt.subplots(figsize=(plots.LARGEST, 2.4))
    look = {"fill": True, "color": "0.8", "label": "both"}
    axis.add_patch(rectangle(shared, **look))
    for corners, name, color in zip((box, other), names, PALETTE):
        look = {"edgecolor": color, "linewidth": 3, "label": name}
        axis.add_patch(rectangle(corners, **look))
    axis.autoscale_view()
    axis.set_aspect("equal")
    axis.invert_yaxis()
    axis.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
    plots.label(axis, title, "x", "y")


def plot_levels(image, levels, per_cell):
    """Show the cells of some levels of anchors, and all anchors of the middle cell.

    image: [side, side, 3]. levels: {title: anchors [N, 4] in 0..1, cell by cell}.
    """
    side = len(image)
    frames = plots.image_grid([image] * len(levels))
    for axis, (title, anchors) in zip(frames, levels.items()):
        cells = anchors.reshape(-1, per_cell, 4)
        centres = (cells[:, 0, :2] + cells[:, 0, 2:]) / 2
        middle = np.abs(centres - 0.5).sum(axis=1).argmin()
        show_faint(axis, image, title, margin=0.12)
        axis.plot(*centres.T[::-1] * side, "o", color="white", ms=1.5, ls="")
        for box in cells[middle]:
            axis.add_patch(rectangle(box, side, **ANCHOR))


def plot_answers(image, boxes, anchors, answers, titles):
    """Show for each drawn box, in a frame of its own, the anchors that answer for it.

    boxes [M, 4] and anchors [N, 4] in 0..1; answers [N]: a box's number, or -1.
    """
    side = len(image)
    frames = plots.image_grid([image] * len(boxes))
    for number, (axis, box, title) in enumerate(zip(frames, boxes, titles)):
        show_faint(axis, image, title)
        for anchor in anchors[answers == number]:
            axis.add_patch(rectangle(anchor, side, **ANCHOR))
        axis.add_patch(rectangle(box, side, **DRAWN))


def show_faint(axis, image, title, margin=0.0):
    """Show a square picture darkened, so that lines on it are seen, in a white margin.

    margin: a part of the side.
    """
    side, edge = len(image), len(image) * margin
    axis.imshow((image * FAINT).astype(np.uint8), extent=(0, side, side, 0))
    axis.set(title=title, xlim=(-edge, side + edge), ylim=(side + edge, -edge))
