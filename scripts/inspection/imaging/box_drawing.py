"""Draw boxes with readable labels on a picture: the one place that does so."""

from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from inspection.common.detections import class_names_by_id
from inspection.common.palette import class_color

DARK = "#202020"


def draw_boxes(
    image,
    boxes,
    class_ids=None,
    scores=None,
    class_names=None,
    *,
    colors=None,
    captions=None,
    dashed=False,
    line_width=None,
    font_size=None,
) -> np.ndarray:
    """Return a copy of a picture with boxes and labels drawn on it.

    image: uint8 [height, width, 3].
    boxes: [N, 4], ymin, xmin, ymax, xmax, normalised to 0..1.
    class_ids: [N] of the label map, from 1; without them the boxes have no label.
    scores: [N]; written after the name, and the best box is drawn on top.
    class_names: a label map {name: id}, or a list whose first name has id 1.
    colors: [N] "#rrggbb" in place of the colour of each class.
    captions: [N] texts in place of those of class and score, none where it is empty.
    dashed: draw broken lines, the mark of ground truth beside detections.
    """
    image = _checked_image(image)
    height, width = image.shape[:2]
    corners = np.asarray(boxes, "float64").reshape(-1, 4) * ([height, width] * 2)
    canvas = Image.fromarray(image)
    draw = ImageDraw.Draw(canvas)
    line_width = line_width or max(2, round(min(height, width) / 200))
    font = _font(font_size or max(12, round(min(height, width) / 32)))
    colors = colors or _class_colors(class_ids, len(corners))
    if captions is None:
        captions = box_captions(class_ids, scores, class_names)
    order = np.arange(len(corners)) if scores is None else np.argsort(scores)
    for i in order:
        _draw_outline(draw, corners[i], colors[i], line_width, dashed)
    placed = []
    for i in reversed(order) if captions else ():  # the best box places its label first
        place = _draw_label(draw, corners[i], captions[i], colors[i], font, placed)
        placed.append(place)
    return np.array(canvas)


def box_captions(class_ids, scores=None, class_names=None) -> list[str]:
    """Write the label of each box: the class, and the score if there is one."""
    if class_ids is None:
        return []
    names = class_names_by_id(class_names or ())
    captions = [names.get(int(i), f"class {int(i)}") for i in class_ids]
    if scores is None:
        return captions
    return [f"{caption} {s:.2f}" for caption, s in zip(captions, scores, strict=True)]


def _checked_image(image):
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(
            f"draw_boxes wants a uint8 picture of shape [height, width, 3], "
            f"not {image.dtype} {list(image.shape)}"
        )
    return image


def _class_colors(class_ids, count):
    if class_ids is None:
        return [class_color(1)] * count
    return [class_color(class_id) for class_id in class_ids]


@lru_cache
def _font(size):
    # matplotlib carries this font, so labels look the same on every machine
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans-Bold.ttf")
    return ImageFont.truetype(path, size)


def _draw_outline(draw, corners, color, line_width, dashed):
    ymin, xmin, ymax, xmax = corners
    xmax, ymax = max(xmin, xmax - 1), max(ymin, ymax - 1)
    if dashed:
        _draw_dashes(draw, (xmin, ymin, xmax, ymax), color, line_width)
        return
    # a dark hair line outside keeps the colour apart from a background like it
    draw.rectangle((xmin - 1, ymin - 1, xmax + 1, ymax + 1), outline=DARK)
    draw.rectangle((xmin, ymin, xmax, ymax), outline=color, width=line_width)


def _draw_dashes(draw, rectangle, color, line_width):
    """Draw dashes on a dark line of the same width, to be seen on any background."""
    xmin, ymin, xmax, ymax = rectangle
    draw.rectangle(rectangle, outline=DARK, width=line_width)
    inset = line_width - 1
    dash = 4 * line_width
    for x in np.arange(xmin, xmax, 2 * dash):
        end = min(x + dash, xmax)
        draw.rectangle((x, ymin, end, ymin + inset), fill=color)
        draw.rectangle((x, ymax - inset, end, ymax), fill=color)
    for y in np.arange(ymin, ymax, 2 * dash):
        end = min(y + dash, ymax)
        draw.rectangle((xmin, y, xmin + inset, end), fill=color)
        draw.rectangle((xmax - inset, y, xmax, end), fill=color)


def _draw_label(draw, corners, caption, color, font, placed):
    pad = max(2, font.size // 5)
    _, _, text_width, _ = font.getbbox(caption)
    size = (text_width + 2 * pad, sum(font.getmetrics()) + pad)
    place = _free_place(corners, size, draw.im.size, placed)
    x, y = place[:2]
    draw.rectangle((x, y, place[2] - 1, place[3] - 1), fill=color)
    draw.text((x + pad, y + pad // 2), caption, fill=_text_color(color), font=font)
    return place


def _free_place(corners, size, image_size, placed):
    """Return x0, y0, x1, y1 of a label: above, inside or below, where none is yet."""
    ymin, xmin, ymax, xmax = corners
    width, height = size
    tops = (ymin - height, ymin, ymax, ymax - height)
    spots = [(x, y) for y in tops for x in (xmin, xmax - width)]
    places = [_inside(spot, size, image_size) for spot in spots]
    free = [p for p in places if not any(_overlap(p, other) for other in placed)]
    return (free or places)[0]


def _inside(spot, size, image_size):
    x, y = (
        int(max(0, min(round(start), whole - length)))
        for start, length, whole in zip(spot, size, image_size, strict=True)
    )
    return x, y, x + size[0], y + size[1]


def _overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _text_color(color):
    red, green, blue = ImageColor.getrgb(color)
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "white"
