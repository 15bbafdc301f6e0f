"""Train an experiment with Model Garden's own task and trainer."""

import time
from pathlib import Path

import pandas as pd
import tensorflow as tf
import tf_keras
from official.core import task_factory, train_lib

from inspection.common import run_identity
from inspection.common.atomic_files import write_text
from inspection.common.locks import lock_run
from inspection.common.progress import bar
from inspection.common.suppress_output import suppress_remarks
from inspection.model_garden import TALKATIVE

LOSSES = {
    "box_loss": "localization_loss",
    "cls_loss": "classification_loss",
    "total_loss": "total_loss",
}
CURVES = "curves.csv"
WRITTEN = ("checkpoint", "ckpt-*", CURVES)


class Progress:
    """Keep the curves that the trainer reports after each stretch, and show a bar.

    They lie beside the checkpoints: a training that goes on from `start` has them whole.
    """

    def __init__(self, experiment, model_dir, start=0):
        self.path = Path(model_dir) / CURVES
        self.rows = _rows_until(self.path, start)
        self.stretch = experiment.trainer.steps_per_loop
        self.end = experiment.trainer.train_steps
        self.bar = bar(total=self.end, unit="step", initial=start, leave=True)
        self.clock, self.step = time.perf_counter(), start

    def __call__(self, output):
        now, before = time.perf_counter(), self.step
        self.step = min(before + self.stretch, self.end)  # the last one may be shorter
        values = {ours: float(output[theirs]) for theirs, ours in LOSSES.items()}
        speed = (self.step - before) / (now - self.clock)
        self.rows.append({"step": self.step, **values, "steps_per_sec": speed})
        write_text(self.path, self._frame().to_csv())
        self.clock = now
        self.bar.update(self.step - before)

    def table(self):
        """Return the curves, a row for each stretch of steps."""
        self.bar.close()
        return self._frame()

    def _frame(self):
        columns = ["step", *LOSSES.values(), "steps_per_sec"]
        return pd.DataFrame(self.rows, columns=columns).set_index("step")


def _rows_until(path, step):
    """Return the rows of curves up to a step; later ones are of a stopped training."""
    if not (step and path.exists()):
        return []
    rows = pd.read_csv(path).to_dict("records")
    return [{**row, "step": int(row["step"])} for row in rows if row["step"] <= step]


def reached_step(model_dir):
    """Return the step of the last checkpoint of a training, 0 if there is none."""
    latest = tf.train.latest_checkpoint(str(model_dir))
    return int(latest.rsplit("-", 1)[1]) if latest else 0


def identity_of(experiment):
    """Return what tells a training from others: see `common.run_identity`."""
    task = experiment.task.as_dict()
    records = map(Path, task["train_data"].pop("input_path").split(","))
    start = task.pop("init_checkpoint")
    del task["validation_data"]
    wanted = {"task": task, "trainer": experiment.trainer.as_dict()}
    return {
        "settings": run_identity.flatten(wanted),
        "weights": _digest_checkpoint(start) if start else "",
        "data": {"train": {p.name: run_identity.digest_file(p) for p in records}},
    }


def _digest_checkpoint(prefix):
    """Return a digest of the tensors: files of equal weights differ in their bytes."""
    reader = tf.train.load_checkpoint(prefix)
    names = sorted(reader.get_variable_to_shape_map())
    tensors = (reader.get_tensor(name) for name in names if "OBJECT_GRAPH" not in name)
    return run_identity.digest_bytes(*(tensor.tobytes() for tensor in tensors))


def train(experiment, model_dir, seed=0):
    """Train to the end; return (model, curves).

    Writes checkpoints and TensorBoard curves into `model_dir` and goes on from what it
    finds there. Raises UserError where that was begun with other data or settings, or is
    being trained in.
    """
    with lock_run(model_dir):
        return _train(experiment, model_dir, seed)


def _train(experiment, model_dir, seed):
    tf_keras.utils.set_random_seed(seed)
    start = reached_step(model_dir)
    run_identity.begin(model_dir, identity_of(experiment), start > 0, writes=WRITTEN)
    progress = Progress(experiment, model_dir, start)
    with suppress_remarks(*TALKATIVE):
        model, _ = train_lib.run_experiment(
            distribution_strategy=tf.distribute.get_strategy(),
            task=task_factory.get_task(experiment.task, logging_dir=str(model_dir)),
            mode="train",
            params=experiment,
            model_dir=str(model_dir),
            train_actions=[progress],
        )
    return model, progress.table()
