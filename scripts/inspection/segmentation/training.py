"""Train a U-Net on pairs of picture and mask, and go on after a stop."""

import json
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np

from inspection.common import run_identity
from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError
from inspection.common.locks import lock_run
from inspection.common.stored_settings import build_settings, read_json
from inspection.keras_shared import backends, precision
from inspection.keras_shared.callbacks import EpochClock, StopOnNaN, drop_rows
from inspection.keras_shared.fused_batch_norm import FusedBatchNormalization
from inspection.keras_shared.memory import explained_memory
from inspection.keras_shared.saving import atomic_keras_file, read_model
from inspection.segmentation import training_state, unet
from inspection.segmentation.batches import (
    read_batches,
    steps_per_epoch,
    training_batches,
)
from inspection.segmentation.losses import MaskLoss, PooledIoU
from inspection.segmentation.training_state import StateKeeper

MODEL = "model.keras"
SETTINGS = "settings.json"
DEEPEST = 8  # halvings: the deepest picture has a side of 256 pixels at least
HISTORY = "history.csv"
WRITTEN = (MODEL, SETTINGS, HISTORY, "last.*", "region_check.csv")
NOT_TRAINED = ("threshold", "class_name")  # settings that weights do not depend on


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is needed to train a network and to use it.

    size: side of the square that pictures are resized to, a multiple of 32.
    crop: side of the part, each time another, that is trained on; 0 for all of it.
    cldice: share of the loss of center lines, for what is long and thin; see `MaskLoss`.
    averaged: share of the steps over which weights and statistics are averaged.
    threshold: the probability from which on a pixel counts, chosen after training.
    class_name: what the masks show.
    """

    size: int = 256
    depth: int = 4
    width: int = 16
    encoder: str = unet.PLAIN
    epochs: int = 40
    batch_size: int = 8
    learning_rate: float = 1e-3
    dice: float = 0.5
    cldice: float = 0.0
    crop: int = 0
    averaged: float = 0.1
    seed: int = 0
    threshold: float = 0.5
    class_name: str = "rust"  # all that files without this field were trained on

    def __post_init__(self):
        if not 1 <= self.depth <= DEEPEST:
            raise UserError(f"depth {self.depth} is not between 1 and {DEEPEST}")
        halvings = 5 if self.encoder == unet.MOBILENET else self.depth
        lengths = {"size": self.size, "crop": self.crop or self.size}
        for name, length in lengths.items():
            if length < 1 or length % 2**halvings:
                raise UserError(
                    f"{name} {length} must be a multiple of {2**halvings}: the network "
                    f"halves the picture {halvings} times"
                )
        if not 0 <= self.cldice < 1:
            raise UserError(f"cldice {self.cldice} is not from 0 to less than 1")
        if self.crop > self.size:
            raise UserError(f"crop {self.crop} is larger than size {self.size}")


def train(pairs, model_dir, settings=Settings(), weights=None, callbacks=()):
    """Train on pairs["train"], watch pairs["val"]; return the network.

    Writes model.keras, settings.json, history.csv and, while training, the state from
    which the same call goes on as if there had been no stop. A finished run is read,
    not trained again.
    Raises UserError where model_dir holds a run of other pictures, weights or settings,
    or is being trained in, and where memory runs out.
    """
    backends.require("training a segmenter", backends.TENSORFLOW)
    _check(pairs)
    with lock_run(model_dir), explained_memory("batch_size", settings.batch_size):
        return _train(pairs, Path(model_dir), settings, weights, callbacks)


def _train(pairs, model_dir, settings, weights, callbacks):
    _begin(pairs, model_dir, settings, weights)
    if _is_finished(model_dir):
        print(f"{model_dir} is trained already: nothing to do")
        training_state.forget(model_dir)  # stopped before the last step
        return load(model_dir)[0]
    keras.utils.set_random_seed(settings.seed)
    per_epoch = steps_per_epoch(pairs["train"], settings)
    policy = precision.announced()
    network = build(settings, weights, per_epoch, policy)
    write_settings(model_dir, settings)
    again = partial(build, settings, None, per_epoch)
    done = training_state.resume(network, model_dir, again) // per_epoch
    drop_rows(model_dir / HISTORY, "epoch", done - 1)
    network.fit(
        training_batches(pairs["train"], settings, done),
        validation_data=read_batches(pairs["val"], settings.size, settings.batch_size),
        initial_epoch=done,
        epochs=settings.epochs,
        steps_per_epoch=per_epoch,
        callbacks=[*_keepers(model_dir, policy), *callbacks],
        verbose=0,
    )
    network = precision.in_float32(network)
    with atomic_keras_file(model_dir / MODEL) as temporary:
        network.save(temporary)
    training_state.forget(model_dir)
    return network


def build(settings, weights=None, steps=1, policy=precision.EXACT):
    """Return a compiled U-Net whose learning rate falls along half a cosine.

    steps: of an epoch. policy: in how many bits it computes. The weights it is validated
    with, and left with, are averages over the last steps: single ones jump, and the best
    of many epochs is the luckiest (Izmailov et al. 2018, arXiv:1803.05407).
    """
    shape = settings.depth, settings.width, settings.encoder
    with precision.layers_of(policy):
        network = unet.build_unet(*shape, weights)
    steps *= settings.epochs
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate, steps, alpha=0.02
    )
    momentum = 1 - 1 / max(1, settings.averaged * steps)
    for layer in network.layers:
        if isinstance(layer, FusedBatchNormalization):
            layer.momentum = momentum
    adam = keras.optimizers.Adam(rate, use_ema=True, ema_momentum=momentum)
    network.compile(
        precision.scaled(adam, network),
        MaskLoss(settings.dice, settings.cldice),
        metrics=[PooledIoU()],
        jit_compile=False,  # compiling for a CPU costs minutes and gains nothing
        auto_scale_loss=False,  # scaled already, counting its steps
    )
    return network


def load(model_dir):
    """Return (network, Settings) of a trained folder; raise UserError where none is."""
    model_dir = Path(model_dir)
    if not (model_dir / MODEL).is_file():
        raise UserError(
            f"{model_dir} holds no {MODEL}: train one with train_segmenter.py"
        )
    network = read_model(model_dir / MODEL, compile=False)
    return network, read_settings(model_dir)


def read_settings(model_dir):
    """Return the `Settings` of a folder."""
    path = Path(model_dir) / SETTINGS
    return build_settings(Settings, read_json(path), path)


def write_settings(model_dir, settings):
    """Write the `Settings` of a folder."""
    text = json.dumps(asdict(settings), indent=2) + "\n"
    write_text(Path(model_dir) / SETTINGS, text)


def _keepers(model_dir, policy):
    """Return what keeps finite losses, averaged weights, the curves, the way back."""
    return [
        StopOnNaN(),
        keras.callbacks.SwapEMAWeights(),  # in validation only
        EpochClock(),
        keras.callbacks.CSVLogger(model_dir / HISTORY, append=True),
        StateKeeper(model_dir, policy),
    ]


def _check(pairs):
    empty = [side for side in ("train", "val") if not pairs.get(side)]
    if empty:
        raise UserError(f"0 pictures to {' and '.join(empty)} with")
    for split in ("train", "val"):
        if not any(np.any(pair.read()[1]) for pair in pairs[split]):
            raise UserError(f"no mask of {split} has a foreground pixel")


def _begin(pairs, model_dir, settings, weights):
    """Compare this training with the run in model_dir, if there is one."""
    data = {
        split: {pair.stem: pair.digest() for pair in pairs[split]} for split in pairs
    }
    identity = {
        "settings": _trained_alike(settings),
        "weights": run_identity.digest_weights(weights),
        "data": data,
    }
    begun = _is_finished(model_dir) or bool(training_state.files_in(model_dir))
    older = _trained_alike(read_settings(model_dir)) if begun else None
    run_identity.begin(model_dir, identity, begun, older, WRITTEN)


def _trained_alike(settings):
    alike = {n: v for n, v in asdict(settings).items() if n not in NOT_TRAINED}
    if not settings.cldice:
        del alike["cldice"]  # runs that were begun before there was such a share
    return alike


def _is_finished(model_dir):
    return (model_dir / MODEL).exists()
