"""Train a network for small pictures: one cycle of the learning rate, resumable."""

from dataclasses import asdict, dataclass

import keras
import numpy as np
import tensorflow as tf

from inspection.classification.cifar10 import input_pipeline, small_resnet
from inspection.classification.cifar10.run_folder import EpochLog, RunFolder
from inspection.common.locks import lock_run
from inspection.common.run_identity import digest_bytes
from inspection.keras_shared import backends, precision
from inspection.keras_shared.callbacks import EpochClock, StepBar, StopOnNaN
from inspection.keras_shared.memory import explained_memory

MOMENTUM = 0.9
START_SHARE = 0.1  # of the highest learning rate, at the first step


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What decides how a network is trained.

    network: of `small_resnet.NETWORKS`; with weights one of `backbones.BACKBONES`, whose
    pictures are enlarged to `enlarged` pixels.
    """

    network: str = "resnet9"
    weights: str = ""  # "imagenet" or a file of a backbone; "" begins at random
    enlarged: int = 160
    num_classes: int = 10
    epochs: int = 30
    batch_size: int = 128
    learning_rate: float = 0.1  # the highest
    warmup: float = 0.2  # share of the steps until it is reached
    weight_decay: float = 5e-3  # of kernels, times the learning rate
    label_smoothing: float = 0.1
    augment: bool = True
    cutout: int = 8  # side in pixels, 0 for none
    seed: int = 0


def make_optimizer(settings, steps):
    """Return SGD whose learning rate rises in a line and falls as a cosine to zero."""
    warmup = round(settings.warmup * steps)
    rate = keras.optimizers.schedules.CosineDecay(
        START_SHARE * settings.learning_rate,
        max(1, steps - warmup),
        warmup_target=settings.learning_rate,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.SGD(
        rate, MOMENTUM, nesterov=True, weight_decay=settings.weight_decay
    )
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


def compiled(network, settings, count):
    """Compile a network of logits to be trained on `count` pictures; return it."""
    steps = settings.epochs * input_pipeline.steps_per_epoch(count, settings)
    network.compile(
        precision.scaled(make_optimizer(settings, steps), network),
        keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=settings.label_smoothing
        ),
        metrics=["accuracy"],
        jit_compile=False,  # compiling for XLA makes a step on a CPU slower
        auto_scale_loss=False,  # scaled already, counting its steps
    )
    return network


def train(data, settings, run_dir, validation=None, begin=None):
    """Train on an `ImageArrays`, going on from what lies in `run_dir`; return the network.

    Writes after each epoch last.keras (network and optimizer) and history.csv. Where a
    GPU gains by it, the network computes in 16 bits; what is returned computes in 32.
    validation: (images, labels) measured after each epoch, None for nothing.
    begin: returns the compiled network to begin with; None builds one at random.
    Raises UserError where `run_dir` was begun with other data, weights or settings or is
    being trained in, for a loss that is not finite, and where memory runs out.
    """
    backends.require("training a classifier", backends.TENSORFLOW)
    with lock_run(run_dir), explained_memory("batch_size", settings.batch_size):
        return precision.in_float32(_train(data, settings, run_dir, validation, begin))


def _train(data, settings, run_dir, validation, begin):
    run = RunFolder(run_dir)
    run.begin(*_identity(data, settings, validation))
    count, size = data.train_images.shape[:2]
    keras.utils.set_random_seed(settings.seed)
    network = _going_on(run, begin or _at_random(settings, count, size))
    per_epoch = input_pipeline.steps_per_epoch(count, settings)
    # rounded: a state is of whole epochs, and runs of version 1 missed skipped steps
    done = round(int(network.optimizer.iterations) / per_epoch)
    run.go_on(done)
    if done < settings.epochs:
        _fit(network, data, settings, run, validation, done)
    return network


def _going_on(run, begin):
    """Return the compiled network of the last epoch, or the one to begin with.

    What was begun on a machine with a GPU may go on without one, and the other way. The
    optimizer is made anew: Keras does not store what its weight decay spares.
    """
    with precision.layers_of(precision.announced()):
        network = begin()
    last = run.last_network()
    if last is not None:
        network.set_weights(last.get_weights())
        network.optimizer.build(network.trainable_variables)
        precision.copy_state(last.optimizer, network.optimizer)
    return network


def _fit(network, data, settings, run, validation, done):
    """Train from epoch `done` to the last, and keep each in the folder of the run."""
    images, labels = data.train_images, data.train_labels
    steps = input_pipeline.steps_per_epoch(len(labels), settings)
    total = settings.epochs * steps
    with StepBar(total, done * steps, "training") as bar:
        network.fit(
            input_pipeline.training_batches(images, labels, settings, done),
            steps_per_epoch=steps,
            initial_epoch=done,
            epochs=settings.epochs,
            validation_data=_batches(validation, settings),
            callbacks=[StopOnNaN(), bar, EpochClock(), EpochLog(run)],
            verbose=0,
        )


def _identity(data, settings, validation):
    """Return (settings, weights, data) that tell this training from others."""
    values = {**asdict(settings), "pictures": len(data.train_labels)}
    weights = values.pop("weights")  # a path; what it holds counts
    values["class_names"] = list(data.class_names)
    parts = {"train": data.part("train")}
    if validation is not None:
        parts["val"] = validation
    digests = {
        split: {"images": _digest(images), "labels": _digest(labels)}
        for split, (images, labels) in parts.items()
    }
    return values, weights, digests


def _digest(array):
    array = np.ascontiguousarray(array)
    return digest_bytes(str((array.shape, array.dtype)).encode(), array.tobytes())


def _at_random(settings, count, size):
    def begin():
        name, classes = settings.network, settings.num_classes
        network = small_resnet.build_network(name, classes, size)
        return compiled(network, settings, count)

    return begin


def _batches(validation, settings):
    if validation is None:
        return None
    images, labels = validation
    pairs = (images, tf.one_hot(labels, settings.num_classes))
    return tf.data.Dataset.from_tensor_slices(pairs).batch(250)
