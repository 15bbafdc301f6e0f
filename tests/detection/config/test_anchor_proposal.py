"""Anchors from the boxes of a set, on sizes whose answer is plain."""

import dataclasses

import numpy as np
import pytest

from helpers.tiny_detector import image_record
from inspection.common.errors import UserError
from inspection.detection.config import base_configs
from inspection.detection.config.anchor_proposal import (
    box_sizes,
    propose_anchors,
    shape_overlaps,
)
from inspection.detection.config.pipeline_settings import Anchors, SsdAnchors

COCO = Anchors(3, 7, 4.0, (1.0, 2.0, 0.5), 2)


def drawn(aspects, sides, count=200, seed=0):
    """Return sizes of boxes: aspect ratios and roots of areas from two ranges."""
    rng = np.random.default_rng(seed)
    aspect = 2 ** rng.uniform(*np.log2(aspects), count)
    side = 2 ** rng.uniform(*np.log2(sides), count)
    return np.stack([side / np.sqrt(aspect), side * np.sqrt(aspect)], axis=1)


def test_shape_overlaps_by_hand():
    # 16 x 64 in 32 x 32: 16 * 32 shared of 1024 + 1024 - 512; 2:1 is 22.6 x 45.3
    assert shape_overlaps(np.array([[16.0, 64.0]]), Anchors(3, 3, 4.0, (1.0,), 1)) == (
        pytest.approx([512 / 1536])
    )
    both = 16 * 32 * 2**0.5
    assert shape_overlaps(np.array([[16.0, 64.0]]), Anchors(3, 3, 4.0, (2.0,), 1)) == (
        pytest.approx([both / (2048 - both)])
    )


def test_square_boxes_ask_for_one_ratio():
    proposed = propose_anchors(drawn((0.95, 1.05), (40, 200)), COCO)
    assert proposed.aspect_ratios == (1.0,)
    assert proposed.anchor_scale == 4.0


@pytest.mark.parametrize("aspects", [(4, 12), (1 / 12, 1 / 4), (0.1, 10)])
def test_elongated_boxes_get_anchors(aspects):
    sizes = drawn(aspects, (20, 90))
    proposed = propose_anchors(sizes, COCO)
    assert np.mean(shape_overlaps(sizes, COCO) >= 0.5) < 0.6
    assert np.mean(shape_overlaps(sizes, proposed) >= 0.5) >= 0.95
    least, most = min(proposed.aspect_ratios), max(proposed.aspect_ratios)
    assert aspects[0] < least <= most < aspects[1]


def test_small_boxes_ask_for_a_smaller_scale():
    proposed = propose_anchors(drawn((0.8, 1.25), (10, 60)), COCO)
    assert proposed.anchor_scale == 1.5  # 12 pixels, the smallest boxes have 11
    assert (proposed.min_level, proposed.max_level) == (3, 7)


def test_what_cannot_be_fitted_is_refused():
    with pytest.raises(UserError, match="no box"):
        propose_anchors(np.zeros((3, 2)), COCO)
    with pytest.raises(UserError, match="no pyramid"):
        propose_anchors(np.ones((3, 2)), SsdAnchors())


def test_boxes_are_measured_as_the_network_sees_them():
    record = image_record("a.png", [(0, 0, 0.5, 0.25)], [1], size=(100, 400))
    model = base_configs.read("ssd_mobilenet_v2_fpnlite_320x320").model
    np.testing.assert_allclose(box_sizes([record], model), [[160, 80]])
    padded = dataclasses.replace(model, pad_to_square=True)
    np.testing.assert_allclose(box_sizes([record], padded), [[40, 80]])
