"""Train a U-Net on pairs of picture and mask, and go on after a stop."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np

from inspection.datasets.errors import UserError
from inspection.datasets.files import whole_file, write_text
from inspection.segmentation import unet
from inspection.segmentation.batches import read_batches
from inspection.segmentation.losses import MaskLoss, PooledIoU

MODEL = "model.keras"
SETTINGS = "settings.json"
HISTORY = "history.csv"


@dataclass(frozen=True)
class Settings:
    """What is needed to train a network and to use it.

    size: side of the square that pictures are resized to, a multiple of 32.
    threshold: the probability from which on a pixel counts, chosen after training.
    """

    size: int = 256
    depth: int = 4
    width: int = 16
    encoder: str = unet.PLAIN
    epochs: int = 40
    batch_size: int = 8
    learning_rate: float = 1e-3
    dice: float = 0.5
    seed: int = 0
    threshold: float = 0.5

    def __post_init__(self):
        halvings = 5 if self.encoder == unet.MOBILENET else self.depth
        if self.size < 1 or self.size % 2**halvings:
            raise UserError(
                f"size {self.size} must be a multiple of {2**halvings}: the network "
                f"halves the picture {halvings} times"
            )


def train(pairs, model_dir, settings=Settings(), weights=None, callbacks=()):
    """Train on pairs["train"], keep the best epoch of pairs["val"]; return the network.

    Writes model.keras, settings.json, history.csv and, while training, a backup from
    which the same call goes on, though with other batches than without the stop. A
    finished run is read, not trained again.
    Raises UserError where model_dir holds a run of other settings.
    """
    model_dir = Path(model_dir)
    _check(pairs, model_dir, settings)
    if _is_finished(model_dir):
        print(f"{model_dir} is trained already: nothing to do")
        return load(model_dir)[0]
    keras.utils.set_random_seed(settings.seed)
    network = build(settings, weights, steps=_steps(pairs["train"], settings))
    write_settings(model_dir, settings)
    best = model_dir / "best.weights.h5"
    network.fit(
        read_batches(
            pairs["train"], settings.size, settings.batch_size, True, settings.seed
        ),
        validation_data=read_batches(pairs["val"], settings.size, settings.batch_size),
        epochs=settings.epochs,
        steps_per_epoch=_steps(pairs["train"], settings),
        callbacks=[*_keepers(model_dir, best), *callbacks],
        verbose=0,
    )
    network.load_weights(best)
    with whole_file(model_dir / MODEL) as temporary:
        # the temporary name does not end on .keras, which save() insists on
        network.save(named := temporary.with_suffix(".keras"))
        named.replace(temporary)
    best.unlink()
    return network


def build(settings, weights=None, steps=1):
    """Return a compiled U-Net, its learning rate falling along half a cosine."""
    network = unet.build_unet(settings.depth, settings.width, settings.encoder, weights)
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate, settings.epochs * steps, alpha=0.02
    )
    network.compile(
        keras.optimizers.Adam(rate),
        MaskLoss(settings.dice),
        metrics=[PooledIoU()],
        jit_compile=False,  # compiling for a CPU costs minutes and gains nothing
    )
    return network


def load(model_dir):
    """Return (network, Settings) of a trained folder; raise UserError where none is."""
    model_dir = Path(model_dir)
    if not (model_dir / MODEL).is_file():
        raise UserError(
            f"{model_dir} holds no {MODEL}: train one with train_segmentation.py"
        )
    network = keras.models.load_model(model_dir / MODEL, compile=False)
    return network, read_settings(model_dir)


def read_settings(model_dir):
    """Return the `Settings` of a folder."""
    path = Path(model_dir) / SETTINGS
    try:
        return Settings(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"{path} cannot be used: {error}") from None


def write_settings(model_dir, settings):
    """Write the `Settings` of a folder."""
    text = json.dumps(asdict(settings), indent=2) + "\n"
    write_text(Path(model_dir) / SETTINGS, text)


class Clock(keras.callbacks.Callback):
    """Write the seconds of each epoch into its row of the history."""

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch, logs=None):
        wall, cpu = self.started
        logs["seconds"] = round(time.perf_counter() - wall, 1)
        logs["cpu_seconds"] = round(time.process_time() - cpu, 1)


def _keepers(model_dir, best):
    """Return what keeps the best epoch, the curves, the way back, and finite losses."""
    return [
        keras.callbacks.TerminateOnNaN(raise_error=True),
        Clock(),
        keras.callbacks.ModelCheckpoint(
            best, "val_iou", mode="max", save_best_only=True, save_weights_only=True
        ),
        keras.callbacks.CSVLogger(model_dir / HISTORY, append=True),
        keras.callbacks.BackupAndRestore(model_dir / "backup"),
    ]


def _steps(pairs, settings):
    return max(1, len(pairs) // settings.batch_size)


def _check(pairs, model_dir, settings):
    empty = [side for side in ("train", "val") if not pairs.get(side)]
    if empty:
        raise UserError(f"0 pictures to {' and '.join(empty)} with")
    if not any(np.any(pair.read()[1]) for pair in pairs["train"]):
        raise UserError("no mask of the training pictures has a foreground pixel")
    if (model_dir / SETTINGS).exists():
        present = read_settings(model_dir)
        if _trained_alike(present) != _trained_alike(settings):
            raise UserError(
                f"{model_dir} holds a run of other settings ({_differences(present, settings)}); "
                "train into another folder, or delete this one"
            )


def _trained_alike(settings):
    return {**asdict(settings), "threshold": None}


def _differences(present, wanted):
    there, here = asdict(present), asdict(wanted)
    names = [n for n in here if here[n] != there[n] and n != "threshold"]
    return ", ".join(f"{n} {there[n]}, not {here[n]}" for n in names)


def _is_finished(model_dir):
    return (model_dir / MODEL).exists()
