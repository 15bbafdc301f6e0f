"""A classifier: a backbone, the mean of its features over the picture, one layer.

For two classes the layer has one output, the probability of the last class; for more
it has one for each.
"""

import keras
import numpy as np

from inspection.keras_shared import precision

HEAD = "head"
POOL = "pool"
RIDGE = 0.5  # added to every spread, as a share of the usual one


def build_head(width, num_classes, mean=0.0, variance=1.0, penalty=0.0):
    """Return the layers behind the backbone, [B, width] features -> probabilities.

    mean, variance: what features are scaled by, of `measure_scale`. penalty: of the
    squared weights, in the loss. The last layer begins at zero: random weights of
    channels that few pictures move would stay.
    """
    inputs = keras.Input((width,), name="features")
    # as settings, not as weights: a copy of a model that is given weights lacks them
    scaled = keras.layers.Normalization(
        mean=mean, variance=variance, dtype="float32", name="scale"
    )(inputs)
    units = 1 if num_classes == 2 else num_classes
    scores = keras.layers.Dense(
        units,
        "sigmoid" if num_classes == 2 else "softmax",
        kernel_initializer="zeros",
        kernel_regularizer=keras.regularizers.L2(penalty) if penalty else None,
        dtype="float32",
        name="scores",
    )(scaled)
    return keras.Model(inputs, scores, name=HEAD)


def measure_scale(features):
    """Return (mean, variance) float32 [C] by which to scale features [N, C].

    On few pictures many channels hardly move. Divided by their own spread they would
    decide about every picture on which they do, so the mean variance of all channels,
    times RIDGE squared, is added. The variance of a constant channel is 1.
    """
    rows = np.asarray(features, np.float64)
    ridge = RIDGE**2 * rows.var(axis=0).mean()
    constant = rows.max(axis=0) == rows.min(axis=0)
    variance = np.where(constant, 1.0, rows.var(axis=0) + ridge)
    return rows.mean(axis=0).astype(np.float32), variance.astype(np.float32)


def join(backbone, head):
    """Return the classifier of a backbone and a head; it shares their weights."""
    pooled = _mean(backbone)
    return keras.Model(backbone.input, head(pooled), name="classifier")


def pooled(backbone):
    """Return the model of a backbone and the mean over the picture, [B, C]."""
    return keras.Model(backbone.input, _mean(backbone), name=f"{backbone.name}_pooled")


def _mean(backbone):
    """Return the mean of a backbone's maps, in 32 bits whatever they come in."""
    pool = keras.layers.GlobalAveragePooling2D(dtype=precision.EXACT, name=POOL)
    return pool(backbone.output)


def compile_for(model, learning_rate):
    """Compile a head or a classifier with Adam and the loss of its outputs."""
    binary = model.output_shape[-1] == 1
    loss = "binary_crossentropy" if binary else "sparse_categorical_crossentropy"
    model.compile(
        precision.scaled(keras.optimizers.Adam(learning_rate), model),
        loss,
        metrics=["accuracy"],
        jit_compile=False,
        auto_scale_loss=False,  # scaled already, counting its steps
    )


def class_scores(outputs):
    """Return outputs of either kind as float32 [N, C] that sum to 1."""
    outputs = np.asarray(outputs, np.float32)
    if outputs.shape[-1] == 1:
        return np.concatenate([1 - outputs, outputs], axis=-1)
    return outputs


def predict(model, batches):
    """Return float32 [N, C] for batches of (pictures, labels), or for features [N, F]."""
    if hasattr(batches, "as_numpy_iterator"):
        return np.concatenate([answer(model, images) for images, _ in batches])
    return answer(model, batches)


def answer(model, inputs):
    """Return float32 [N, C] for one batch.

    Called as it is: for a few hundred pictures building a graph takes longer than
    going without.
    """
    return class_scores(model(np.asarray(inputs, np.float32), training=False))
