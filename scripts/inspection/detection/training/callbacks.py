"""What happens beside the steps of training: checkpoints and curves are written."""

import time
from pathlib import Path

import keras
import tensorflow as tf

from inspection.common.errors import WriteError, naming_disk_faults
from inspection.detection.model import checkpoint, checkpoint_files
from inspection.detection.training.training_state import TrainingState
from inspection.keras_shared.callbacks import append_row, drop_rows

KEPT_CHECKPOINTS = 7  # as many as the original keeps


class CheckpointWriter(keras.callbacks.Callback):
    """Save network, optimizer and step every so many steps, and read them back.

    A damaged checkpoint is passed over: an older one costs steps, not the training.

    The keys are the API's, so that its tools and ours read each other's files.
    """

    def __init__(self, trainer, model_dir, every):
        super().__init__()
        self.every = every
        self.state = TrainingState(trainer.network, trainer.optimizer)
        self.step = trainer.optimizer.iterations
        self.newest, self.faults = checkpoint_files.begin_folder(model_dir)
        if self.newest and checkpoint_files.trained_step(self.newest) == 0:
            self.newest = None  # nothing is trained yet: all may still change
        self.manager = tf.train.CheckpointManager(
            self.state.checkpoint(), str(model_dir), KEPT_CHECKPOINTS
        )

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
            self.saved_step = int(self.step)
        where = f"going on from {latest}, step {int(self.step)}" if latest else ""
        lines = [*self.faults, where or "beginning anew"]
        if where or self.faults:
            print(": ".join(lines))
        return int(self.step)

    def save(self):
        """Save now, unless this step is saved already."""
        if self.saved_step == int(self.step):
            return
        try:
            with naming_disk_faults(self._next()):
                self.manager.save()
        except WriteError:
            checkpoint_files.clear_folder(self.manager.directory)
            raise
        self.saved_step = int(self.step)

    def _next(self):
        number = int(self.manager.checkpoint.save_counter) + 1
        return Path(self.manager.directory, f"ckpt-{number}")

    saved_step = -1

    def on_train_batch_end(self, batch, logs=None):
        if int(self.step) % self.every == 0:
            self.save()


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
        self.first_step = int(self.model.optimizer.iterations)

    def on_epoch_end(self, epoch, logs=None):
        step = int(self.model.optimizer.iterations)
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
