"""Charts of an evaluation: each takes a table of this package and returns a figure.

`result` is a coco_metrics.CocoResult.
"""

import matplotlib.pyplot as plt
import numpy as np

from inspection.common.palette import PALETTE, class_color
from inspection.detection.evaluation.confusion import BACKGROUND

GRAY = "#6e6e6e"
PALE = "#f2f2f2"


def plot_precision_recall(result, label_map):
    """Draw precision against recall at IoU .5, a line for each class."""
    figure, axes = _figure("Precision against recall at IoU .50", (6, 4.5))
    for name, curve in result.curves.groupby("class", sort=False):
        color = class_color(label_map[name])
        label = f"{name}   {result.per_class['AP50'][name]:.2f}"
        axes.plot(curve["recall"], curve["precision"], color=color, lw=2, label=label)
        # the end of the line: more objects than these are not found at any score
        axes.plot(curve["recall"].iloc[-1], curve["precision"].iloc[-1], "o", c=color)
    axes.set(xlim=(0, 1.02), ylim=(0, 1.03))
    axes.set(xlabel="recall: objects found", ylabel="precision: detections right")
    if len(result.curves):
        axes.legend(title="AP50, the area below", frameon=False, loc="lower left")
    return figure


def plot_class_scores(result, label_map):
    """Draw AP and AP50 of each class as bars."""
    per_class = result.per_class
    size = (6.5, 1.1 + 0.6 * len(per_class))
    figure, axes = _figure("Average precision of each class", size)
    for k, (name, row) in enumerate(per_class.iterrows()):
        color = class_color(label_map[name])
        axes.barh(k, 1, 0.7, color=PALE)
        axes.barh(k, np.nan_to_num(row["AP50"]), 0.7, color=color, alpha=0.4)
        axes.barh(k, np.nan_to_num(row["AP"]), 0.7, color=color)
        nothing = np.isnan(row["AP"])
        text = "no objects" if nothing else f"{row['AP']:.2f}  |  {row['AP50']:.2f}"
        axes.text(1.02, k, text, va="center")
    counts = per_class["objects"].items()
    axes.set_yticks(
        range(len(per_class)), [f"{name}\n{n:,} objects" for name, n in counts]
    )
    axes.set(xlim=(0, 1), xlabel="dark: AP, IoU .50 to .95  |  light: AP50, IoU .50")
    axes.invert_yaxis()
    axes.grid(False)
    return figure


def plot_confusion(matrix):
    """Draw a confusion matrix: counts, shaded by their share.

    The share is that of the objects of a row; in the last row, where nothing was
    drawn, that of the detections of a column.
    """
    counts = matrix.to_numpy()
    drawn, found = counts.sum(axis=1, keepdims=True), counts.sum(axis=0)
    shares = np.vstack(
        [(counts / np.maximum(drawn, 1))[:-1], counts[-1] / np.maximum(found, 1)]
    )
    side = 2.2 + 0.85 * len(counts)
    figure, axes = _figure("What was taken for what", (side + 0.6, side))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(counts.shape):
        _write_count(axes, row, column, counts, shares)
    names = [name if name != BACKGROUND else "nothing" for name in matrix.columns]
    ticks = range(len(names))
    axes.set_xticks(ticks, names, rotation=30, ha="right", rotation_mode="anchor")
    axes.set_yticks(ticks, names)
    axes.set(xlabel="detected", ylabel="drawn")
    edge = len(counts) - 1.5  # a white line sets "nothing" apart
    axes.axhline(edge, -0.01, 1.01, color="white", lw=5, clip_on=False)
    axes.axvline(edge, -0.01, 1.01, color="white", lw=5, clip_on=False)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return figure


def plot_threshold(curve, threshold, class_name="all"):
    """Draw precision, recall and F1 over the score threshold, and the one chosen."""
    curve = curve[curve["class"] == class_name]
    figure, axes = _figure("What the score threshold trades", (7, 4))
    styles = {"precision": "--", "recall": ":", "F1": "-"}
    for k, (name, style) in enumerate(styles.items()):
        color = PALETTE[k]
        axes.plot(curve["threshold"], curve[name], style, color=color, lw=2, label=name)
    axes.axvline(threshold, color=GRAY, lw=1)
    axes.annotate(
        f"{threshold:.2f}",
        (threshold, 1.02),
        (4, 0),
        color=GRAY,
        va="top",
        textcoords="offset points",
    )
    axes.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="score threshold")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _figure(title, size):
    figure, axes = plt.subplots(figsize=size, layout="constrained")
    axes.set_title(title, loc="left", weight="bold", pad=14)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e6e6e6")
    axes.set_axisbelow(True)
    return figure, axes


def _write_count(axes, row, column, counts, shares):
    if row == column == len(counts) - 1:
        return  # nothing detected where nothing is: cannot be counted
    count, share = counts[row, column], shares[row, column]
    color = "white" if share > 0.55 else "black" if count else "#bdbdbd"
    text = f"{count:,}\n{share:.0%}" if count else "0"
    axes.text(column, row, text, ha="center", va="center", color=color)
