"""Charts of classifiers; each draws one figure and returns nothing."""

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from sklearn import metrics

GREY = "#6e6e6e"
WIDTH = 9.0  # inches, the width of a notebook's text
SMALL = (5.5, 4.0)


def comparison(tables, num_classes=2):
    """Draw the accuracy of each model with its interval; tables: {set: DataFrame}."""
    axis = intervals(tables, "accuracy")
    axis.axvline(1 / num_classes, color=GREY, lw=1, ls=":")
    axis.set(
        title="Accuracy and its 95 % interval; dotted: guessing", xlim=(None, 1.03)
    )


def intervals(tables, measure):
    """Draw a measure with its interval, a line for each row; return the axis.

    tables: {title: DataFrame} of equal rows, with the columns measure, low and high.
    """
    names = list(next(iter(tables.values())).index)
    _, axis = plt.subplots(figsize=(WIDTH, 0.9 + _line_height(tables) * len(names)))
    colors = sns.color_palette("colorblind")
    step = min(0.22, 0.8 / len(tables))
    for k, (title, table) in enumerate(tables.items()):
        place = np.arange(len(names)) + step * (k - (len(tables) - 1) / 2)
        value = table[measure].astype(float)
        error = [value - table["low"], table["high"] - value]
        color = colors[k % len(colors)]
        style = {"fmt": "o", "capsize": 3, "color": color, "label": title}
        axis.errorbar(value, place, xerr=np.clip(error, 0, None), **style)
        for x, y in zip(value, place) if len(tables) <= 2 else ():
            side = {"xytext": (0, 5 if k == 0 else -12), "ha": "center"}
            axis.annotate(f"{x:.3f}", (x, y), textcoords="offset points", **side)
    axis.set_yticks(range(len(names)), names)
    axis.invert_yaxis()
    if len(tables) > 1:
        axis.legend(frameon=False, loc="lower left")
    return axis


def _line_height(tables):
    """Return inches for a line, enough for all that is drawn on it."""
    return max(0.6, 0.2 * len(tables))


def confusions(tables, columns=3):
    """Draw a confusion matrix for each {title: DataFrame of counts}."""
    classes = len(next(iter(tables.values())))
    side = max(3.0, 0.5 * classes + 1.2)  # inches; so many digits must stand in it
    columns = max(1, min(columns, len(tables), int(WIDTH // side)))
    rows = -(-len(tables) // columns)
    size = side * columns, (side - 0.3) * rows
    layout = "constrained" if classes > 3 else None  # long names stand upright
    look = {"figsize": size, "layout": layout, "squeeze": False}
    _, grid = plt.subplots(rows, columns, **look)
    for axis in grid.flat[len(tables) :]:
        axis.axis("off")
    for axis, (title, table) in zip(grid.flat, tables.items()):
        shares = table.div(table.sum(axis=1).clip(lower=1), axis=0)
        look = {"vmin": 0, "vmax": 1, "cmap": "Blues", "cbar": False, "square": True}
        sns.heatmap(shares, annot=table.to_numpy(), fmt=",", ax=axis, **look)
        axis.set(title=title)
        axis.tick_params(length=0)


def precision_recall(answers, labels, class_names):
    """Draw precision against recall; answers: {title: Predictions}.

    Of two classes for the last, of more for each of them against the rest.
    """
    if len(class_names) == 2:
        _, axis = plt.subplots(figsize=SMALL)
        _one_against_the_rest(axis, answers, labels, 1, class_names[1])
        axis.set(title="Precision against recall; dot: the threshold")
        return
    columns = min(3, len(class_names))
    rows = -(-len(class_names) // columns)
    look = {"figsize": (WIDTH, 3.4 * rows), "layout": "constrained", "squeeze": False}
    figure, grid = plt.subplots(rows, columns, **look)
    figure.suptitle("Precision against recall, each class; dot: the most probable")
    for axis in grid.flat[len(class_names) :]:
        axis.axis("off")
    for place, (axis, name) in enumerate(zip(grid.flat, class_names)):
        _one_against_the_rest(axis, answers, labels, place, name)
        legend = axis.get_legend()
        plt.setp([legend.get_title(), *legend.get_texts()], fontsize="x-small")


def _one_against_the_rest(axis, answers, labels, place, name):
    """Draw a curve of each model for one class, by its place and name."""
    is_one = np.asarray(labels) == place
    colors = sns.color_palette("colorblind")
    for k, (title, said) in enumerate(answers.items()):
        color, scores = colors[k % len(colors)], said.scores[:, place]
        precision, recall, _ = metrics.precision_recall_curve(is_one, scores)
        area = metrics.average_precision_score(is_one, scores)
        axis.plot(recall, precision, color=color, label=f"{title}   {area:.3f}")
        dot = metrics.precision_recall_fscore_support(
            is_one, said.predicted == place, average="binary", zero_division=np.nan
        )
        axis.plot(dot[1], dot[0], "o", color=color)
    axis.set(xlabel=f"recall: {name} found", ylabel="precision: alarms that are right")
    axis.set(xlim=(0, 1.02), ylim=(None, 1.02))
    axis.legend(title="area below", frameon=False, loc="lower left")


def calibration(tables):
    """Draw how often what was said came true; tables: {title: DataFrame}."""
    _, axis = plt.subplots(figsize=SMALL)
    axis.plot([0, 1], [0, 1], color=GREY, lw=1, ls=":")
    for color, (title, table) in zip(sns.color_palette("colorblind"), tables.items()):
        axis.plot(table["said"], table["true"], "o-", color=color, label=title)
    axis.set(title="Is a probability of 0.8 right in 8 of 10 cases?")
    axis.set(xlabel="probability said", ylabel="share that was so")
    axis.legend(frameon=False)


def costs(table, threshold):
    """Draw the cost of each threshold, and the one chosen."""
    _, axis = plt.subplots(figsize=SMALL)
    axis.step(table["threshold"], table["cost"], where="mid")
    axis.axvline(threshold, color=GREY, lw=1)
    place = {"va": "top", "color": GREY, "textcoords": "offset points"}
    top = table["cost"].max()
    axis.annotate(f" {threshold:.2f}", (threshold, top), (2, 0), **place)
    axis.set(title="What a threshold costs, on validation pictures")
    axis.set(xlabel="threshold", ylabel="cost per picture", ylim=(0, None))


def history(table):
    """Draw the losses of training; a row for each epoch, a frame for each phase."""
    phases = list(dict.fromkeys(table["phase"]))
    _, grid = plt.subplots(1, len(phases), figsize=(WIDTH, 3), squeeze=False)
    for axis, phase in zip(grid.flat, phases):
        rows = table[table["phase"] == phase].reset_index(drop=True)
        for k, name in enumerate(("loss", "val_loss")):
            axis.plot(rows.index + 1, rows[name], color=f"C{k}", label=name)
        axis.set(title=phase, xlabel="epoch", ylim=(0, None))
        axis.legend(frameon=False)


def heat_map(image, heat, boxes=(), title=""):
    """Draw a picture, its map of probability, and the tiles that were reported."""
    _, (left, right) = plt.subplots(1, 2, figsize=(WIDTH, 4.6))
    left.imshow(image)
    left.set_title("the photograph")
    right.imshow(image)
    shown = right.imshow(heat, cmap="inferno", alpha=0.6, vmin=0, vmax=1)
    for ymin, xmin, ymax, xmax in boxes:
        frame = plt.Rectangle((xmin, ymin), xmax - xmin, ymax - ymin, fill=False)
        frame.set(edgecolor="#56b4e9", linewidth=1)
        right.add_patch(frame)
    right.set_title(title)
    for axis in (left, right):
        axis.axis("off")
    plt.colorbar(shown, ax=right, shrink=0.8, label="probability")
