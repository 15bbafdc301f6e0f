"""Charts of a classifier of many classes; each draws one figure and returns nothing."""

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns

from inspection.classification.figures import GREY, WIDTH


def curves(history):
    """Draw loss and accuracy of training and validation; a row for each epoch."""
    epochs = np.arange(1, len(history) + 1)
    _, grid = plt.subplots(1, 2, figsize=(WIDTH, 3.2))
    for axis, name in zip(grid, ("loss", "accuracy")):
        for k, (prefix, label) in enumerate((("", "training"), ("val_", "validation"))):
            if prefix + name in history:
                values = history[prefix + name]
                axis.plot(epochs, values, color=f"C{k}", label=label)
        axis.set(title=name, xlabel="epoch")
    grid[0].legend(frameon=False)
    grid[1].set_ylim(0, 1)


def confusion(matrix):
    """Draw a confusion matrix of counts, shaded by their share of a row."""
    shares = matrix.div(matrix.sum(axis=1).clip(lower=1), axis=0)
    labels = matrix.astype(str).where(matrix > 0, "")
    side = 2.4 + 0.52 * len(matrix)
    _, axis = plt.subplots(figsize=(side + 0.8, side))
    look = {"vmin": 0, "vmax": 1, "cmap": "Blues", "cbar": False, "square": True}
    sns.heatmap(shares, annot=labels, fmt="", ax=axis, linewidths=0.5, **look)
    axis.set(title="Rows: what it is; columns: what was said", xlabel="", ylabel="")
    axis.tick_params(length=0)
    axis.tick_params("x", rotation=35)
    axis.tick_params("y", rotation=0)
    plt.setp(axis.get_xticklabels(), ha="right", rotation_mode="anchor")


def class_shares(table):
    """Draw which share of each class was found; a row of `class_measures` for each."""
    table = table.sort_values("recall")
    _, axis = plt.subplots(figsize=(WIDTH * 0.7, 0.9 + 0.3 * len(table)))
    bars = axis.barh(table.index, table["recall"], color="C0")
    axis.bar_label(bars, fmt="%.2f", padding=-32, color="white")
    mean = table["recall"].mean()
    axis.axvline(mean, color=GREY, lw=1, ls=":")
    axis.set(title=f"Share found of each class; dotted: the mean, {mean:.2f}")
    axis.set(xlim=(0, 1.05))
    axis.tick_params("y", length=0)


def reliability(tables):
    """Draw confidence against accuracy; tables: {title: DataFrame of `reliability`}."""
    _, grid = plt.subplots(1, len(tables), figsize=(4.4 * len(tables), 3.8))
    for axis, (title, table) in zip(np.atleast_1d(grid), tables.items()):
        size = 260 * table["pictures"] / table["pictures"].max()
        axis.plot([0, 1], [0, 1], color=GREY, lw=1, ls=":")
        axis.plot(table["confidence"], table["accuracy"], color="C0", lw=1)
        axis.scatter(table["confidence"], table["accuracy"], size, color="C0")
        axis.set(title=title, xlim=(0, 1.05), ylim=(0, 1.05))
        axis.set(xlabel="probability of the answer", ylabel="share that was right")
