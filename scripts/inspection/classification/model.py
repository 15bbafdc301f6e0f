"""A classifier: a backbone, the mean of its features over the picture, one layer.

For two classes the layer has one output, the probability of the last class; for more
it has one for each.
"""

import keras
import numpy as np

HEAD = "head"


def build_head(width, num_classes, name=HEAD):
    """Return the layers behind the backbone, [B, width] features -> probabilities.

    The features are scaled to spread 1 first; `adapt_head` measures them.
    """
    inputs = keras.Input((width,), name="features")
    scaled = keras.layers.Normalization(name="scale")(inputs)
    units = 1 if num_classes == 2 else num_classes
    activation = "sigmoid" if num_classes == 2 else "softmax"
    scores = keras.layers.Dense(units, activation, name="scores")(scaled)
    return keras.Model(inputs, scores, name=name)


def adapt_head(head, features):
    """Measure mean and spread of features [N, width], for the head to scale by."""
    head.get_layer("scale").adapt(np.asarray(features))


def join(backbone, head):
    """Return the classifier of a backbone and a head; it shares their weights."""
    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(backbone.output)
    return keras.Model(backbone.input, head(pooled), name="classifier")


def pooled(backbone):
    """Return the model of a backbone and the mean over the picture, [B, C]."""
    mean = keras.layers.GlobalAveragePooling2D(name="pool")(backbone.output)
    return keras.Model(backbone.input, mean, name=f"{backbone.name}_pooled")


def compile_for(model, learning_rate):
    """Compile a head or a classifier with Adam and the loss of its outputs."""
    binary = model.output_shape[-1] == 1
    loss = "binary_crossentropy" if binary else "sparse_categorical_crossentropy"
    model.compile(
        keras.optimizers.Adam(learning_rate),
        loss,
        metrics=["accuracy"],
        jit_compile=False,
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
