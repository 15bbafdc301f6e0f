"""Thumbnails of faults."""

import numpy as np
from PIL import ImageFile

from helpers.images import encode, sample_image
from helpers.sets.voc_sets import BOXES
from inspection.datasets.checking import thumbnails

GREY = (128, 128, 128)


def thumbnail(tmp_path, data, boxes=()):
    path = tmp_path / "Rohr ü.jpg"
    path.write_bytes(data)
    return np.asarray(thumbnails.paint_faults(path, boxes).convert("RGB"))


def test_a_cut_off_picture_is_shown_as_far_as_it_goes(tmp_path):
    data = encode(sample_image(3, (640, 480)), "JPEG")
    whole, half = thumbnail(tmp_path, data), thumbnail(tmp_path, data[: len(data) // 2])
    assert (half[-1, -1] == GREY).all()
    rows = len(half) // 4
    assert (half[:rows] == whole[:rows]).all(), "the upper part is as it was"
    assert not ImageFile.LOAD_TRUNCATED_IMAGES, "and no other reader is affected"


def test_boxes_at_fault_are_red(tmp_path):
    shown = thumbnail(tmp_path, encode(sample_image(3), "JPEG"), BOXES[:1])
    scale = shown.shape[1] / 64
    edge = shown[int(20 * scale), int(4 * scale) + 1]
    assert edge[0] > 200 and edge[1:].max() < 80


def test_what_is_no_picture_has_no_thumbnail(tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_text("no picture")
    assert thumbnails.paint_faults(path) is None
    assert thumbnails.draw_faults(path) is None
