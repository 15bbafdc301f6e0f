"""Evaluate checkpoints as a training writes them, and keep the figures."""

import json
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError, WriteError, naming_disk_faults
from inspection.common.own_outputs import own_outputs
from inspection.detection.evaluation.evaluator import evaluate
from inspection.detection.evaluation.side_by_side import TAG, draw_pairs
from inspection.detection.model.checkpoint_files import trained_step
from inspection.detection.model.detector import load_detector
from inspection.detection.records import record_check
from inspection.detection.records.records import read_numbered

POLL_SECONDS = 2
EVENTS = "events.out.*"
METRICS = "metrics.json"


def step_of(path):
    """Return the training step at which a checkpoint was written."""
    return trained_step(path) or 0  # a checkpoint of the zoo holds no optimizer


def _write_curves(evaluation, config, step, folder):
    """Write the metrics, and some pictures, for TensorBoard."""
    with tf.summary.create_file_writer(str(folder)).as_default(step=step):
        for name, value in evaluation.coco.metrics.items():
            tf.summary.scalar(name, value)
        for number, image in enumerate(draw_pairs(evaluation, config)):
            tf.summary.image(f"{TAG}/{number}", image[None])


@contextmanager
def _taking_back(folder):
    """Name a folder that takes nothing, and remove the curves that were begun there."""
    before = set(folder.glob(EVENTS))
    try:
        with naming_disk_faults(folder):
            yield
    except WriteError:
        for begun in set(folder.glob(EVENTS)) - before:
            begun.unlink()
        raise


def _report(evaluation, config, step, folder):
    """Print the tables, and write them as metrics.json and for TensorBoard."""
    result = evaluation.coco
    print(f"step {step}, {len(evaluation.ground_truths)} pictures")
    print(result.table().to_string())
    print(result.per_class.to_string())
    summary = {
        "step": step,
        "pictures": len(evaluation.ground_truths),
        **result.metrics,
        "per_class": json.loads(result.per_class.to_json(orient="index")),
    }
    with _taking_back(folder):
        _write_curves(evaluation, config, step, folder)
        write_text(folder / METRICS, json.dumps(summary, indent=2) + "\n")


def watch(config, checkpoint_dir, model_dir, timeout):
    """Evaluate the latest checkpoint, then each new one until `timeout` seconds pass.

    Raises UserError when no checkpoint comes at all, and for records that cannot be
    evaluated on, and where metrics.json is somebody's.
    """
    records = read_numbered(config.eval_input.input_path)
    record_check.check_all(records, config.model.num_classes)
    folder = Path(model_dir) / "eval"
    seen = 0
    with own_outputs("model_main_tf2.py", [folder / METRICS]):
        for path in tf.train.checkpoints_iterator(
            checkpoint_dir, timeout=max(timeout, 1), min_interval_secs=POLL_SECONDS
        ):
            seen += 1
            evaluation = evaluate(load_detector(config, path), config)
            _report(evaluation, config, step_of(path), folder)
    if not seen:
        raise UserError(f"{checkpoint_dir}: no checkpoint came in {timeout} seconds")
