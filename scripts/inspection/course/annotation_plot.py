"""One picture and its Pascal VOC annotation side by side, each object in one colour."""

import matplotlib.pyplot as plt

from inspection.common.palette import PALETTE
from inspection.course import plots
from inspection.datasets.images import image_file
from inspection.datasets.voc_xml import read_xml

LINES = 42  # of the XML; the rest would not fit beside the picture
TOP = 30  # pixels: a label above a box that begins higher would leave the picture
MARK = {"color": "white", "size": 9, "bbox": {"color": "black", "pad": 1}}


def show_annotation(annotation):
    """Show the boxes with their corners on the left and the XML on the right."""
    _, (left, right) = plt.subplots(1, 2, figsize=(plots.WIDTH, 5), width_ratios=[5, 3])
    left.imshow(image_file.read_rgb(annotation.image))
    left.autoscale(False)
    for number, box in enumerate(annotation.boxes):
        draw_corners(left, box, color_of(number))
    plots.label(left, annotation.image.name)
    text = read_xml(annotation.path).expandtabs(2)
    write_lines(right, text.splitlines())


def draw_corners(axis, box, color):
    """Draw a box and write the numbers of two of its corners beside them."""
    x = [box.xmin, box.xmax, box.xmax, box.xmin, box.xmin]
    y = [box.ymin, box.ymin, box.ymax, box.ymax, box.ymin]
    axis.plot(x, y, color=color, linewidth=3)
    first = f"{box.name} {box.xmin:g}, {box.ymin:g}"
    last = f"{box.xmax:g}, {box.ymax:g}"
    side = "bottom" if box.ymin > TOP else "top"
    axis.text(box.xmin, box.ymin, first, va=side, **MARK)
    axis.text(box.xmax, box.ymax, last, va="bottom", ha="right", **MARK)


def write_lines(axis, lines):
    """Write an XML, the lines of each object in its colour."""
    number, inside = -1, False
    for row, line in enumerate(lines[:LINES]):
        starts = "<object>" in line
        number, inside = number + starts, inside or starts
        color = color_of(number) if inside else "0.3"
        place = (0, 1 - row / LINES)
        style = {"family": "monospace", "size": 7, "va": "top", "color": color}
        # a long line must not make the picture smaller
        axis.text(*place, line, clip_on=True, **style).set_in_layout(False)
        inside = inside and "</object>" not in line
    axis.axis("off")


def color_of(number):
    """Return the colour of an object by its place in the file."""
    return PALETTE[number % len(PALETTE)]
