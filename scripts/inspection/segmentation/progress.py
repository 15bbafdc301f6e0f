"""A bar over the epochs of a training, or a line for each where no bar can be drawn."""

import os
import sys

import keras
from tqdm.auto import tqdm


class ProgressBar(keras.callbacks.Callback):
    """Show epochs, loss and validation IoU."""

    def __init__(self, epochs):
        super().__init__()
        drawn = "ipykernel" in sys.modules or sys.stderr.isatty()
        self.plain, self.epochs = not drawn, epochs
        # the bar of notebooks does not mind tqdm's own variable
        quiet = self.plain or "TQDM_DISABLE" in os.environ
        self.bar = tqdm(total=epochs, unit="epoch", disable=quiet)

    def on_epoch_end(self, epoch, logs=None):
        self.bar.update(epoch + 1 - self.bar.n)
        text = f"loss {logs['loss']:.3f}, val IoU {logs['val_iou']:.3f}"
        self.bar.set_postfix_str(text)
        if self.plain and "ipykernel" not in sys.modules:
            print(f"epoch {epoch + 1}/{self.epochs}: {text}", flush=True)

    def on_train_end(self, logs=None):
        self.bar.close()
