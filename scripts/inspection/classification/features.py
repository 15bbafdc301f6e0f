"""Features of pictures, computed once by a frozen backbone and kept on disk by content.

While the backbone does not learn, its answer to a picture never changes. So it is asked
once, and the head is trained on the answers, which takes seconds.
"""

import hashlib

import numpy as np
import tensorflow as tf

from inspection.classification.batches import load_images
from inspection.classification.feature_cache import cache_of
from inspection.classification.model import pooled
from inspection.common.progress import bar
from inspection.datasets.images.value_range import range_of
from inspection.keras_shared import backends

STRETCH = 512  # pictures between two writes, so that a stopped run loses little


def extract(backbone, paths, cache_dir=None, batch_size=32):
    """Return float32 [N, C]: the features of pictures, the mean over each.

    cache_dir: where they are kept, under the SHA-256 of a picture's bytes and one of the
    backbone's weights and size; a copy or a renamed picture is found again, a changed
    picture or backbone is not. None keeps nothing.
    """
    digests = [_file_digest(path) for path in paths]
    cache = None if cache_dir is None else cache_of(backbone, cache_dir)
    known = cache.read() if cache else {}
    missing = {d: p for d, p in zip(digests, paths, strict=True) if d not in known}
    forward, size = _forward(backbone), backbone.input_shape[1]
    todo = list(missing.items())
    with bar(title="features", total=len(todo)) as shown:
        for start in range(0, len(todo), STRETCH):
            stretch = todo[start : start + STRETCH]
            added = dict(_compute(forward, stretch, size, batch_size, shown))
            known.update(added)
            if cache:
                cache.append(added)
    return np.stack([known[digest] for digest in digests])


def extract_arrays(backbone, images, batch_size=32):
    """Return float32 [N, C]: the features of pictures uint8 [N, size, size, 3]."""
    forward = _forward(backbone)
    rows = []
    with bar(title="features", total=len(images)) as shown:
        for start in range(0, len(images), batch_size):
            batch = images[start : start + batch_size]
            rows.append(forward(batch))
            shown.update(len(batch))
    return np.concatenate(rows)


def _compute(forward, stretch, size, batch_size, shown):
    for start in range(0, len(stretch), batch_size):
        digests, paths = zip(*stretch[start : start + batch_size], strict=True)
        rows = forward(load_images(paths, size, title=""))
        shown.update(len(paths))
        yield from zip(digests, rows, strict=True)


def _forward(backbone):
    """Return a function from uint8 [N, size, size, 3] to features [N, C].

    One graph for every N: Keras's own would be built again for the last, smaller batch.
    """
    backends.require("a classifier's backbone", backends.TENSORFLOW)
    model = pooled(backbone)
    shape = tf.TensorSpec([None, *backbone.input_shape[1:]], tf.float32)
    graph = tf.function(lambda images: model(images, training=False), [shape])
    return lambda images: graph(images.astype("float32")).numpy()


def _file_digest(path):
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    # more than 8 bits look otherwise in a set with another white
    found = range_of(path)
    return f"{digest}-{found.whole}-{found.fraction:g}" if found else digest
