"""Curves of a training as it goes on: losses, mAP on other pictures, learning rate."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from inspection.course import plots

PARTS = {"localization_loss": "where", "classification_loss": "what"}


def read(model_dir):
    """Return (history, validation), a table each with the step as its index.

    `where` and `what` of the history are the losses on the training pictures as they
    come, changed and in batches; `loss` is their sum.
    """
    folder = Path(model_dir)
    history = pd.read_csv(folder / "history.csv", index_col="step")
    named = {f"Loss/{name}": words for name, words in PARTS.items()}
    history = history.rename(columns=named)
    history["loss"] = history[list(PARTS.values())].sum(axis=1)
    return history, pd.read_csv(folder / "validation.csv", index_col="step")


def plot_run(model_dir, title):
    """Draw the losses, the mAP of the validation pictures, and the learning rate."""
    history, validation = read(model_dir)
    _, (left, middle, right) = plt.subplots(1, 3, figsize=(plots.WIDTH, 3))
    history[list(PARTS.values())].plot(ax=left, style=".-", ms=4)
    validation["mAP@.50"].plot(ax=middle, style="o-")
    history["learning_rate"].plot(ax=right)
    plots.label(left, f"{title}: losses", "step", "loss, training")
    plots.label(middle, "found", "step", "mAP@.50, validation")
    plots.label(right, "length of a step", "step", "learning rate")
    middle.set_ylim(0, 1)
    for axis in (left, right):
        axis.set_ylim(0, None)


def plot_gap(runs):
    """Draw the losses on training and validation pictures of some runs side by side.

    runs: {title: folder of a training}.
    """
    shape = {"figsize": (plots.WIDTH, 3), "sharey": True, "squeeze": False}
    _, axes = plt.subplots(1, len(runs), **shape)
    for axis, (title, folder) in zip(axes[0], runs.items()):
        history, validation = read(folder)
        axis.plot(history.index, history["loss"], ".-", ms=4, label="training")
        axis.plot(validation.index, validation["loss"], "o-", label="validation")
        plots.label(axis, title, "step", "loss, where and what")
        axis.legend()
    axes[0, 0].set_ylim(0, 2 * runs_top(runs))


def runs_top(runs):
    """Return the largest of the last losses of runs: the first steps lie far above."""
    tables = [table for folder in runs.values() for table in read(folder)]
    return max(table["loss"].iloc[-1] for table in tables)
