"""The loss of a mask: cross-entropy for each pixel, Dice for the whole, lines for cracks."""

import keras
from keras import ops

from inspection.segmentation.center_lines import center_line_loss


def dice_loss(y_true, y_pred):
    """Return 1 - Dice over all pixels of a batch (Milletari et al. 2016).

    Over the batch and not over each picture: one without rust has no Dice.
    """
    y_true = ops.cast(y_true, y_pred.dtype)
    overlap = ops.sum(y_true * y_pred)
    # 1 keeps a batch without rust finite
    return 1 - (2 * overlap + 1) / (ops.sum(y_true) + ops.sum(y_pred) + 1)


@keras.saving.register_keras_serializable(package="inspection")
class MaskLoss(keras.losses.Loss):
    """Weigh binary cross-entropy and Dice.

    Cross-entropy gives every pixel a direction from the first step on; Dice does not
    care how much background there is. `dice` is the share of the second. Both count
    pixels: a crack broken in two costs them little. `cldice` is the share of all that
    the loss of center lines has instead.
    """

    def __init__(self, dice=0.5, cldice=0.0, name="mask_loss"):
        super().__init__(name=name, reduction="sum_over_batch_size")
        self.dice, self.cldice = dice, cldice

    def call(self, y_true, y_pred):
        y_true = ops.cast(y_true, y_pred.dtype)
        entropy = ops.mean(keras.losses.binary_crossentropy(y_true, y_pred))
        areas = (1 - self.dice) * entropy + self.dice * dice_loss(y_true, y_pred)
        if not self.cldice:
            return areas
        lines = center_line_loss(y_true, y_pred)
        return (1 - self.cldice) * areas + self.cldice * lines

    def get_config(self):
        return {"dice": self.dice, "cldice": self.cldice, "name": self.name}


@keras.saving.register_keras_serializable(package="inspection")
class PooledIoU(keras.metrics.Metric):
    """Count overlap and union over all pixels of an epoch, at probability one half."""

    def __init__(self, name="iou"):
        super().__init__(name=name)
        self.overlap = self.add_weight(name="overlap", initializer="zeros")
        self.union = self.add_weight(name="union", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        ground_truth = ops.cast(y_true, "bool")
        found = ops.greater_equal(y_pred, 0.5)
        both = ops.logical_and(ground_truth, found)
        either = ops.logical_or(ground_truth, found)
        self.overlap.assign_add(ops.sum(ops.cast(both, "float32")))
        self.union.assign_add(ops.sum(ops.cast(either, "float32")))

    def result(self):
        return self.overlap / ops.maximum(self.union, 1)
