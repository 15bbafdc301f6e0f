"""Feed pictures and masks to a network: read as needed, resized, scaled, augmented."""

import numpy as np
import tensorflow as tf

from inspection.segmentation.augment import augmentation


def scale(image):
    """Return a picture 0..255 as the network wants it, float32 from -1 to 1."""
    return np.asarray(image, np.float32) / 127.5 - 1


def read_batches(pairs, size, batch_size, training=False, seed=0):
    """Return a tf.data.Dataset of (images [B, S, S, 3], masks [B, S, S, 1]).

    In training the pairs are shuffled, repeated without end, moved and lit by chance;
    otherwise they come once, in order.
    """
    dataset = tf.data.Dataset.range(len(pairs))
    if training:
        dataset = dataset.shuffle(len(pairs), seed=seed).repeat()
    dataset = dataset.map(_reader(pairs, size), num_parallel_calls=2)
    dataset = dataset.batch(batch_size)
    if training:
        dataset = dataset.map(_augmenter(seed))
    return dataset.map(_as_tuple).prefetch(2)


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


def _augmenter(seed):
    steps = augmentation(seed)

    def augment(sample):
        for step in steps:
            sample = step(sample, training=True)
        return sample

    return augment


def _as_tuple(sample):
    return sample["image"], sample["mask"]
