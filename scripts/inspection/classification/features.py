"""Features of pictures, computed once by a frozen backbone and kept on disk by content.

While the backbone does not learn, its answer to a picture never changes. So it is asked
once, and the head is trained on the answers, which takes seconds.
"""

import hashlib
from pathlib import Path

import numpy as np
import tensorflow as tf

from inspection.classification.backbones import weights_digest
from inspection.classification.batches import load_images
from inspection.classification.model import pooled
from inspection.common.array_files import read_npz
from inspection.common.atomic_files import atomic_write
from inspection.common.errors import DatasetError
from inspection.common.notices import say_once
from inspection.common.progress import bar
from inspection.datasets.images.value_range import range_of

STRETCH = 512  # pictures between two writes, so that a stopped run loses little


def extract(backbone, paths, cache_dir=None, batch_size=32):
    """Return float32 [N, C]: the features of pictures, the mean over each.

    cache_dir: where they are kept, under the SHA-256 of a picture's bytes and one of the
    backbone's weights and size; a copy or a renamed picture is found again, a changed
    picture or backbone is not. None keeps nothing.
    """
    digests = [_file_digest(path) for path in paths]
    cache = _cache_file(backbone, cache_dir)
    known = _read(cache)
    missing = {d: p for d, p in zip(digests, paths, strict=True) if d not in known}
    forward, size = _forward(backbone), backbone.input_shape[1]
    todo = list(missing.items())
    with bar(title="features", total=len(todo)) as shown:
        for start in range(0, len(todo), STRETCH):
            stretch = todo[start : start + STRETCH]
            for digest, row in _compute(forward, stretch, size, batch_size, shown):
                known[digest] = row
            _write(cache, known)
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


def _cache_file(backbone, cache_dir):
    if cache_dir is None:
        return None
    size = backbone.input_shape[1]
    name = f"{backbone.name}_{size}_{weights_digest(backbone)}.npz"
    return Path(cache_dir) / name


def _read(cache):
    """Return {digest: features} of a cache file; none where there is no file."""
    if cache is None or not cache.exists():
        return {}
    try:
        stored = read_npz(cache)
        digests, rows = stored["digests"].tolist(), stored["features"]
        return dict(zip(digests, rows, strict=True))
    except (DatasetError, KeyError, TypeError, ValueError) as error:
        say_once(f"{cache} is damaged ({error}): its features are computed anew")
        return {}


def _write(cache, known):
    if cache is None or not known:
        return
    with atomic_write(cache) as temporary, open(temporary, "wb") as file:
        np.savez(file, digests=list(known), features=np.stack(list(known.values())))
