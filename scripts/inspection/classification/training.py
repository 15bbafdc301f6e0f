"""Two phases: the head on extracted features, then the network with a small rate."""

import keras
import numpy as np
import pandas as pd

from inspection.classification import model as models
from inspection.common.errors import UserError
from inspection.common.progress import bar
from inspection.keras_shared.callbacks import EpochBar, StopOnNaN, refuse_nan

BATCH = 32
LOSSES = ("loss", "val_loss")  # what the bar shows
ABSURD = 10  # times the loss of guessing, in validation


def train_head(features, labels, val, num_classes=2, epochs=100, rate=0.003, seed=0):
    """Return (head, history) trained on features [N, C] and int labels [N].

    val: (features, labels) that choose the epoch: the weights of its lowest loss stay.
    history: a DataFrame, a row for each epoch. The squared weights are penalised as in
    scikit-learn's logistic regression: Adam gives a channel that hardly moves as large
    a weight as any other.
    """
    keras.utils.set_random_seed(seed)
    shape = features.shape[1], num_classes, *models.measure_scale(features)
    head = models.build_head(*shape, penalty=0.5 / len(features))
    models.compile_for(head, rate)
    labels = np.asarray(labels)
    val = np.asarray(val[0]), np.asarray(val[1])
    rows, best, weights = [], np.inf, head.get_weights()
    for order in bar(_orders(len(features), epochs, seed), "head", epochs, "epoch"):
        head.reset_metrics()
        # by hand: what `fit` does around an epoch takes ten times the epoch
        for batch in order:
            logs = head.train_on_batch(features[batch], labels[batch], return_dict=True)
            refuse_nan(logs["loss"])
        row = _without_penalty(logs, head)
        head.reset_metrics()
        logs = _without_penalty(head.test_on_batch(*val, return_dict=True), head)
        rows.append(row | {f"val_{name}": value for name, value in logs.items()})
        if rows[-1]["val_loss"] < best:
            best, weights = rows[-1]["val_loss"], head.get_weights()
    check_validation(best, num_classes)
    head = models.build_head(*shape)
    head.set_weights(weights)
    return head, _phase(pd.DataFrame(rows), "head")


def _without_penalty(logs, head):
    values = {name: float(value) for name, value in logs.items()}
    return values | {"loss": values["loss"] - float(sum(head.losses))}


def _orders(count, epochs, seed):
    """Return int [epochs, batches, BATCH]: all places, mixed; a few twice to fill up."""
    rng = np.random.default_rng(seed)
    size = min(BATCH, count)
    whole = -(-count // size) * size
    mixed = [np.resize(rng.permutation(count), whole) for _ in range(epochs)]
    return np.reshape(mixed, (epochs, -1, size))


def fine_tune(
    classifier, train, val, epochs=5, rate=1e-4, unfrozen=1.0, frozen_norm=True, seed=0
):
    """Train a classifier's upper layers; return the history.

    train, val: batches of (pictures, labels). unfrozen: the share of the backbone's
    layers that learn, counted from the output. frozen_norm: batch norm stays as it is,
    because a few hundred pictures would only blur what many more have measured; False
    is for a backbone that starts from random weights. The weights of the lowest
    validation loss stay, those from before among them.
    """
    keras.utils.set_random_seed(seed)
    unfreeze(classifier, unfrozen, frozen_norm)
    models.compile_for(classifier, rate)
    shown = EpochBar(epochs, title="fine-tuning", shown=LOSSES)
    keep = KeepBest(val)
    done = classifier.fit(
        train,
        epochs=epochs,
        validation_data=val,
        verbose=0,
        callbacks=[StopOnNaN(), keep, shown],
    )
    check_validation(keep.best, max(2, classifier.output_shape[-1]))
    return history_of(done, "fine-tuning")


def unfreeze(classifier, share, frozen_norm=True):
    """Let the last share of the backbone's layers learn, with or without batch norm."""
    layers = [
        layer
        for network in _networks(classifier)
        for layer in network.layers
        if layer.weights
    ]
    first = round(len(layers) * (1 - share))
    for i, layer in enumerate(layers):
        norm = isinstance(layer, keras.layers.BatchNormalization)
        layer.trainable = i >= first and not (norm and frozen_norm)


def freeze(classifier):
    """Let nothing of the backbone learn."""
    for network in _networks(classifier):
        for layer in network.layers:
            layer.trainable = False


def _networks(classifier):
    inner = [k for k in classifier.layers if isinstance(k, keras.Model)]
    return [network for network in inner if network.name != models.HEAD]


def history_of(done, phase):
    """Return the DataFrame of what `fit` returned, a row for each epoch."""
    return _phase(pd.DataFrame(done.history), phase)


def _phase(table, phase):
    table = table.rename_axis("epoch")
    table.insert(0, "phase", phase)
    return table


def check_validation(loss, num_classes):
    """Say where the lowest validation loss is no better than guessing.

    Raises UserError where it is absurd: then training and validation pictures have
    little in common, or the learning rate is far too high.
    """
    guessing = np.log(num_classes)
    if loss > ABSURD * guessing:
        raise UserError(
            f"the validation loss never falls below {loss:.3g}, where guessing gives "
            f"{guessing:.3f}: look for validation pictures of another kind than those "
            "for training, then take a tenth of the learning rate"
        )
    if loss > guessing:
        print(
            f"note: the lowest validation loss, {loss:.3f}, is no better than guessing "
            f"({guessing:.3f}): nothing was learned that holds for other pictures"
        )


class KeepBest(keras.callbacks.Callback):
    """Put the weights of the lowest validation loss back when training ends.

    val: batches on which the weights before training are measured, too.
    """

    def __init__(self, val=None):
        super().__init__()
        self.val, self.best, self.weights = val, np.inf, None

    def on_train_begin(self, logs=None):
        if self.val is not None:
            loss = self.model.evaluate(self.val, verbose=0, return_dict=True)["loss"]
            self.best, self.weights = loss, self.model.get_weights()

    def on_epoch_end(self, epoch, logs=None):
        if logs["val_loss"] < self.best:
            self.best, self.weights = logs["val_loss"], self.model.get_weights()

    def on_train_end(self, logs=None):
        if self.weights is not None:
            self.model.set_weights(self.weights)
