"""Figures of the notebooks: one palette, one size, one way to show pictures."""

import logging

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns

from ..detection import drawing

PALETTE = drawing.PALETTE
WIDTH = 9.0  # inches, the width of a notebook's text
COLUMNS = 3


def use_style():
    """Give all figures the course's palette, fonts and size."""
    sns.set_theme(style="ticks", palette=sns.color_palette(PALETTE), font_scale=0.9)
    plt.rcParams.update(
        {
            "figure.figsize": (WIDTH, 3.6),
            "figure.dpi": 80,
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": "medium",
            "axes.titlelocation": "left",
            "image.cmap": "gray",
        }
    )
    # the first figure on a new machine would otherwise report on its font cache
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)


def show_images(images, titles=None, columns=COLUMNS, cmap=None):
    """Show pictures side by side, each under its title, and return the figure.

    images: arrays [height, width] or [height, width, 3], uint8 or 0..1.
    """
    images = list(images)
    if not images:
        raise ValueError("no images to show")
    titles = list(titles) if titles is not None else [""] * len(images)
    figure, axes = image_grid(images, columns)
    for axis, image, title in zip(axes, images, titles, strict=True):
        show_image(axis, image, title, cmap)
    return figure


def show_image(axis, image, title="", cmap=None):
    """Show one picture in given axes."""
    grey = np.ndim(image) == 2
    axis.imshow(image, cmap=cmap or ("gray" if grey else None))
    axis.set_title(title)


def show_boxes(images, boxes, classes=None, scores=None, class_names=None, titles=None):
    """Show pictures with their boxes; all but class_names and titles one for each.

    boxes: [N, 4] for each picture, ymin, xmin, ymax, xmax, normalised to 0..1.
    """
    count = len(images)
    each = zip(
        images, boxes, classes or [None] * count, scores or [None] * count, strict=True
    )
    return show_images([drawing.draw_boxes(*row, class_names) for row in each], titles)


def image_grid(images, columns=COLUMNS):
    """Return a figure with one empty frame for each picture, of the pictures' shape."""
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    height = max(np.shape(image)[0] / np.shape(image)[1] for image in images)
    size = (WIDTH, rows * (height * WIDTH / columns + 0.3))
    figure, grid = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for axis in grid.flat:
        axis.axis("off")
    return figure, grid.flat[: len(images)]


def box_sizes(annotations, smallest=16):
    """Plot width and height of every box; the grey band holds the too small ones."""
    figure, axis = plt.subplots()
    rows = [
        (box.name, box.xmax - box.xmin, box.ymax - box.ymin)
        for annotation in annotations
        for box in annotation.boxes
    ]
    names, widths, heights = zip(*rows, strict=True)
    order = sorted(set(names))
    sns.scatterplot(
        x=widths,
        y=heights,
        hue=names,
        hue_order=order,
        style=names,
        style_order=order,
        alpha=0.7,
        ax=axis,
    )
    axis.axvspan(0, smallest, color="0.85", zorder=0)
    axis.axhspan(0, smallest, color="0.85", zorder=0)
    axis.set(
        title=f"{len(rows)} boxes; grey: below {smallest} pixels",
        xlabel="width in pixels",
        ylabel="height in pixels",
        xlim=0,
        ylim=0,
    )
    return figure
