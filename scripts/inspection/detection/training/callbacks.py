"""What happens beside the steps of training: checkpoints and curves are written."""

import math
import time
from pathlib import Path

import keras
import tensorflow as tf

from inspection.common.errors import WriteError, naming_disk_faults
from inspection.detection.model import checkpoint, checkpoint_files
from inspection.detection.training.distribution import ALONE, begin_together
from inspection.detection.training.graph_errors import non_finite
from inspection.detection.training.training_state import TrainingState
from inspection.keras_shared.backends import on_tensorflow, step_of
from inspection.keras_shared.callbacks import append_row, drop_rows

KEPT_CHECKPOINTS = 7  # as many as the original keeps


class CheckpointWriter(keras.callbacks.Callback):
    """Save network, optimizer and step every so many steps, and read them back.

    A damaged checkpoint is passed over: an older one costs steps, not the training.

    The keys are the API's, so that its tools and ours read each other's files. Of the
    processes of a `Spread` the first one writes, all of them read.
    """

    def __init__(self, trainer, model_dir, every, spread=ALONE):
        super().__init__()
        self.every, self.spread = every, spread
        self.state = TrainingState(trainer.network, trainer.optimizer)
        self.optimizer = trainer.optimizer
        self.newest, self.faults = begin_together(model_dir, spread)
        if self.newest and checkpoint_files.trained_step(self.newest) == 0:
            self.newest = None  # nothing is trained yet: all may still change
        self.manager = tf.train.CheckpointManager(
            self.state.checkpoint(), str(model_dir), KEPT_CHECKPOINTS
        )

    @property
    def step(self):
        """Return how many steps are done."""
        return step_of(self.optimizer)

    def resume(self):
        """Read the last checkpoint, if there is one; return its step, 0 if not.

        Raises CheckpointError where it is of another network or another optimizer.
        """
        latest = self.newest
        if latest:
            try:
                number = self.state.read(str(latest))
            except (AssertionError, ValueError) as error:
                raise checkpoint.CheckpointError(
                    f"{latest} does not fit this pipeline.config: its classes, network or"
                    " optimizer differ. Train into another model_dir, or delete this one;"
                    " fine_tune_checkpoint can start from its weights"
                ) from error
            self.manager.checkpoint.save_counter.assign(number)
            self.saved_step = self.step
        self.done = self.step
        where = f"going on from {latest}, step {self.step}" if latest else ""
        lines = [*self.faults, where or "beginning anew"]
        if (where or self.faults) and self.spread.is_first:
            print(": ".join(lines))
        return self.step

    def save(self):
        """Save now, unless this step is saved already."""
        if self.saved_step == self.step:
            return
        if self.spread.is_first:
            self._write()
        self.saved_step = self.step

    def _write(self):
        self.state.refresh()
        number = int(self.manager.checkpoint.save_counter.numpy()) + 1
        try:
            with naming_disk_faults(Path(self.manager.directory, f"ckpt-{number}")):
                self.manager.save()
        except WriteError:
            checkpoint_files.clear_folder(self.manager.directory)
            raise

    saved_step = -1
    done = 0

    def on_train_batch_end(self, batch, logs=None):
        self.done += 1
        if on_tensorflow():
            self.done = self.step
        if self.done % self.every == 0:
            if not on_tensorflow():  # in `fit` its state lies outside of the variables
                self.model.jax_state_sync()
            self.save()


class FiniteLoss(keras.callbacks.Callback):
    """Stop at a loss that is not finite, naming the batch, before anything is saved.

    batches: the `HostBatches` that `fit` takes.
    """

    def __init__(self, batches):
        super().__init__()
        self.names = batches.names

    def on_train_batch_end(self, batch, logs=None):
        names = self.names.popleft()
        if not math.isfinite(logs["loss"]):
            raise non_finite(", ".join(names))


class StepLog(keras.callbacks.Callback):
    """Write losses, learning rate and speed at the end of each stretch of steps.

    To `train/` for TensorBoard under the names of the API, and to `history.csv`.
    start: the step from which this training goes on; rows behind it are written anew.
    """

    def __init__(self, model_dir, start=0):
        super().__init__()
        folder = Path(model_dir)
        folder.mkdir(parents=True, exist_ok=True)
        self.table = folder / "history.csv"
        drop_rows(self.table, "step", start)
        self.folder = folder / "train"
        with naming_disk_faults(self.folder):
            self.events = tf.summary.create_file_writer(str(self.folder))

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()
        self.first_step = step_of(self.model.optimizer)

    def on_epoch_end(self, epoch, logs=None):
        step = step_of(self.model.optimizer)
        seconds = time.perf_counter() - self.started
        values = {f"Loss/{name}": value for name, value in logs.items()}
        values["Loss/total_loss"] = values.pop("Loss/loss")
        values["learning_rate"] = float(self.model.optimizer.learning_rate)
        values["steps_per_sec"] = (step - self.first_step) / seconds
        with naming_disk_faults(self.folder), self.events.as_default(step=step):
            for name, value in values.items():
                tf.summary.scalar(name, value)
            self.events.flush()
        append_row(self.table, {"step": step, **values})
