"""Batches of small pictures, each time cropped, mirrored and covered otherwise.

Everything is drawn from (seed, step), so a training that goes on after a stop sees the
batches that it would have seen without it.
"""

import tensorflow as tf

PADDING = 4  # pixels that a picture may move to each side
MIRRORED = 0.5  # share of the pictures


def training_batches(images, labels, settings, first_epoch=0):
    """Return a tf.data.Dataset of (uint8 [B, h, w, 3], one-hot [B, C]) to the last epoch.

    images: uint8 [N, h, w, 3], kept in memory once. settings: a `cifar_training.Settings`.
    """
    images, labels = tf.constant(images), tf.one_hot(labels, settings.num_classes)
    per_epoch = steps_per_epoch(len(images), settings)
    size, seed = settings.batch_size, settings.seed

    def make_batch(step):
        order = tf.random.experimental.stateless_shuffle(
            tf.range(len(images)), [seed, step // per_epoch]
        )
        start = step % per_epoch * size
        chosen = order[start : start + size]
        batch = tf.gather(images, chosen)
        if settings.augment:
            batch = augment(batch, tf.stack([seed, step]), settings.cutout)
        return batch, tf.gather(labels, chosen)

    steps = tf.data.Dataset.range(
        first_epoch * per_epoch, settings.epochs * per_epoch, output_type=tf.int32
    )
    return steps.map(make_batch, num_parallel_calls=1).prefetch(4)


def steps_per_epoch(count, settings):
    """Return the full batches of a pass; the rest waits for another shuffle."""
    return max(1, count // settings.batch_size)


def augment(images, seed, cutout):
    """Return uint8 pictures [B, h, w, 3] moved, mirrored, each with one grey square.

    seed: two integers. cutout: side of the square in pixels, 0 for none; DeVries and
    Taylor, 2017, arXiv:1708.04552.
    """
    seeds = tf.unstack(tf.random.split(tf.cast(seed, tf.int32), 3))
    images = mirror(move(images, seeds[0]), seeds[1])
    return cover(images, seeds[2], cutout) if cutout else images


def move(images, seed):
    """Return pictures moved by up to PADDING pixels; their edges are mirrored."""
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    offsets = tf.random.stateless_uniform(
        [2, count, 1], seed, 0, 2 * PADDING + 1, tf.int32
    )
    edges = [[0, 0], [PADDING] * 2, [PADDING] * 2, [0, 0]]
    wider = tf.pad(images, edges, "REFLECT")
    moved = tf.gather(wider, offsets[0] + tf.range(height), axis=1, batch_dims=1)
    return tf.gather(moved, offsets[1] + tf.range(width), axis=2, batch_dims=1)


def mirror(images, seed):
    """Return pictures of which a random half is mirrored left to right."""
    chosen = tf.random.stateless_uniform([tf.shape(images)[0], 1, 1, 1], seed)
    return tf.where(chosen < MIRRORED, tf.reverse(images, [2]), images)


def cover(images, seed, side):
    """Return pictures with a grey square anywhere, partly outside at times."""
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    places = tf.random.stateless_uniform([2, count, 1], seed)
    rows = _within(places[0] * height, height, side)
    columns = _within(places[1] * width, width, side)
    covered = rows[:, :, None, None] & columns[:, None, :, None]
    return tf.where(covered, tf.constant(127, images.dtype), images)


def _within(centre, length, side):
    distance = tf.range(length, dtype=tf.float32) + 0.5 - centre
    return tf.abs(distance) < side / 2
