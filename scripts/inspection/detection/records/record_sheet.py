"""A contact sheet of records: pictures with their boxes and names."""

import itertools
import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from inspection.common.atomic_files import atomic_write
from inspection.detection.records.records import read_records
from inspection.imaging.box_drawing import draw_boxes

TILE = (400, 300)  # width, height
CAPTION = 22


def draw_record(record, size=None):
    """Return the picture of a record with its boxes, shrunk to (width, height) if any.

    The result is uint8 [height, width, 3].
    """
    image = Image.fromarray(record.image())
    if size:
        image = ImageOps.contain(image, size)
    # a record may leave the names out
    names = dict(zip(record.class_names, record.class_ids, strict=False))
    boxes = record.box_array()
    return draw_boxes(np.asarray(image), boxes, record.class_ids, class_names=names)


def draw_sheet(patterns, path, count=12, columns=4):
    """Write a PNG of the first records; return how many pictures and boxes it shows."""
    records = list(itertools.islice(read_records(patterns), max(1, count)))
    columns = max(1, min(columns, len(records)))
    rows = math.ceil(len(records) / columns)
    width, height = TILE[0], TILE[1] + CAPTION
    sheet = Image.new("RGB", (columns * width, rows * height), "white")
    for i, record in enumerate(records):
        corner = (i % columns * width, i // columns * height)
        sheet.paste(_tile(record), corner)
    with atomic_write(path) as draft:
        sheet.save(draft, "PNG")
    return len(records), sum(len(record.boxes) for record in records)


def _tile(record):
    tile = Image.new("RGB", (TILE[0], TILE[1] + CAPTION), "white")
    image = Image.fromarray(draw_record(record, TILE))
    tile.paste(image, ((TILE[0] - image.width) // 2, 0))
    size = f"{record.width}x{record.height}"
    caption = f"{record.filename}, {size}, boxes: {len(record.boxes)}"
    font = ImageFont.load_default(13)
    ImageDraw.Draw(tile).text((4, TILE[1] + 3), caption, "black", font)
    return tile
