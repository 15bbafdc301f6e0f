"""Train a small network from random weights: one cycle of the learning rate, resumable."""

import csv
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import tensorflow as tf

from inspection.classification import cifar_input, small_resnet
from inspection.classification.progress import bar
from inspection.datasets.errors import UserError
from inspection.datasets.files import whole_file, write_text

MOMENTUM = 0.9
START_SHARE = 0.1  # of the highest learning rate, at the first step


@dataclass(frozen=True)
class Settings:
    """What decides how a network of `small_resnet.NETWORKS` is trained."""

    network: str = "resnet9"
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


def use_mixed_precision():
    """Compute in 16 bits where a GPU is present; return the name of the policy."""
    policy = "mixed_float16" if tf.config.list_physical_devices("GPU") else "float32"
    keras.mixed_precision.set_global_policy(policy)
    return policy


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


def build_trainer(settings, count, size):
    """Return a compiled network for `count` training pictures of size x size."""
    keras.utils.set_random_seed(settings.seed)
    network = small_resnet.build_network(settings.network, settings.num_classes, size)
    steps = settings.epochs * cifar_input.steps_per_epoch(count, settings)
    network.compile(
        make_optimizer(settings, steps),
        keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=settings.label_smoothing
        ),
        metrics=["accuracy"],
        jit_compile=False,  # compiling for XLA makes a step on a CPU slower
    )
    return network


def train(data, settings, run_dir, validation=None):
    """Train on a `PictureArrays`, going on from what lies in `run_dir`; return the network.

    Writes after each epoch last.keras (network and optimizer) and history.csv.
    validation: (images, labels) measured after each epoch, None for nothing.
    Raises UserError where `run_dir` was begun with other settings.
    """
    run = Run(run_dir)
    run.begin({**asdict(settings), "pictures": len(data.train_labels)})
    count, size = data.train_images.shape[:2]
    network = run.last_network() or build_trainer(settings, count, size)
    per_epoch = cifar_input.steps_per_epoch(count, settings)
    done = int(network.optimizer.iterations) // per_epoch
    if done >= settings.epochs:
        return network
    callbacks = [keras.callbacks.TerminateOnNaN(), EpochLog(run, settings)]
    network.fit(
        cifar_input.training_batches(
            data.train_images, data.train_labels, settings, done
        ),
        steps_per_epoch=per_epoch,
        initial_epoch=done,
        epochs=settings.epochs,
        validation_data=_batches(validation, settings),
        callbacks=callbacks,
        verbose=0,
    )
    return network


def _batches(validation, settings):
    if validation is None:
        return None
    images, labels = validation
    pairs = (images, tf.one_hot(labels, settings.num_classes))
    return tf.data.Dataset.from_tensor_slices(pairs).batch(250)


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
        stored = json.loads(self.settings.read_text(encoding="utf-8"))
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
        if self.bar.disable:
            print(f"epoch {epoch + 1}/{self.settings.epochs}: {text}", flush=True)

    def on_train_end(self, logs=None):
        self.bar.close()
