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


def segmenter():
    """Return a segmenter of three classes, the first the background."""
    keras.utils.set_random_seed(0)
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(8, 3, padding="same", activation="relu6")(image)
    return keras.Model(image, keras.layers.Conv2D(3, 1, activation="softmax")(x))
