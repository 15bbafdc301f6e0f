"""Losses and mAP on pictures that are not trained on, measured while training goes on."""

from pathlib import Path

import keras
import numpy as np

from inspection.detection.evaluation import evaluator
from inspection.detection.model.anchors import make_anchors
from inspection.detection.model.detector import Detector
from inspection.detection.training.input_pipeline import evaluation_batches
from inspection.detection.training.losses import detection_losses
from inspection.detection.training.targets import assign
from inspection.keras_shared.backends import step_of
from inspection.keras_shared.callbacks import append_row, drop_rows

FILE = "validation.csv"  # in the folder of the training
METRICS = {"mAP@.50": "mAP@.50IOU", "mAP@[.5:.95]": "mAP"}


class ValidationLog(keras.callbacks.Callback):
    """Measure before the first step, every so many steps, and after the last.

    The eval records of the config are looked at, each time all of them. every: a
    multiple of the steps between two points of the training's own curves.
    """

    def __init__(self, config, model_dir, every):
        super().__init__()
        self.config, self.every = config, every
        self.table = Path(model_dir) / FILE
        self.detector = None

    def on_train_begin(self, logs=None):
        if self.detector is None:
            self.detector = Detector(self.model.network, self.config.model)
            drop_rows(self.table, "step", self.step)  # of steps that were lost
            if not self.step:
                self.write()

    def on_epoch_end(self, epoch, logs=None):
        end = self.config.train.num_steps
        if self.step % self.every == 0 or self.step == end:
            self.write()

    @property
    def step(self):
        """Return how many steps are done."""
        return step_of(self.model.optimizer)

    def write(self):
        """Add a row of step, loss and mAP."""
        metrics = evaluator.evaluate(self.detector, self.config).coco.metrics
        found = {
            k: metrics[f"DetectionBoxes_Precision/{n}"] for k, n in METRICS.items()
        }
        loss = validation_loss(self.model.network, self.config)
        append_row(self.table, {"step": self.step, "loss": loss, **found})


def to_frame(boxes, windows):
    """Return boxes [B, M, 4] of pictures as boxes of the inputs that these lie in."""
    return boxes * np.tile(windows[:, None, 2:], 2)


def validation_loss(network, config):
    """Return where and what together, the mean over the batches of the eval records.

    Without the penalty for large weights, which no picture changes.
    """
    settings = config.model
    anchors = make_anchors(settings.size, settings.anchors)
    sums = []
    for images, batch in evaluation_batches(config):
        outputs = network(images, training=False)
        boxes = to_frame(batch["boxes"], batch["window"])
        targets = assign(boxes, batch["classes"], anchors, settings)
        sums.append(sum(map(float, detection_losses(outputs, targets, settings))))
    return float(np.mean(sums))
