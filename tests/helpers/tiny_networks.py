"""Keras networks with one picture in, small enough to be converted in a test."""

import keras

SIZE = 16
CLASSES = ["red", "green", "blue"]


def classifier():
    """Return a classifier of three classes, weights random but always the same."""
    keras.utils.set_random_seed(0)
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(8, 3, 2, "same", activation="relu6")(image)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, keras.layers.Dense(3, activation="softmax")(x))


def backbone(size):
    """Return a network in the form of those that classifiers are built on."""
    keras.utils.set_random_seed(1)
    inner_in = keras.Input((size, size, 3))
    x = keras.layers.Conv2D(12, 5, strides=2, activation="relu")(inner_in)
    x = keras.layers.BatchNormalization()(x)
    image = keras.Input((size, size, 3), name="image")
    scaled = keras.layers.Rescaling(1 / 127.5, -1)(image)
    features = keras.Model(inner_in, x, name="tiny")(scaled)
    return keras.Model(image, features, name="tiny_backbone")


def segmenter():
    """Return a segmenter of three classes, the first the background."""
    keras.utils.set_random_seed(0)
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu6")(image)
    return keras.Model(image, keras.layers.Conv2D(3, 1, activation="softmax")(x))
