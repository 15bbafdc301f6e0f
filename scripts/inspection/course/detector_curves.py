"""Curves of notebook 01b: losses beside what they replace, precision over recall."""

import matplotlib.pyplot as plt
import numpy as np

from inspection.course import plots


def plot_losses(cross_entropy, focal, huber):
    """Draw focal loss beside cross entropy, and Huber's loss beside the square.

    The first two are functions of (p, wanted), `huber` one of an error; all take arrays.
    """
    _, (what, where) = plt.subplots(1, 2)
    p, error = np.linspace(0.01, 1, 100), np.linspace(-4, 4, 81)
    what.plot(p, cross_entropy(p, True), label="cross entropy")
    what.plot(p, focal(p, True), label="focal, where there is an object")
    where.plot(error, error**2 / 2, label="half the square")
    where.plot(error, huber(error), label="Huber")
    plots.label(what, "What is it?", "probability of the right answer", "loss")
    plots.label(where, "Where is it?", "error of a code", "loss")
    for axis in (what, where):
        axis.legend()


def plot_precision(recall, precision, title):
    """Draw precision over recall, box by box, and the best from each recall on."""
    best = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.append(0, recall), np.append(best[0], best)
    _, axis = plt.subplots(figsize=(plots.LARGEST, 3.2))
    axis.plot(recall, precision, "o-", label="after each box")
    axis.step(*steps, label="best from here on")
    axis.fill_between(*steps, step="pre", alpha=0.15)
    axis.set(xlim=(0, 1), ylim=(0, 1.05))
    axis.legend()
    plots.label(axis, title, "recall", "precision")
