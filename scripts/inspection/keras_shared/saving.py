"""Write what Keras saves whole or not at all."""

from contextlib import contextmanager

from inspection.common.atomic_files import atomic_write


@contextmanager
def atomic_keras_file(path):
    """Yield a path for Keras to save to, that takes the place of `path` if nothing fails.

    Keras goes by the ending of a name: .keras or .weights.h5.
    """
    with atomic_write(path) as draft:
        yield draft
