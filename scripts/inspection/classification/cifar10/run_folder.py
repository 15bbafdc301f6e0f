"""The folder of one training: what is written after each epoch, and how it goes on."""

import csv
import json
import sys
import time
from pathlib import Path

import keras

from inspection.common.atomic_files import whole_file, write_text
from inspection.common.errors import UserError
from inspection.common.progress import bar
from inspection.common.text_files import read_text


class Run:
    """The folder of one training: its settings, its last state, its curves."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.settings = self.folder / "settings.json"
        self.last = self.folder / "last.keras"
        self.history = self.folder / "history.csv"

    def begin(self, settings):
        """Write the settings, or raise UserError where others lie there already."""
        if not self.settings.exists():
            write_text(self.settings, json.dumps(settings, indent=2) + "\n")
            return
        stored = json.loads(read_text(self.settings))
        changed = [
            f"{name} {stored.get(name)}, now {value}"
            for name, value in settings.items()
            if stored.get(name) != value
        ]
        if changed:
            raise UserError(
                f"{self.folder} was begun with {'; '.join(changed)}. Train into another "
                "folder, or delete this one"
            )

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
