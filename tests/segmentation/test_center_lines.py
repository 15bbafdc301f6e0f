"""Skeletons and their loss, on maps small enough to see the answer."""

import keras
import numpy as np
import pytest
from keras import ops

from inspection.segmentation.center_lines import center_line_loss, soft_skeleton
from inspection.segmentation.losses import MaskLoss, dice_loss
from inspection.segmentation.training import Settings


def drawn(*rows):
    """Return a map [1, H, W, 1] of rows of . and #."""
    pixels = [[sign == "#" for sign in row] for row in rows]
    return np.array(pixels, np.float32)[None, ..., None]


def skeleton(image, steps=4):
    return np.array(soft_skeleton(image, steps))[0, ..., 0]


def test_a_line_is_its_own_skeleton():
    line = drawn(".......", ".#####.", ".......")
    np.testing.assert_array_equal(skeleton(line), line[0, ..., 0])


def test_a_bar_is_thinned_to_its_middle():
    bar = drawn(".........", ".#######.", ".#######.", ".#######.", ".........")
    found = skeleton(bar)
    # by hand: the opening gives the bar back; eroded once it is row 2, columns 2 to 6
    wanted = drawn(".........", ".........", "..#####..", ".........", ".........")
    np.testing.assert_array_equal(found, wanted[0, ..., 0])


def test_too_few_steps_leave_a_thick_bar_without_a_line():
    bar = np.zeros((1, 15, 30, 1), np.float32)
    bar[:, 3:12, 3:27] = 1  # nine pixels: the middle appears after four
    assert skeleton(bar, 3).sum() == 0
    found = skeleton(bar, 4)
    assert found[7].sum() > 10 and np.delete(found, 7, axis=0).sum() == 0


def test_the_loss_by_hand():
    whole = drawn(".......", ".#####.", ".......")
    broken = drawn(".......", ".##.##.", ".......")
    # all 4 pixels of the broken line lie in the whole, 4 of 5 the other way round
    precision, recall = (4 + 1) / (4 + 1), (4 + 1) / (5 + 1)
    wanted = 1 - 2 * precision * recall / (precision + recall)
    assert float(center_line_loss(whole, broken)) == pytest.approx(wanted)
    assert float(center_line_loss(whole, whole)) == pytest.approx(0)
    nothing = np.zeros_like(whole)
    assert float(center_line_loss(nothing, nothing)) == pytest.approx(0)


def test_a_gap_costs_more_than_a_thinner_edge():
    """Both lose as many pixels of a bar; only one of them breaks its line."""
    bar = np.zeros((1, 9, 40, 1), np.float32)
    bar[:, 3:6, 2:38] = 1
    gap, edge = bar.copy(), bar.copy()
    gap[:, 3:6, 18:21] = 0
    edge[:, 3, 2:11] = 0
    assert float(dice_loss(bar, gap)) == pytest.approx(float(dice_loss(bar, edge)))
    assert float(center_line_loss(bar, gap)) > 2 * float(center_line_loss(bar, edge))


def test_a_gradient_passes_through():
    import tensorflow as tf

    whole = drawn(".......", ".#####.", ".......")
    answer = tf.Variable(0.2 + 0.6 * drawn(".......", ".##.##.", "......."))
    with tf.GradientTape() as tape:
        loss = center_line_loss(whole, answer)
    gradient = tape.gradient(loss, answer).numpy()[0, ..., 0]
    assert np.isfinite(gradient).all() and gradient[1, 3] < 0  # fill the gap


def test_the_shares_of_the_loss():
    whole = drawn(".......", ".#####.", ".......")
    answer = 0.1 + 0.8 * drawn(".......", ".##.##.", ".......")
    plain, lines = MaskLoss(0.5)(whole, answer), center_line_loss(whole, answer)
    both = MaskLoss(0.5, 0.25)(whole, answer)
    assert float(both) == pytest.approx(
        0.75 * float(plain) + 0.25 * float(lines), rel=1e-5
    )
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(MaskLoss(0.5, 0.25))
    )
    assert float(again(whole, answer)) == pytest.approx(float(both))
    older = MaskLoss.from_config({"dice": 0.5, "name": "mask_loss"})
    assert float(older(whole, answer)) == pytest.approx(float(ops.mean(plain)))


def test_the_share_is_one():
    from inspection.common.errors import UserError

    with pytest.raises(UserError, match="cldice 1"):
        Settings(cldice=1.0)
