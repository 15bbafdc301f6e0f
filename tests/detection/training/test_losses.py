import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from helpers.tiny_detector import tiny_config
from inspection.detection.config.pipeline_settings import Losses
from inspection.detection.training.losses import detection_losses, huber, sigmoid_focal

LN2 = np.log(2)


@pytest.fixture(scope="module")
def model():
    return tiny_config().model


def focal(logit, target, **settings):
    return float(sigmoid_focal(np.float32(logit), np.float32(target), **settings))


def total(model, errors, logits, classes, **changes):
    """Return both losses of one picture; `classes` of its anchors, 0 for background."""
    settings = dataclasses.replace(model, **changes)
    codes = np.zeros_like(errors, "float32")
    classes = np.array([classes], "int32")
    outputs = {
        "box_encodings": np.array(errors, "float32"),
        "class_predictions_with_background": np.array(logits, "float32"),
    }
    targets = codes, classes, (classes > 0).astype("float32")
    return [float(part) for part in detection_losses(outputs, targets, settings)]


@pytest.mark.parametrize(
    ("logit", "target", "wanted"),
    [
        (0, 1, 0.25 * 0.5**2 * LN2),
        (0, 0, 0.75 * 0.5**2 * LN2),
        (np.log(3), 1, 0.25 * 0.25**2 * np.log(4 / 3)),  # p = 3/4
        (np.log(3), 0, 0.75 * 0.75**2 * np.log(4)),
    ],
)
def test_focal_loss_by_hand(logit, target, wanted):
    assert focal(logit, target) == pytest.approx(wanted, rel=1e-5)


def test_focal_loss_without_focus_is_cross_entropy():
    assert focal(np.log(3), 1, alpha=None, gamma=0.0) == pytest.approx(np.log(4 / 3))
    assert focal(0, 1, alpha=None) == pytest.approx(0.25 * LN2)


def test_focal_loss_of_huge_logits_is_finite():
    assert focal(200, 0) == pytest.approx(0.75 * 200)
    assert focal(-200, 1) == pytest.approx(0.25 * 200)
    assert focal(200, 1) == focal(-200, 0) == 0


def test_huber_by_hand():
    errors = np.array([0, 0.5, -0.5, 1, 2, -3], "float32")
    np.testing.assert_allclose(huber(errors), [0, 0.125, 0.125, 0.5, 1.5, 2.5])
    np.testing.assert_allclose(huber(errors[3:5], 0.5), [0.375, 0.875])


ERRORS = [[[2.0, 0, 0, 0], [0.5, 0, 0, 0], [9, 9, 9, 9]]]
ZEROS = np.zeros((1, 3, 3))


def test_both_losses_are_divided_by_the_number_of_matches(model):
    localization, classification = total(model, ERRORS, ZEROS, [1, 2, 0])
    assert localization == pytest.approx((1.5 + 0.125) / 4 / 2)
    # 9 logits of probability one half, 2 of them should be 1
    assert classification == pytest.approx((2 * 0.25 + 7 * 0.75) * 0.25 * LN2 / 2)


def test_boxes_of_background_anchors_do_not_count(model):
    localization, classification = total(model, ERRORS, ZEROS, [0, 0, 0])
    assert localization == 0
    assert classification == pytest.approx(9 * 0.75 * 0.25 * LN2)


def test_losses_as_the_settings_say(model):
    both = {
        "normalize_loss_by_num_matches": False,
        "normalize_loc_loss_by_codesize": False,
    }
    weights = Losses(2.0, 0.25, 0.5, classification_weight=3.0, localization_weight=2.0)
    plain = total(model, ERRORS, ZEROS, [1, 2, 0])[1] * 2
    localization, classification = total(
        model, ERRORS, ZEROS, [1, 2, 0], losses=weights, **both
    )
    assert localization == pytest.approx(2 * (0.875 + 0.125))
    assert classification == pytest.approx(3 * plain)


@pytest.mark.parametrize("target", [0, 1])
def test_without_gamma_it_is_cross_entropy_and_slopes_stay_numbers(target):
    assert focal(0, target, alpha=None, gamma=0.0) == pytest.approx(LN2)
    logits = tf.Variable([-200.0, -3.0, 0.0, 3.0, 200.0])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(sigmoid_focal(logits, np.full(5, target, "f4"), None, 0.0))
    wanted = tf.sigmoid(logits) - target
    np.testing.assert_allclose(tape.gradient(loss, logits), wanted, atol=1e-6)
