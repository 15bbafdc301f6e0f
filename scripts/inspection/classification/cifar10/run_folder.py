"""The folder of one training: what is written after each epoch, and how it goes on."""

import json
from pathlib import Path

import keras

from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError
from inspection.common.stored_settings import read_json, refuse_unknown
from inspection.keras_shared import fused_batch_norm  # noqa: F401 - for loading
from inspection.keras_shared.callbacks import append_row
from inspection.keras_shared.saving import atomic_keras_file


class RunFolder:
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
        stored = read_json(self.settings)
        refuse_unknown(stored, settings, self.settings)
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
        with atomic_keras_file(self.last) as temporary:
            network.save(temporary)

    def append(self, row):
        append_row(self.history, row)


class EpochLog(keras.callbacks.Callback):
    """Write state and curves after each epoch."""

    def __init__(self, run):
        super().__init__()
        self.run = run

    def on_epoch_end(self, epoch, logs=None):
        values = {name: round(float(value), 5) for name, value in logs.items()}
        self.run.append({"epoch": epoch + 1, **values})
        self.run.save(self.model)
