"""Small pictures with boxes drawn on them, also as data URIs for a page of its own."""

import base64
import io
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageDraw, ImageFile

from inspection.common.errors import DatasetError
from inspection.datasets.images import image_file

WIDTH, HEIGHT = 360, 270
MOST = 2000  # boxes drawn, those at fault before others; more would hide the picture
MARGIN = 0.75  # of a side, at most, shown around a picture whose boxes reach out of it
FAULT = "#e5322d"
OTHER = "#ffffff"
COVER = 150  # of 255: so much of a mask hides the picture
# Okabe and Ito, "Color Universal Design", 2008: told apart by colour-blind readers, too
PALETTE = "#0072b2 #e69f00 #009e73 #cc79a7 #56b4e9 #d55e00 #f0e442 #000000".split()


def paint_faults(path, boxes=(), others=()):
    """Return a thumbnail as a Pillow image: `boxes` in red, `others` thin and white.

    A picture that is cut off is grey from there on; None where nothing can be decoded.
    """
    colors = [(box, OTHER, 1) for box in others] + [(box, FAULT, 3) for box in boxes]
    return _paint(path, colors, boxes)


def draw_faults(path, boxes=(), others=()):
    """Return the thumbnail of `paint_faults` as a data URI."""
    return _data_uri(paint_faults(path, boxes, others))


def draw_classes(path, boxes, class_names):
    """Return a thumbnail as a data URI, each class in its colour."""
    colors = [(box, class_color(box.name, class_names), 2) for box in boxes]
    return _data_uri(_paint(path, colors, boxes))


def draw_mask(path, mask):
    """Return a thumbnail as a data URI, the mask [H, W] of 0 and 1 in red over it."""
    try:
        image = image_file.open_rgb(path)
    except DatasetError:
        return None
    image.thumbnail((2 * WIDTH, 2 * HEIGHT))
    marked = Image.fromarray(mask * np.uint8(COVER)).resize(image.size)
    image.paste(Image.new("RGB", image.size, FAULT), mask=marked)
    return _data_uri(image)


def class_color(name, class_names):
    """Return the colour of a class, the same in every picture."""
    return PALETTE[list(class_names).index(name) % len(PALETTE)]


def _paint(path, colored_boxes, in_view):
    try:
        with _cut_off_images_allowed():
            image = image_file.open_rgb(path)
    except DatasetError:
        return None
    left, top, right, bottom = _view(image.size, in_view)
    # drawn at twice the size for sharp screens
    scale = 2 * min(WIDTH / (right - left), HEIGHT / (bottom - top))
    size = [max(1, round(side * scale)) for side in (right - left, bottom - top)]
    canvas = Image.new("RGB", size, "#d0d3d8")
    small = [max(1, round(side * scale)) for side in image.size]
    canvas.paste(image.resize(small), (round(-left * scale), round(-top * scale)))
    pen = ImageDraw.Draw(canvas)
    for box, color, width in colored_boxes[-MOST:]:
        corners = (box.xmin - left, box.ymin - top, box.xmax - left, box.ymax - top)
        _outline(pen, [value * scale for value in corners], color, 2 * width)
    return canvas


@contextmanager
def _cut_off_images_allowed():
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _view(size, boxes):
    """Return left, top, right, bottom of the picture and the boxes outside it."""
    sides = []
    for low, high, length in (("xmin", "xmax", size[0]), ("ymin", "ymax", size[1])):
        ends = [getattr(box, end) for box in boxes for end in (low, high)]
        room = MARGIN * length
        sides.append(
            (max(min([0, *ends]), -room), min(max([length, *ends]), length + room))
        )
    (left, right), (top, bottom) = sides
    return left, top, right, bottom


def _outline(pen, corners, color, width):
    x, y = sorted(corners[::2]), sorted(corners[1::2])
    if x[1] - x[0] < 8 or y[1] - y[0] < 8:
        # too small to see: put a ring around it
        centre, radius = (sum(x) / 2, sum(y) / 2), 24
        pen.circle(centre, radius + width, outline="#000000", width=1)
        pen.circle(centre, radius, outline=color, width=width)
    pen.rectangle((x[0] - 1, y[0] - 1, x[1] + 1, y[1] + 1), outline="#000000")
    pen.rectangle((x[0], y[0], x[1], y[1]), outline=color, width=width)


def _data_uri(image):
    if image is None:
        return None
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
