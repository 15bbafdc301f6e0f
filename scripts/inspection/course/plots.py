"""Figures of the notebooks: one palette, one size, one way to show pictures.

The functions return nothing, so a call may be the last line of a cell: a figure that is
returned there would be shown twice in nbval, with or without a semicolon.
"""

import logging
from collections import Counter
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from IPython import get_ipython
from IPython.core.pylabtools import print_figure
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator
from PIL import ImageColor

from inspection.common.palette import PALETTE, class_color
from inspection.common.text import plural
from inspection.course.alt_text import alt_text
from inspection.datasets.boxes import usable_box
from inspection.imaging import box_drawing

WIDTH = 9.0  # inches, the width of a notebook's text
LARGEST = 5.5  # inches, the width of a picture that stands alone
COLUMNS = 3


def use_style():
    """Give all figures the course's palette, fonts and size."""
    sns.set_theme(style="ticks", palette=sns.color_palette(PALETTE), font_scale=0.9)
    plt.rcParams.update(
        {
            "figure.figsize": (WIDTH, 3.6),
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": "medium",
            "axes.titlelocation": "left",
            "image.cmap": "gray",
        }
    )
    store_photographs_small()
    # the first figure on a new machine would otherwise report on its font cache
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)


def store_photographs_small():
    """Store figures that hold pictures as JPEG: a quarter of the bytes."""
    shell = get_ipython()
    if shell is None:
        return
    plt.switch_backend(plt.get_backend())  # later it would set the formats anew
    formatters = shell.display_formatter.formatters
    formatters["image/png"].for_type(Figure, as_png)
    formatters["image/jpeg"].enabled = True
    formatters["image/jpeg"].for_type(Figure, as_jpeg)


def as_png(figure):
    """Return a figure as PNG and its words, or None where it holds pictures."""
    if holds_images(figure):
        return None
    return print_figure(figure, "png", base64=True), {"alt": alt_text(figure)}


def as_jpeg(figure):
    """Return a figure as JPEG and its words, or None where it holds no pictures."""
    if not holds_images(figure):
        return None
    quality = {"quality": 88}
    data = print_figure(figure, "jpeg", base64=True, pil_kwargs=quality)
    return data, {"alt": alt_text(figure)}


def holds_images(figure):
    """Return whether any frame of a figure shows a picture of many colours."""
    return any(np.size(i.get_array()) > 10_000 for a in figure.axes for i in a.images)


def show_images(images, titles=None, columns=COLUMNS, none=""):
    """Show pictures side by side, each under its title.

    images: arrays [height, width] or [height, width, 3], uint8 or 0..1. none: the line
    to print where there may be no pictures; else no pictures are a ValueError.
    """
    images = list(images)
    if not images and none:
        print(none)
        return
    if not images:
        raise ValueError("no images to show")
    titles = [""] * len(images) if titles is None else titles
    axes = image_grid(images, columns)
    for axis, image, title in zip(axes, images, titles, strict=True):
        axis.imshow(image)
        axis.set_title(title)


def show_boxes(
    images, boxes, class_ids=None, scores=None, class_names=None, titles=None
):
    """Show pictures with their boxes; each list but class_names has one entry for each.

    boxes: [N, 4] for each picture, ymin, xmin, ymax, xmax, normalised to 0..1.
    """
    nothing = [None] * len(images)
    rows = zip(images, boxes, class_ids or nothing, scores or nothing, strict=True)
    drawn = [box_drawing.draw_boxes(*row, class_names, font_size=26) for row in rows]
    show_images(drawn, titles)
    for axis, found, ids in zip(plt.gcf().axes, boxes, class_ids or nothing):
        axis.set_label(counted(found, ids, class_names))


def counted(
    boxes: Sequence,
    class_ids: Sequence | None = None,
    class_names: Sequence | None = None,
) -> str:
    """Return in words how many boxes a picture has, of each class where they are told.

    >>> counted([0, 0, 0], [1, 2, 1], ["leak", "puddle"]), counted([])
    ('2 leak, 1 puddle', '0 boxes')
    """
    if class_ids is None or class_names is None or not len(boxes):
        return plural(len(boxes), "box")
    counts = Counter(box_drawing.box_captions(class_ids, None, class_names))
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def describe(words):
    """Say in words what the figure just drawn shows, for those who cannot see it."""
    plt.gcf().set_label(" ".join(words.split()))


def paint_mask(
    image: np.ndarray, mask: np.ndarray, strength: float = 0.55
) -> np.ndarray:
    """Return a copy of a picture with each class of a mask painted in its colour.

    mask: [height, width], 0 or False where there is nothing, else the class id.

    >>> paint_mask(np.zeros((2, 2, 3), np.uint8), np.eye(2))[0].tolist()
    [[0, 63, 97], [0, 0, 0]]
    """
    painted = np.array(image)
    for class_id in np.unique(mask[mask > 0]):
        color = np.array(ImageColor.getrgb(class_color(class_id)))
        here = mask == class_id
        painted[here] = (1 - strength) * painted[here] + strength * color
    return painted


def image_grid(images, columns=COLUMNS):
    """Make a figure and return one empty frame for each picture, of their shape."""
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    width = min(WIDTH / columns, LARGEST)
    height = width * max(np.shape(image)[0] / np.shape(image)[1] for image in images)
    size = (width * columns, rows * (height + 0.3))
    _, grid = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for axis in grid.flat:
        axis.axis("off")
    return grid.flat[: len(images)]


def label(axis, title, x="", y=""):
    """Write the title of a frame and the names of its two directions."""
    axis.set(title=title, xlabel=x, ylabel=y)


def box_sizes(annotations, class_names, input_size, smallest=16):
    """Plot width and height of every usable box in pixels of the network's input.

    input_size: side of that input, a square.
    smallest: boxes with less area than its square lie in the grey corner.
    """
    rows = [row for a in annotations for row in sizes_at_input(a, input_size)]
    names, widths, heights = zip(*rows, strict=True)
    looks = {"hue": names, "hue_order": class_names}
    looks |= {"style": names, "style_order": class_names}
    _, axis = plt.subplots(figsize=(LARGEST + 1, LARGEST - 1))
    sns.scatterplot(x=widths, y=heights, alpha=0.7, ax=axis, **looks)
    low, high = 0.8 * min(smallest, *widths, *heights), 1.1 * input_size
    edge = np.geomspace(low, high)
    grey = {"color": "0.85", "linewidth": 0, "zorder": 0}
    axis.fill_between(edge, low, np.fmax(low, smallest**2 / edge), **grey)
    axis.set(
        title=f"{len(rows):,} boxes; grey: smaller than {smallest}x{smallest}",
        xlabel=f"width in pixels, of {input_size}",
        ylabel=f"height in pixels, of {input_size}",
        xscale="log",
        yscale="log",
        xlim=(low, high),
        ylim=(low, high),
    )
    for side in (axis.xaxis, axis.yaxis):
        side.set_major_locator(LogLocator(2))
        side.set_minor_locator(NullLocator())
        side.set_major_formatter("{x:.0f}")


def sizes_at_input(annotation, input_size):
    """Return (class, width, height) of the usable boxes of a picture made square."""
    width, height = annotation.width, annotation.height
    kept = [usable_box(box, width, height) for box in annotation.boxes]
    return [
        (
            box.name,
            (box.xmax - box.xmin) / width * input_size,
            (box.ymax - box.ymin) / height * input_size,
        )
        for box in kept
        if box
    ]
