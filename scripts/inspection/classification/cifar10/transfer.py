"""A backbone from ImageNet on small pictures: enlarged inside the model, two phases.

A network that learned on 224x224 has no use for 32x32: after five halvings one place is
left. So the picture is enlarged first, which adds nothing to see but fits the scale of
the filters. Being inside the model, it cannot be forgotten when the model is used.
"""

from dataclasses import replace
from pathlib import Path

import keras
import tensorflow as tf
from keras import layers

from inspection.classification import backbones, features, training
from inspection.classification.cifar10 import training_loop
from inspection.common.errors import UserError
from inspection.keras_shared import precision

TO_UNIT = 1 / 255  # the scale that so many tutorials give a backbone, wrongly


def enlarged_backbone(name, size, enlarged, weights, scale=1.0):
    """Return a model of RGB 0..255 [B, size, size, 3] -> the backbone's features.

    enlarged: side in pixels that the backbone sees. scale: what pictures are multiplied
    by before the backbone's own preprocessing; other than 1 only to measure the slip.
    """
    if enlarged < size:
        raise UserError(f"pictures of {size} cannot be enlarged to {enlarged} pixels")
    backbone = backbones.build_backbone(name, enlarged, weights)
    inputs = keras.Input((size, size, 3), name="image")
    exact = {"dtype": precision.EXACT}
    enlarge = layers.Resizing(enlarged, enlarged, "bilinear", name="enlarge", **exact)
    x = enlarge(inputs)
    if scale != 1:
        x = layers.Rescaling(scale, name="wrong_scale", **exact)(x)
    return keras.Model(inputs, backbone(x), name=f"{name}_enlarged")


def build_transfer(settings, size):
    """Return a network of frozen features and a new last layer, with logits."""
    backbone = enlarged_backbone(
        settings.network, size, settings.enlarged, settings.weights
    )
    backbone.trainable = False
    exact = {"dtype": precision.EXACT}
    pooled = layers.GlobalAveragePooling2D(name="pool", **exact)(backbone.output)
    logits = layers.Dense(settings.num_classes, name="logits", **exact)(pooled)
    return keras.Model(backbone.input, logits, name=settings.network)


def unfreeze(network):
    """Let all layers learn but batch normalization, whose statistics are ImageNet's."""
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            unfreeze(layer)
        else:
            layer.trainable = not isinstance(layer, layers.BatchNormalization)
    network.trainable_variables  # noqa: B018 - Keras counts them anew


def train_transfer(data, settings, run_dir, validation=None, head_epochs=2, rate=0.01):
    """Train the last layer, then the whole network; return it.

    The first phase lies in run_dir/head, the second, with the epochs and learning rate
    of `settings`, in run_dir/fine; each goes on after a stop. rate: of the first phase.
    """
    run_dir = Path(run_dir)
    head = replace(settings, epochs=head_epochs, learning_rate=rate)
    count, size = data.train_images.shape[:2]
    network = training_loop.train(
        data,
        head,
        run_dir / "head",
        validation,
        lambda: training_loop.compiled(build_transfer(head, size), head, count),
    )

    def begin_whole():
        policy = precision.chosen()
        whole = precision.rebuilt(network, policy, backbones.IN_32_BITS)
        unfreeze(whole)
        return training_loop.compiled(whole, settings, count)

    return training_loop.train(
        data, settings, run_dir / "fine", validation, begin_whole
    )


def probe(backbone, data, epochs=40, seed=0):
    """Return the test accuracy of a last layer trained on frozen features."""
    train, test = (
        features.extract_arrays(backbone, images)
        for images in (data.train_images, data.test_images)
    )
    known = train, data.train_labels
    count = len(data.class_names)
    head, _ = training.train_head(*known, known, count, epochs, seed=seed)
    found = head.predict(test, verbose=0).argmax(axis=1)
    return float((found == data.test_labels).mean())


def input_range(backbone_name, scale=1.0):
    """Return (lowest, highest) value that a backbone gets for RGB of 0..255 * scale."""
    kind = backbones.find_backbone(backbone_name).input
    ends = tf.constant([[[[0.0] * 3, [255.0] * 3]]]) * scale
    seen = backbones.prepare(ends, kind)
    return float(tf.reduce_min(seen)), float(tf.reduce_max(seen))
