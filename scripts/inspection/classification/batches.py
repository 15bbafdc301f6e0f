"""Pictures as batches for training, through tf.data.

A network of this package takes RGB from 0 to 255; what else it wants is done inside it.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import tensorflow as tf

from inspection.common.progress import bar
from inspection.datasets.images import image_file
from inspection.datasets.images.resizing import resize_antialiased

STRETCH = 512  # pictures in memory at a time, where all are not kept
MOST_KEPT = 2e9  # bytes of decoded pictures


def read_resized(path, size):
    """Read a picture upright as uint8 [size, size, 3]; its shape is not kept."""
    return resize_antialiased(image_file.open_rgb(path), (size, size))


def load_images(paths, size, title="reading"):
    """Return pictures as uint8 [N, size, size, 3], read on all cores."""
    loaded = np.empty((len(paths), size, size, 3), np.uint8)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda path: read_resized(path, size), paths)
        for i, image in enumerate(bar(found, title, len(paths))):
            loaded[i] = image
    return loaded


def score_files(score, paths, size):
    """Return the scores [N, C] of picture files, STRETCH of them in memory at a time.

    score: a function from uint8 [N, size, size, 3] to scores [N, C].
    """
    starts = range(0, max(1, len(paths)), STRETCH)
    with bar(title="pictures", total=len(paths)) as shown:
        parts = []
        for start in starts:
            images = load_images(paths[start : start + STRETCH], size, title="")
            parts.append(score(images))
            shown.update(len(images))
    return np.concatenate(parts)


def make_batches(paths, labels, size, batch_size=32, shuffle=False, seed=0):
    """Return a tf.data.Dataset of (float32 [B, size, size, 3], labels) from files.

    Pictures are decoded once and kept, as uint8, in memory from then on; where they take
    more than MOST_KEPT, they are decoded in each epoch.
    """
    paths = [str(path) for path in paths]

    def decode(path):
        return read_resized(os.fsdecode(path), size)

    def load(path, label):
        image = tf.numpy_function(decode, [path], tf.uint8, stateful=False)
        return tf.ensure_shape(image, (size, size, 3)), label

    files = tf.data.Dataset.from_tensor_slices((paths, np.asarray(labels)))
    if len(paths) * size * size * 3 > MOST_KEPT:
        # their names are shuffled, which gives the same order
        files = _shuffled(files, len(paths), seed) if shuffle else files
        decoded = files.map(load, num_parallel_calls=tf.data.AUTOTUNE)
        return _batched(decoded, batch_size)
    decoded = files.map(load, num_parallel_calls=tf.data.AUTOTUNE).cache()
    decoded = _shuffled(decoded, len(paths), seed) if shuffle else decoded
    return _batched(decoded, batch_size)


def batches_of_arrays(images, labels, batch_size=32, shuffle=False, seed=0):
    """Return a tf.data.Dataset of (float32 [B, h, w, 3], labels) from uint8 arrays."""
    # a generator, because from_tensor_slices would put a copy into the graph
    indices = tf.data.Dataset.range(len(images))
    labels = np.asarray(labels)
    shape = tuple(np.shape(images)[1:])

    def pick(index):
        image = tf.numpy_function(lambda i: images[i], [index], tf.uint8)
        label = tf.numpy_function(lambda i: labels[i], [index], labels.dtype)
        return tf.ensure_shape(image, shape), tf.ensure_shape(label, labels.shape[1:])

    data = indices.map(pick, num_parallel_calls=tf.data.AUTOTUNE)
    data = _shuffled(data, len(images), seed) if shuffle else data
    return _batched(data, batch_size)


def _shuffled(data, count, seed):
    return data.shuffle(count, seed=seed, reshuffle_each_iteration=True)


def _batched(data, batch_size):
    data = data.batch(batch_size).map(
        lambda images, labels: (tf.cast(images, tf.float32), labels),
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    return data.prefetch(tf.data.AUTOTUNE)


def augment(batches, turns=True, light=0.2, seed=0):
    """Return the batches mirrored and lit differently each time.

    turns: also upside down and lying, for surfaces, which have no up.
    light: the largest change of brightness and contrast, a share of their range.
    """
    exact = {"dtype": "float32"}
    layers = [
        keras.layers.RandomFlip(
            "horizontal_and_vertical" if turns else "horizontal", seed=seed, **exact
        ),
        keras.layers.RandomBrightness(light, seed=seed + 1, **exact),
        keras.layers.RandomContrast(
            light, value_range=(0, 255), seed=seed + 2, **exact
        ),
    ]

    def change(images, labels):
        if turns and images.shape[1] == images.shape[2]:
            lying = tf.transpose(images, (0, 2, 1, 3))
            once = tf.random.uniform([tf.shape(images)[0], 1, 1, 1], seed=seed) < 0.5
            images = tf.where(once, lying, images)
        for layer in layers:
            images = layer(images, training=True)
        return images, labels

    return batches.map(change, num_parallel_calls=1).prefetch(tf.data.AUTOTUNE)
