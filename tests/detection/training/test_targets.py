"""Which anchor answers for which object: cases small enough to work out by hand."""

import dataclasses

import numpy as np
import pytest

from helpers.tiny_detector import tiny_config
from inspection.detection.config.pipeline_settings import Matcher
from inspection.detection.model import box_coder
from inspection.detection.model.anchors import make_anchors
from inspection.detection.training.losses import detection_losses
from inspection.detection.training.targets import BACKGROUND, assign, iou, match

QUARTERS = np.array(
    [[0, 0, 0.5, 0.5], [0, 0.5, 0.5, 1], [0.5, 0, 1, 0.5], [0.5, 0.5, 1, 1]], "float32"
)
PADDING = (0.0, 0.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def model():
    return tiny_config().model


def assign_one(model, boxes, classes, anchors=QUARTERS):
    boxes = np.array(boxes, "float32").reshape(1, -1, 4)
    classes = np.array([classes], "int32").reshape(1, -1)
    return [np.array(part)[0] for part in assign(boxes, classes, anchors, model)]


def matches(overlaps, real=None, force=True):
    overlaps = np.array([overlaps], "float32")
    real = np.ones(overlaps.shape[:2], bool) if real is None else np.array([real])
    return np.array(match(overlaps, real, Matcher(0.5, 0.5, force)))[0].tolist()


def test_encode_by_hand():
    anchor = np.array([0.4, 0.4, 0.6, 0.8], "float32")
    box = np.array(
        [0.41, 0.5, 0.61, 1.3], "float32"
    )  # .01 lower, .3 right, twice as wide
    wanted = [0.01 / 0.2 * 10, 0.3 / 0.4 * 10, 0, np.log(2) * 5]
    np.testing.assert_allclose(box_coder.encode(box, anchor), wanted, atol=1e-4)
    other = box_coder.encode(box, anchor, (1, 2, 3, 4))
    np.testing.assert_allclose(other, [0.05, 1.5, 0, np.log(2) * 4], atol=1e-4)


def test_decode_takes_encode_back():
    rng = np.random.default_rng(0)
    anchors, boxes = rng.uniform(0, 0.4, (2, 100, 4)).astype("float32")
    anchors[:, 2:] += 0.45
    boxes[:, 2:] += 0.45
    for scale in (box_coder.DEFAULT_SCALES, (1, 2, 3, 4)):
        codes = box_coder.encode(boxes, anchors, scale)
        again = box_coder.decode(codes, anchors, scale)
        np.testing.assert_allclose(again, boxes, atol=1e-5)


def test_decode_by_hand():
    anchor = np.array([0.4, 0.4, 0.6, 0.8], "float32")
    codes = np.array([0.05, 1.5, 0, np.log(2) * 4], "float32")
    box = box_coder.decode(codes, anchor, (1, 2, 3, 4))
    np.testing.assert_allclose(box, [0.41, 0.5, 0.61, 1.3], atol=1e-5)


def test_zeros_stand_for_the_anchor_itself(model):
    anchors = make_anchors((64, 64), model.anchors)
    decoded = box_coder.decode(np.zeros_like(anchors), anchors)
    np.testing.assert_allclose(decoded, anchors, atol=1e-5)


def test_iou_by_hand():
    boxes = np.array([[[0, 0, 0.5, 1], PADDING]], "float32")
    wanted = [[0.5, 0.5, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(np.array(iou(boxes, QUARTERS))[0], wanted, atol=1e-6)


def test_an_anchor_takes_the_object_it_overlaps_most():
    assert matches([[0.6, 0.9, 0.1, 0.49], [0.7, 0.5, 0.2, 0.3]]) == [1, 0, -1, -1]


def test_the_threshold_itself_is_enough():
    assert matches([[0.5, 0.9, 0.4999, 0.1]]) == [0, 0, BACKGROUND, BACKGROUND]


def test_every_object_takes_its_best_anchor_however_small():
    assert matches([[0.0, 0.2, 0.1, 0.0]]) == [-1, 0, -1, -1]
    assert matches([[0.0, 0.2, 0.1, 0.0]], force=False) == [-1] * 4


def test_a_taken_anchor_leaves_the_object_it_overlaps_more():
    # anchor 0 is the best that object 0 can have, though it fits object 1 better
    assert matches([[0.3, 0.1], [0.6, 0.8]]) == [0, 1]


def test_the_earlier_object_wins_an_anchor_and_the_first_anchor_a_tie():
    assert matches([[0.1, 0.4, 0.4], [0.1, 0.45, 0.3]]) == [-1, 0, -1]


def test_rows_that_pad_take_no_anchor():
    rows = [[0.2, 0.0, 0.0], [0.0, 0.0, 0.0]]
    assert matches(rows, real=[True, False]) == [0, -1, -1]
    assert matches(rows[::-1], real=[False, True]) == [1, -1, -1]


def test_targets_by_hand(model):
    boxes = [(0, 0, 0.5, 0.5), (0.6, 0.6, 0.8, 0.8), PADDING]
    codes, classes, matched = assign_one(model, boxes, [2, 1, 0])
    assert classes.tolist() == [2, 0, 0, 1]
    assert matched.tolist() == [1, 0, 0, 1]
    shift, size = -0.05 / 0.5 * 10, np.log(0.2 / 0.5) * 5
    wanted = [[0] * 4, [0] * 4, [0] * 4, [shift, shift, size, size]]
    np.testing.assert_allclose(codes, wanted, atol=1e-4)


def test_targets_use_the_scales_of_the_config(model):
    scales = {"y_scale": 1, "x_scale": 2, "height_scale": 3, "width_scale": 4}
    coder = dataclasses.replace(model.box_coder, **scales)
    changed = dataclasses.replace(model, box_coder=coder)
    # .05 above and to the left of the anchor's centre, .2 high and .4 wide of its .5
    codes, _, _ = assign_one(changed, [(0.6, 0.5, 0.8, 0.9)], [1])
    wanted = [-0.1 * 1, -0.1 * 2, np.log(0.4) * 3, np.log(0.8) * 4]
    np.testing.assert_allclose(codes[3], wanted, atol=1e-5)


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_a_picture_without_objects_is_all_background(model, rows):
    codes, classes, matched = assign_one(model, [PADDING] * rows, [0] * rows)
    assert not codes.any() and not classes.any() and not matched.any()


@pytest.mark.parametrize("rows", [0, 1])
def test_a_batch_without_objects_has_a_finite_loss(model, rows):
    boxes, classes = np.zeros((2, rows, 4), "float32"), np.zeros((2, rows), "int32")
    outputs = {
        "box_encodings": np.ones((2, 4, 4), "float32"),
        "class_predictions_with_background": np.zeros((2, 4, 3), "float32"),
    }
    targets = assign(boxes, classes, QUARTERS, model)
    localization, classification = detection_losses(outputs, targets, model)
    assert float(localization) == 0
    # 24 logits of probability one half, divided by 1 and not by 0 matches
    assert float(classification) == pytest.approx(
        24 * 0.75 * 0.25 * np.log(2), rel=1e-5
    )
