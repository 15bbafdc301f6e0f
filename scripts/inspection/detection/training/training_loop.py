"""Train the detector of a pipeline.config with Keras's `fit`, and go on after a stop."""

import dataclasses
import re
from contextlib import contextmanager, nullcontext
from pathlib import Path

import keras
import tensorflow as tf
from keras import ops

from inspection.common import run_identity
from inspection.common.errors import UserError
from inspection.common.locks import lock_run
from inspection.detection.config.label_map import read_label_map
from inspection.detection.config.pipeline_views import TO_BE_CONFIGURED
from inspection.detection.model import checkpoint, checkpoint_keys
from inspection.detection.model.anchors import make_anchors
from inspection.detection.model.backbone_weights import load_backbone
from inspection.detection.model.detector import warn_of_other_coder
from inspection.detection.model.network import build_network
from inspection.detection.records import record_check
from inspection.detection.records.records import read_numbered
from inspection.detection.records.tfrecord import expand_paths, matching_files
from inspection.detection.training import distribution
from inspection.detection.training.callbacks import (
    CheckpointWriter,
    FiniteLoss,
    StepLog,
)
from inspection.detection.training.graph_errors import checked, explained
from inspection.detection.training.host_batches import HostBatches
from inspection.detection.training.input_pipeline import training_batches
from inspection.detection.training.losses import detection_losses
from inspection.detection.training.optimizer import make_optimizer
from inspection.detection.training.targets import assign
from inspection.keras_shared import backends, precision
from inspection.keras_shared.callbacks import StepBar
from inspection.keras_shared.memory import explained_memory
from inspection.keras_shared.pretrained import check_source

LOG_EVERY = 100  # steps between two points of every curve
WRITTEN = ("checkpoint", "ckpt-*", "history.csv", "validation.csv")


class DetectorModel(keras.Model):
    """The network with its anchors and losses, as `fit` needs it.

    `x` is a batch of images, `y` a dict with boxes [B, M, 4], classes [B, M] and name.
    batch_parts: devices that each have a part of the batch, see `distribution`.
    """

    def __init__(self, network, settings, add_regularization=True, batch_parts=1):
        # anchors, targets and losses are of 32 bits, whatever the network computes in
        super().__init__(name="detector", dtype=precision.EXACT)
        self.network = network
        self.settings = settings
        self.add_regularization = add_regularization
        self.batch_parts = batch_parts
        anchors = make_anchors(settings.size, settings.anchors)
        self.anchors = ops.convert_to_tensor(anchors)
        self.parts = {
            name: keras.metrics.Mean(name=name)
            for name in (
                "localization_loss",
                "classification_loss",
                "regularization_loss",
            )
        }

    def call(self, images, training=False):
        return self.network(images, training=training)

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        # all is built; Keras would add up what several devices get, words as well
        pass

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        targets = assign(y["boxes"], y["classes"], self.anchors, self.settings)
        localization, classification = detection_losses(y_pred, targets, self.settings)
        penalties = self.network.losses if self.add_regularization else []
        shares = localization, classification, sum(penalties)
        for metric, share in zip(self.parts.values(), shares):
            metric.update_state(share)
        # Keras adds up the losses of the devices that have a part of the batch each
        return checked(sum(shares), y.get("name")) / self.batch_parts


def freeze(network, settings, patterns):
    """Stop the training of batch norms, or of the layers whose key or name matches.

    `patterns` are the regular expressions of freeze_variables; the keys are those of a
    checkpoint, such as `_feature_extractor/classification_backbone`.
    """
    for layer, key in checkpoint_keys.layer_keys(network).items():
        # the API leaves EfficientNet's own alone
        batch_norm = isinstance(layer, keras.layers.BatchNormalization) and not (
            key.startswith(checkpoint_keys.EFFICIENTNET)
        )
        named = any(re.search(p, f"{key} {layer.name}") for p in patterns)
        if named or (batch_norm and settings.freeze_batchnorm):
            layer.trainable = False


def check_classes(config):
    """Raise UserError where the label map and num_classes do not agree."""
    path = config.train_input.label_map_path
    names, wanted = read_label_map(path), config.model.num_classes
    if max(names.values()) != wanted:
        raise UserError(
            f"num_classes is {wanted} in pipeline.config, but {path} has {len(names)}"
            f" classes with ids up to {max(names.values())}: make them agree"
        )


def check(config, end):
    """Raise UserError for what can be told before anything is built or written."""
    check_classes(config)
    paths = expand_paths(config.train_input.input_path)
    check_start(
        config.train.fine_tune_checkpoint, config.train.fine_tune_checkpoint_type
    )
    if end < 1:
        raise UserError("train_config.num_steps is not set in pipeline.config")
    check_records(paths, config)


def check_records(paths, config):
    """Raise DatasetError for records that cannot be trained on, or evaluated fairly."""
    classes = config.model.num_classes
    images = record_check.check_all(read_numbered(paths), classes)
    # not through the view, which wants them filled in: training does without
    patterns = config.message.values(
        "eval_input_reader.tf_record_input_reader.input_path"
    )
    others = [Path(file) for p in patterns for file in matching_files(p)]
    if others and set(others) != set(paths):
        seen = record_check.check_all(read_numbered(others), classes)
        record_check.refuse_shared(
            images, seen, ", ".join(path.name for path in others)
        )


def identity_of(config):
    """Return what tells a training from others: see `common.run_identity`.

    How many steps it is trained, and where its files lie, may change on the way.
    """
    train = dataclasses.asdict(config.train)
    source = train.pop("fine_tune_checkpoint")
    del train["num_steps"]
    for length in ("total_steps", "warmup_steps"):
        train["optimizer"]["learning_rate"].pop(length, None)
    model = dataclasses.asdict(config.model)
    del model["post_processing"]  # of evaluation and export
    _leave_out_unused(train, model)
    records = expand_paths(config.train_input.input_path)
    return {
        "settings": {
            **run_identity.flatten({"train": train, "model": model}),
            "classes": read_label_map(config.train_input.label_map_path),
        },
        "weights": run_identity.digest_weights(_files_of(source)),
        "data": {"train": {p.name: run_identity.digest_file(p) for p in records}},
    }


def _leave_out_unused(train, model):
    """Take out what a training does not use, and what older ones did not know."""
    if train["optimizer"]["kind"] != "rms_prop":
        del train["optimizer"]["decay"]
    if not model["predictor"]["use_dropout"]:
        for name in ("use_dropout", "dropout_keep_probability"):
            del model["predictor"][name]


def _files_of(source):
    """Return a checkpoint's prefix where its folder is given, else what is given."""
    folder = source and Path(source).is_dir()
    return checkpoint.find_checkpoint(source) if folder else source


def _is_backbone_file(source):
    return source == "imagenet" or Path(source).suffix in (".npz", ".h5")


def check_start(source, kind):
    """Raise UserError where fine_tune_checkpoint names nothing that can be read."""
    if not source:
        return
    if str(source).startswith(TO_BE_CONFIGURED):
        raise UserError(
            "train_config.fine_tune_checkpoint is not filled in yet in pipeline.config:"
            ' write the path of a checkpoint, or "" to begin with random weights'
        )
    if _is_backbone_file(source):
        if kind != "classification":
            raise UserError(
                f"{source} holds weights of the backbone alone: write"
                ' fine_tune_checkpoint_type: "classification"'
            )
        check_source(source)
    elif kind == "classification":
        checkpoint.check_classifier(source)
    else:
        checkpoint.find_checkpoint(source)


def load_starting_weights(network, config):
    """Read the weights that fine_tune_checkpoint names, if any; return what was done."""
    train = config.train
    source, kind = train.fine_tune_checkpoint, train.fine_tune_checkpoint_type
    if not source:
        return "training from random weights"
    check_start(source, kind)
    if _is_backbone_file(source):
        alpha = config.model.feature_extractor.depth_multiplier
        count = load_backbone(network, source, alpha)
        return f"{count} arrays of the backbone from {source}"
    scope = kind if kind in ("full", "classification") else "detection"
    restored = checkpoint.restore(network, source, scope)
    if scope == "full":
        warn_of_other_coder(config.model, source)
    return f"{len(restored.used)} variables ({kind}) from {source}"


def build_trainer(config, batch_parts=1):
    """Return the compiled `DetectorModel` of a config, from its starting weights."""
    settings, train = config.model, config.train
    network = build_network(settings, precision.announced())
    print(load_starting_weights(network, config))
    freeze(network, settings, train.freeze_variables)
    trainer = DetectorModel(
        network, settings, train.add_regularization_loss, batch_parts
    )
    optimizer = precision.scaled(make_optimizer(train), network)
    # compiling TensorFlow for XLA makes a step on a CPU several times slower
    trainer.compile(optimizer, jit_compile=backends.on_jax())
    trainer.optimizer.build(trainer.trainable_variables)
    return trainer


def _stretches(start, end, length):
    """Yield (first step, last step, length) so that `fit` counts in whole epochs."""
    if start % length:
        middle = min(end, start - start % length + length)
        yield start, middle, middle - start
        start = middle
    whole = end - (end - start) % length
    if whole > start:
        yield start, whole, length
    if end > whole:
        yield whole, end, end - whole


def _fit(trainer, config, start, end, seed, log_every, spread, callbacks):
    for first, last, length in _stretches(start, end, log_every):
        done = first // log_every
        batches, checks = training_batches(config, seed, first, spread), []
        if backends.on_jax():
            hosted = HostBatches(batches)
            batches, checks = hosted.arrays(), [FiniteLoss(hosted)]
        trainer.fit(
            batches,
            initial_epoch=done,
            epochs=done + (last - first) // length,
            steps_per_epoch=length,
            callbacks=[*checks, *callbacks],
            verbose=0,
        )


def train(
    config,
    model_dir,
    num_steps=None,
    checkpoint_every=1000,
    seed=0,
    log_every=None,
    callbacks=(),
    distribute=False,
):
    """Train to `num_steps`, going on from the last checkpoint in `model_dir`.

    log_every: steps between two points of the curves, LOG_EVERY where None. callbacks:
    of Keras, beside those that write curves and checkpoints. distribute: over all devices
    of this host and, on JAX, of those that the environment names; the first process writes.

    Writes checkpoints with the state of the optimizer, and the curves: for TensorBoard
    in `train/`, as a table in `history.csv`. Returns the trainer.
    Raises UserError for settings and files that do not fit together, for a model_dir
    that was begun with other records, weights or settings or is being trained in, where memory
    runs out, and NonFiniteLossError when the loss is no longer a number.
    """
    end = num_steps or config.train.num_steps
    backends.require("training a detector", backends.TENSORFLOW, backends.JAX)
    check(config, end)
    spread = _spread(config.train.batch_size, distribute)
    log_every = log_every or LOG_EVERY
    locked = lock_run(model_dir) if spread.is_first else nullcontext()
    with locked, spread.scope(), distribution.explained_departure(spread):
        return _train(
            config, model_dir, end, checkpoint_every, seed, log_every, spread, callbacks
        )


def _spread(batch_size, distribute):
    if backends.on_jax() and tf.config.list_physical_devices("GPU"):
        # TensorFlow only reads files then, and would take all memory of a GPU
        tf.config.set_visible_devices([], "GPU")
    if distribute:
        return distribution.over_devices(batch_size)
    distribution.refuse_unspread()
    return distribution.ALONE


def _train(config, model_dir, end, checkpoint_every, seed, log_every, spread, more):
    keras.utils.set_random_seed(seed)
    trainer = build_trainer(config, spread.parts)
    writer = CheckpointWriter(trainer, model_dir, checkpoint_every, spread)
    start = writer.resume()
    if spread.is_first or start:
        run_identity.begin(model_dir, identity_of(config), start > 0, writes=WRITTEN)
    if start >= end:
        print(f"{model_dir} is trained to step {start} already: nothing to do")
        return trainer
    with (
        _beside(model_dir, start, end, spread) as shown,
        explained(config.train_input.input_path),
        explained_memory("batch_size of pipeline.config", config.train.batch_size),
    ):
        if not start:
            writer.save()  # as the API: its tutorials count on ckpt-1 being step 0
        callbacks = [writer, *shown, *more]
        _fit(trainer, config, start, end, seed, log_every, spread, callbacks)
    writer.save()
    return trainer


@contextmanager
def _beside(model_dir, start, end, spread):
    """Yield the callbacks that write and draw curves, which the first process has."""
    if not spread.is_first:
        yield []
        return
    with StepBar(end, start) as bar:
        yield [StepLog(model_dir, start), bar]
