"""The adaptive assignment of anchors: cases small enough to work out by hand."""

import dataclasses

import numpy as np
import pytest

from helpers.tiny_detector import tiny_config
from inspection.common.errors import DatasetError
from inspection.detection.config import pipeline_config
from inspection.detection.config.pipeline_settings import Anchors, AtssMatcher
from inspection.detection.model.anchors import grids, make_anchors
from inspection.detection.records.fitted_anchors import use_adaptive_matcher
from inspection.detection.training.adaptive_overlap import eligible, least_overlap
from inspection.detection.training.targets import assign, iou, match_adaptively

SQUARES = Anchors(3, 3, 2.0, (1.0,), 1)  # one map of 8 x 8 cells, anchors of 16 pixels


def with_matcher(cells=9, force=True, anchors=SQUARES):
    """Return the settings of a network of 64 pixels."""
    model = tiny_config().model
    matcher = AtssMatcher(cells, force)
    return dataclasses.replace(model, matcher=matcher, anchors=anchors)


def allowed(pixels, model):
    """Return the numbers of the anchors that each box, in pixels, may have."""
    anchors = make_anchors(model.size, model.anchors)
    boxes = np.array([pixels], "float32") / 64
    overlaps = iou(boxes, anchors)
    found = np.array(eligible(boxes, overlaps, anchors, model))[0]
    return [np.flatnonzero(row).tolist() for row in found]


def matched(pixels, model):
    anchors = make_anchors(model.size, model.anchors)
    boxes = np.array([pixels], "float32") / 64
    classes = np.ones(boxes.shape[:2], "int32")
    return np.flatnonzero(np.array(assign(boxes, classes, anchors, model)[2])[0])


def test_the_threshold_by_hand():
    overlaps = np.array([[[0.1, 0.3, 0.5, 0.9]]], "float32")
    weights = np.array([[[1, 1, 1, 0]]], "float32")
    # mean 0.3, deviation of the sample sqrt((.04 + 0 + .04) / 2) = 0.2
    np.testing.assert_allclose(least_overlap(overlaps, weights), [[[0.5]]], rtol=1e-6)


def test_a_box_on_an_anchor_has_that_anchor_alone():
    """The centre of cell (3, 3) is (28, 28): the anchor there covers 20 to 36."""
    # nine candidates: IoU 1, four of 1/3, four of 1/7; mean .323, deviation .265
    assert allowed([(20, 20, 36, 36)], with_matcher()) == [[27]]


def test_a_box_between_two_anchors_has_both():
    # centre (28, 32), as far from column 3 as from column 4: IoU 12/20 with both
    assert allowed([(20, 24, 36, 40)], with_matcher()) == [[27, 28]]


def test_a_thin_box_has_anchors_that_no_fixed_overlap_gives():
    thin = (26, 4, 30, 60)  # 4 x 56: the best anchor overlaps it by a sixth
    model = with_matcher(cells=64)
    overlaps = np.array(
        iou(np.array([[thin]], "float32") / 64, make_anchors((64, 64), SQUARES))
    )
    assert overlaps.max() < 0.5
    (numbers,) = allowed([thin], model)
    # row 3 alone has its centres within the box; its 8 anchors overlap alike but the ends
    assert len(numbers) >= 6 and {number // 8 for number in numbers} == {3}


def test_a_box_that_passes_between_the_centres_keeps_anchors():
    between = (30, 4, 34, 60)  # centres lie at 28 and 36
    (numbers,) = allowed([between], with_matcher(cells=64))
    assert {number // 8 for number in numbers} == {3, 4}


def test_every_object_has_an_anchor_if_it_is_forced():
    tiny = (0, 0, 1, 1)
    anchors = make_anchors((64, 64), SQUARES)
    overlaps = iou(np.array([[tiny]], "float32") / 64, anchors)
    nothing = np.zeros(overlaps.shape, bool)
    real = np.ones((1, 1), bool)
    forced = match_adaptively(overlaps, nothing, real, AtssMatcher())
    assert np.flatnonzero(np.array(forced)[0] == 0).tolist() == [0]
    free = match_adaptively(overlaps, nothing, real, AtssMatcher(9, False))
    assert (np.array(free) == -1).all()


def test_an_anchor_of_two_objects_takes_the_one_it_overlaps_more():
    overlaps = np.array([[[0.3, 0.6], [0.4, 0.2]]], "float32")
    allowed = np.array([[[True, True], [True, True]]])
    real = np.ones((1, 2), bool)
    found = match_adaptively(overlaps, allowed, real, AtssMatcher(9, False))
    assert np.array(found).tolist() == [[1, 0]]


def test_rows_that_pad_have_no_anchor():
    model = with_matcher()
    anchors = make_anchors(model.size, model.anchors)
    boxes, classes = np.zeros((2, 3, 4), "float32"), np.zeros((2, 3), "int32")
    boxes[0, 0], classes[0, 0] = np.array([20, 20, 36, 36]) / 64, 1
    matched = np.array(assign(boxes, classes, anchors, model)[2])
    assert np.flatnonzero(matched[0]).tolist() == [27] and not matched[1].any()


@pytest.mark.parametrize("ratios", [(1.0,), (1.0, 2.0, 0.5)])
def test_all_maps_and_shapes_take_part(ratios):
    anchors = Anchors(3, 7, 1.0, ratios, 2)
    model = with_matcher(anchors=anchors)
    count = len(make_anchors(model.size, anchors))
    assert count == sum(r * c * n for (r, c), n in grids(model.size, anchors))
    assert len(matched([(10, 8, 40, 44), (3, 20, 9, 60)], model)) >= 2


def test_the_config_asks_for_it(tmp_path):
    config = tiny_config()
    use_adaptive_matcher(config)
    config.set("model.ssd.matcher.atss_matcher.nearest_cells", 5)
    config.write(tmp_path / "pipeline.config")
    again = pipeline_config.read(tmp_path / "pipeline.config")
    assert again.model.matcher == AtssMatcher(5, True)
    config.set("model.ssd.matcher.atss_matcher.nearest_cells", 0)
    with pytest.raises(DatasetError, match="nearest_cells must be at least 1"):
        assert config.model
