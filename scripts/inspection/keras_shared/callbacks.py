"""What happens beside the steps of any training: bars, times, a stop at NaN."""

import csv
import math
import time

import keras

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import UserError, naming_disk_faults
from inspection.common.progress import bar, is_drawn
from inspection.keras_shared.backends import step_of


class ProgressBar(keras.callbacks.Callback):
    """Show a bar over a training, or lines where none can be drawn.

    Close it, or use it in a `with`: one bar may serve several calls of `fit`.
    total, initial: of all steps or epochs, and of those done before.
    shown: names of the logs to show, None for all.
    """

    unit = ""
    leave = False  # the bar standing when training ends

    def __init__(self, total, initial=0, title="", shown=None):
        super().__init__()
        self.total, self.title, self.shown = total, title, shown
        options = {"unit": self.unit, "initial": initial, "leave": self.leave}
        self.bar = bar(title=title, total=total, **options)

    def text(self, logs):
        """Return the values to show: loss 0.123, val_loss 0.234."""
        names = logs if self.shown is None else self.shown
        return ", ".join(f"{name} {logs[name]:.3f}" for name in names)

    def tell(self, done, logs):
        """Print a line where no bar is drawn."""
        if not is_drawn():
            begin = f"{self.title}, {self.unit}" if self.title else self.unit
            print(f"{begin} {done}/{self.total}: {self.text(logs)}", flush=True)

    def close(self):
        self.bar.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


class StepBar(ProgressBar):
    """Show a bar over all steps with the loss, or a line at the end of each epoch."""

    unit = "step"
    leave = True  # these trainings take long: the last loss should be there to read

    def on_train_batch_end(self, batch, logs=None):
        self.bar.update()
        self.bar.set_postfix_str(f"loss {logs['loss']:.3f}", refresh=False)

    def on_epoch_end(self, epoch, logs=None):
        self.tell(step_of(self.model.optimizer), logs)


class EpochBar(ProgressBar):
    """Show a bar over the epochs of one `fit`, or a line for each."""

    unit = "epoch"

    def on_epoch_end(self, epoch, logs=None):
        self.bar.update(epoch + 1 - self.bar.n)
        self.bar.set_postfix_str(self.text(logs))
        self.tell(epoch + 1, logs)

    def on_train_end(self, logs=None):
        self.close()


class EpochClock(keras.callbacks.Callback):
    """Put the seconds of each epoch into its logs: `seconds` and `cpu_seconds`.

    Callbacks behind it see them, and so does the history of Keras.
    """

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch, logs=None):
        wall, cpu = self.started
        logs["seconds"] = round(time.perf_counter() - wall, 3)
        logs["cpu_seconds"] = round(time.process_time() - cpu, 3)


class StopOnNaN(keras.callbacks.Callback):
    """Stop at the first loss that is not finite, and say where to look."""

    def on_train_batch_end(self, batch, logs=None):
        refuse_nan(logs["loss"])


def refuse_nan(loss):
    """Raise UserError for a loss that is not finite, and say where to look."""
    if not math.isfinite(loss):
        raise UserError(
            f"the loss is {loss}: take a tenth of the learning rate; if it stays, look "
            "for pictures that are all one value"
        )


def drop_rows(path, column, last):
    """Remove the rows of a .csv that a stopped training wrote after its last state.

    last: the greatest number in `column` that stays. A row that was cut off goes, too.
    """
    if not path.exists():
        return
    header, *lines = path.read_bytes().splitlines(keepends=True) or [b""]
    names = _cells(header)
    kept = [
        line
        for line in lines
        if line.endswith(b"\n") and _stays(names, _cells(line), column, last)
    ]
    if not kept:
        path.unlink()
    elif kept != lines:
        with atomic_write(path) as draft:
            draft.write_bytes(b"".join([header, *kept]))


def _stays(names, cells, column, last):
    if column not in names or len(cells) != len(names):
        return False
    try:
        return float(cells[names.index(column)]) <= last
    except ValueError:
        return False


def _cells(line):
    return next(csv.reader([line.decode(errors="replace")]), [])


def append_row(path, row):
    """Append {column: value} to a .csv, whose first row writes the header."""
    new = not path.exists()
    with (
        naming_disk_faults(path),
        open(path, "a", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, row)
        if new:
            writer.writeheader()
        writer.writerow(row)
