"""Annotated pictures to examples, on an engine, in the order of the command."""

import pickle
from pathlib import Path

from inspection.at_scale.engines import run_each
from inspection.common.atomic_files import atomic_write, scratch_folder

CHUNK = 256  # annotations that a worker converts at a time


def converter_on(output_path, runner, options=""):
    """Return what `build_records` takes to convert on an engine.

    Workers put what they make beside the output, which all of them must see under the
    same path, as they must the pictures; there it is read back in the order of the
    sources. So the records are those that the command writes alone. runner, options:
    see `run_each`.
    """

    def convert(converter, sources):
        firsts = range(0, len(sources), CHUNK)
        chunks = [(first, sources[first : first + CHUNK]) for first in firsts]
        with scratch_folder(f"{output_path}.parts") as folder:
            run_each(ChunkConverter(converter, folder), chunks, runner, options)
            for first in firsts:
                yield from pickle.loads(_part(folder, first).read_bytes())

    return convert


class ChunkConverter:
    """Converts annotations and keeps their outcomes in a file of a folder."""

    def __init__(self, converter, folder):
        self._converter, self._folder = converter, folder

    def __call__(self, chunk):
        first, sources = chunk
        outcomes = [self._converter(source) for source in sources]
        with atomic_write(_part(self._folder, first)) as draft:
            draft.write_bytes(pickle.dumps(outcomes))


def _part(folder, first):
    return Path(folder, f"{first:09d}")
