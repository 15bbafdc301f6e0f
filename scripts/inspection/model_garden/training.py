"""Train an experiment with Model Garden's own task and trainer."""

import io
import time
import warnings
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import pandas as pd
import tensorflow as tf
import tf_keras
from absl import logging
from official.core import task_factory, train_lib
from tqdm.auto import tqdm

LOSSES = {
    "box_loss": "localization_loss",
    "cls_loss": "classification_loss",
    "total_loss": "total_loss",
}


class Progress:
    """Keep the curves that the trainer reports after each stretch, and show a bar."""

    def __init__(self, experiment):
        self.rows = []
        self.stretch = experiment.trainer.steps_per_loop
        self.bar = tqdm(total=experiment.trainer.train_steps, unit="step")
        self.clock = time.perf_counter()

    def __call__(self, output):
        now = time.perf_counter()
        values = {ours: float(output[theirs]) for theirs, ours in LOSSES.items()}
        step = (len(self.rows) + 1) * self.stretch
        speed = self.stretch / (now - self.clock)
        self.rows.append({"step": step, **values, "steps_per_sec": speed})
        self.clock = now
        self.bar.update(self.stretch)

    def table(self):
        """Return the curves, a row for each stretch of steps."""
        self.bar.close()
        return pd.DataFrame(self.rows).set_index("step")


@contextmanager
def quiet():
    """Keep back what Model Garden says beside its curves.

    It warns that the last convolution of MobileNetV2 learns nothing: the pyramid does
    not use it, and it stays as it was.
    """
    logger = tf.get_logger()
    levels = logger.level, logging.get_verbosity()
    logger.setLevel("ERROR")
    logging.set_verbosity(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        logger.setLevel(levels[0])
        logging.set_verbosity(levels[1])


def build_model(experiment):
    """Return a model with random weights."""
    with quiet():
        return task_factory.get_task(experiment.task).build_model()


def train(experiment, model_dir, seed=0):
    """Train to the end; return (model, curves).

    Writes checkpoints and TensorBoard curves into `model_dir` and goes on from what it
    finds there.
    """
    tf_keras.utils.set_random_seed(seed)
    Path(model_dir).mkdir(parents=True, exist_ok=True)
    progress = Progress(experiment)
    with quiet():
        model, _ = train_lib.run_experiment(
            distribution_strategy=tf.distribute.get_strategy(),
            task=task_factory.get_task(experiment.task, logging_dir=str(model_dir)),
            mode="train",
            params=experiment,
            model_dir=str(model_dir),
            train_actions=[progress],
        )
    return model, progress.table()
