"""The folder of one training: what is written after each epoch, and how it goes on."""

from pathlib import Path

import keras

from inspection.common import run_identity
from inspection.common.stored_settings import read_json, refuse_unknown
from inspection.keras_shared import fused_batch_norm  # noqa: F401 - for loading
from inspection.keras_shared.callbacks import append_row, drop_rows
from inspection.keras_shared.saving import atomic_keras_file, read_model


class RunFolder:
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
            self.folder,
            identity,
            self.last.exists(),
            self._older_settings(settings),
            [self.history.name],
        )

    def _older_settings(self, settings):
        """Return what a run of an earlier version wrote, or None."""
        path = self.folder / "settings.json"
        if not path.exists():
            return None
        stored = read_json(path)
        refuse_unknown(stored, [*settings, "weights"], path)
        return stored

    def last_network(self):
        """Return the network as the last epoch left it, or None at the beginning."""
        if not self.last.exists():
            return None
        return read_model(self.last)

    def save(self, network):
        with atomic_keras_file(self.last) as temporary:
            network.save(temporary)

    def go_on(self, done):
        """Forget the rows of epochs after the last state."""
        drop_rows(self.history, "epoch", done)

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
