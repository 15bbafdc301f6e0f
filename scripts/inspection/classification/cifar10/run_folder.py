"""The folder of one training: what is written after each epoch, and how it goes on."""

import csv
import json
import sys
import time
from pathlib import Path

import keras

from inspection.common import run_identity
from inspection.common.atomic_files import whole_file
from inspection.common.errors import UserError
from inspection.common.progress import bar


class Run:
    """The folder of one training: its identity, its last state, its curves."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.last = self.folder / "last.keras"
        self.history = self.folder / "history.csv"

    def begin(self, settings, weights="", data=None):
        """Write what a run begins with; raise UserError where another was begun here.

        weights: where it starts from; data: {split: {part: digest}}.
        """
        identity = {
            "settings": settings,
            "weights": run_identity.digest_weights(weights),
            "data": data or {},
        }
        run_identity.begin(
            self.folder, identity, self.last.exists(), self._older_settings()
        )

    def _older_settings(self):
        """Return what a run of an earlier version wrote, or None."""
        path = self.folder / "settings.json"
        if not path.exists():
            return None
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise UserError(f"{path} cannot be used: {error}") from None

    def last_network(self):
        """Return the network as the last epoch left it, or None at the beginning."""
        if not self.last.exists():
            return None
        return keras.saving.load_model(self.last)

    def save(self, network):
        with whole_file(self.last) as temporary:
            target = temporary.with_suffix(".keras")
            network.save(target)
            target.replace(temporary)

    def append(self, row):
        new = not self.history.exists()
        with open(self.history, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, row)
            if new:
                writer.writeheader()
            writer.writerow(row)


class EpochLog(keras.callbacks.Callback):
    """Write state and curves after each epoch, and draw a bar over all steps."""

    def __init__(self, run, settings):
        super().__init__()
        self.run = run
        self.settings = settings

    def on_train_begin(self, logs=None):
        done = int(self.model.optimizer.iterations)
        total = self.settings.epochs * self.params["steps"]
        self.bar = bar(title="training", total=total, unit="step")
        self.bar.update(done)
        self.plain = self.bar.disable and "ipykernel" not in sys.modules

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter(), time.process_time()

    def on_train_batch_end(self, batch, logs=None):
        self.bar.update()

    def on_epoch_end(self, epoch, logs=None):
        wall, cpu = self.started
        times = {
            "seconds": time.perf_counter() - wall,
            "cpu_seconds": time.process_time() - cpu,
        }
        values = {name: float(value) for name, value in logs.items()}
        row = {"epoch": epoch + 1, **values, **times}
        self.run.append({k: round(v, 5) for k, v in row.items()})
        self.run.save(self.model)
        text = ", ".join(f"{name} {value:.3f}" for name, value in values.items())
        if self.plain:
            print(f"epoch {epoch + 1}/{self.settings.epochs}: {text}", flush=True)

    def on_train_end(self, logs=None):
        self.bar.close()
