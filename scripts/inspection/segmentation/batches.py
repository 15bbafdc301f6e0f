"""Feed pictures and masks to a network: read as needed, resized, scaled, augmented."""

import numpy as np
import tensorflow as tf

from inspection.segmentation.augment import augmentation


def scale(image):
    """Return a picture 0..255 as the network wants it, float32 from -1 to 1."""
    return np.asarray(image, np.float32) / 127.5 - 1


def read_batches(pairs, size, batch_size):
    """Return a tf.data.Dataset of (images [B, S, S, 3], masks [B, S, S, 1]), in order."""
    places = tf.data.Dataset.range(len(pairs))
    samples = places.map(_reader(pairs, size), num_parallel_calls=2)
    return samples.batch(batch_size).map(_as_tuple).prefetch(2)


def training_batches(pairs, settings, first_epoch=0):
    """Return shuffled batches, moved and lit by chance, to the last epoch.

    settings: a `training.Settings`. Everything is drawn from its seed and the number of
    the step, so a training that goes on after a stop sees what it would have seen.
    """
    per_epoch = steps_per_epoch(pairs, settings)
    used = per_epoch * settings.batch_size
    orders = [
        np.random.default_rng((settings.seed, epoch)).permutation(len(pairs))[:used]
        for epoch in range(first_epoch, settings.epochs)
    ]
    places = tf.data.Dataset.from_tensor_slices(np.array(orders, np.int64).ravel())
    samples = places.map(_reader(pairs, settings.size), num_parallel_calls=2)
    batches = samples.batch(min(settings.batch_size, len(pairs)))
    batches = batches.enumerate(first_epoch * per_epoch)
    return batches.map(_augmenter(settings)).map(_as_tuple).prefetch(2)


def steps_per_epoch(pairs, settings):
    """Return the full batches of a pass; the rest waits for another shuffle."""
    return max(1, len(pairs) // settings.batch_size)


def _reader(pairs, size):
    def read(index):
        image, mask = pairs[int(index)].read((size, size))
        return scale(image), mask[..., None].astype(np.float32)

    def read_tensors(index):
        image, mask = tf.numpy_function(
            read, [index], [tf.float32, tf.float32], stateful=False
        )
        return {
            "image": tf.ensure_shape(image, (size, size, 3)),
            "mask": tf.ensure_shape(mask, (size, size, 1)),
        }

    return read_tensors


def _augmenter(settings):
    layers = augmentation(settings.seed, settings.crop)

    def augment(step, sample):
        for layer in layers:
            layer.seek(step)
            sample = layer(sample, training=True)
        return sample

    return augment


def _as_tuple(sample):
    return sample["image"], sample["mask"]
