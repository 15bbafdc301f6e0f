"""Write what Keras saves whole or not at all."""

from contextlib import contextmanager
from pathlib import Path

from inspection.common.atomic_files import atomic_write

WEIGHTS = ".weights.h5"


@contextmanager
def atomic_keras_file(path):
    """Yield a path for Keras to save to, that takes the place of `path` if nothing fails.

    Keras goes by the ending of a name: .keras or .weights.h5.
    """
    path = Path(path)
    ending = WEIGHTS if path.name.endswith(WEIGHTS) else path.suffix
    with atomic_write(path) as temporary:
        named = temporary.with_name(temporary.name + ending)
        try:
            yield named
            named.replace(temporary)
        finally:
            named.unlink(missing_ok=True)
