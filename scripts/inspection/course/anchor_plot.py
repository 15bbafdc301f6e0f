"""Where the anchors of two detectors lie, for notebook 08."""

import matplotlib.pyplot as plt
import numpy as np

from inspection.course import plots
from inspection.detection.model.anchors import feature_map_sizes

MARKS = ("o", "x")


def level_centres(anchors, size, settings, level):
    """Return the centres [N, 2] (y, x), in pixels, of the anchors of one level."""
    levels = range(settings.min_level, settings.max_level + 1)
    cells = [
        rows * columns for rows, columns in feature_map_sizes((size, size), levels)
    ]
    per_cell = len(anchors) // sum(cells)
    ends = np.cumsum(cells) * per_cell
    end = ends[level - settings.min_level]
    boxes = anchors[end - cells[level - settings.min_level] * per_cell : end]
    return np.unique((boxes[:, :2] + boxes[:, 2:]) / 2 * size, axis=0)


def plot_centres(anchors, size, settings, levels):
    """Draw the centres of some levels, a frame each, in one square picture.

    anchors: {name: anchors [N, 4] in 0..1} of two detectors.
    """
    shape = {"figsize": (plots.WIDTH, (plots.WIDTH - 1.5) / len(levels))}
    _, axes = plt.subplots(1, len(levels), sharex=True, sharey=True, **shape)
    for axis, level in zip(axes, levels):
        axis.add_patch(plt.Rectangle((0, 0), size, size, color="0.93", zorder=0))
        for mark, (name, boxes) in zip(MARKS, anchors.items()):
            y, x = level_centres(boxes, size, settings, level).T
            axis.plot(x, y, mark, ms=9, mew=2, mfc="none", ls="", label=name)
        plots.label(axis, f"level {level}: a step of {2**level}", "pixels")
        axis.set_aspect("equal")
    edge = size / 10
    axes[0].set(xlim=(-edge, size + edge), ylim=(size + edge, -edge), ylabel="pixels")
    axes[-1].legend(loc="upper left", bbox_to_anchor=(1, 1))
