"""Run a detector over the pictures of an eval input reader and measure it."""

from dataclasses import dataclass

import numpy as np

from inspection.common.detections import GroundTruth
from inspection.deploy.flipped_detector import fuse, mirror
from inspection.detection.config.label_map import read_label_map
from inspection.detection.evaluation import coco_metrics
from inspection.detection.training.graph_errors import explained
from inspection.detection.training.input_pipeline import evaluation_batches


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The pictures' ground truth and detections, by file name, and the COCO metrics."""

    ground_truths: dict
    detections: dict
    label_map: dict
    coco: coco_metrics.CocoResult


def _ground_truth(batch, i):
    real = batch["classes"][i] > 0  # the rest pads the batch
    height, width = batch["size"][i]
    return GroundTruth(
        boxes=batch["boxes"][i][real],
        class_ids=batch["classes"][i][real],
        width=int(width),
        height=int(height),
    )


def _unlike(name, taken):
    """Return the name, numbered where another picture of the records has it."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free


def look_twice(detector, images, windows):
    """Return the `Detections` of each image, the mean of its own and its mirror image's.

    images, windows: of `evaluation_batches`.
    """
    ymin, xmin, ymax, xmax = np.asarray(windows).T
    there = np.stack([ymin, 1 - xmax, ymax, 1 - xmin], axis=1)
    found = detector.detect_prepared(images, windows)
    mirrored = detector.detect_prepared(images[:, :, ::-1], there)
    return [fuse(one, mirror(other)) for one, other in zip(found, mirrored)]


def look_once(detector, images, windows):
    """Return the `Detections` of each image."""
    return detector.detect_prepared(images, windows)


def run(detector, config):
    """Return ({name: GroundTruth}, {name: Detections}) over the eval records.

    eval_config.test_time_flip looks at the mirror image of each picture, too. Pictures
    of one name are told apart by a number, `scene.png (2)`.
    """
    ground_truths, detections = {}, {}
    look = look_twice if config.eval.test_time_flip else look_once
    with explained(config.eval_input.input_path):
        for images, batch in evaluation_batches(config):
            batch = {name: value.numpy() for name, value in batch.items()}
            for i, predicted in enumerate(look(detector, images, batch["window"])):
                name = _unlike(batch["name"][i].decode(), ground_truths)
                ground_truths[name] = _ground_truth(batch, i)
                detections[name] = predicted
    return ground_truths, detections


def evaluate(detector, config):
    """Measure a detector on the records of the eval input reader."""
    ground_truths, detections = run(detector, config)
    label_map = read_label_map(config.eval_input.label_map_path)
    result = coco_metrics.evaluate(ground_truths, detections, label_map)
    return Evaluation(ground_truths, detections, label_map, result)
