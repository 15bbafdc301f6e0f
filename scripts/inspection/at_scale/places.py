"""Files on a disk or in object storage, such as gs://bucket/hall/1.jpg.

Addresses go through Apache Beam, which knows gs://, s3://, hdfs:// and abfs:// where
its extras are installed.
"""

import tempfile
from contextlib import contextmanager
from pathlib import Path

from inspection.at_scale.engines import load_beam
from inspection.common.atomic_files import atomic_write
from inspection.common.errors import DatasetError, UserError
from inspection.datasets.images.image_folder import (
    check_names,
    is_image_name,
    list_images,
)


def is_remote(place: str | Path) -> bool:
    """Tell whether a place is an address in object storage.

    >>> is_remote("gs://archive/hall"), is_remote("archive/hall")
    (True, False)
    """
    return "://" in str(place)


def find_pictures(sources):
    """Return {picture: (bytes, time of change)} of files, folders and addresses, sorted.

    Raises UserError where a source is not there or holds no picture.
    """
    local = [source for source in sources if not is_remote(source)]
    found = {}
    for path in check_names(list_images(local)) if local else ():
        state = path.stat()
        found[path.as_posix()] = state.st_size, state.st_mtime
    for source in filter(is_remote, sources):
        found |= _find_remote(source)
    return dict(sorted(found.items()))


def _find_remote(source):
    pattern = source if is_image_name(source) else f"{source.rstrip('/')}/**"
    found = {
        one.path: (one.size_in_bytes, one.last_updated_in_seconds)
        for one in _match(pattern)
        if is_image_name(one.path.rsplit("/", 1)[-1])
    }
    if not found:
        raise DatasetError(f"0 pictures found in {source}")
    return found


def _match(pattern):
    files = _file_systems(pattern)
    from apache_beam.io.filesystem import BeamIOError

    try:
        return files.match([pattern])[0].metadata_list
    except BeamIOError as error:
        raise UserError(f"{pattern} cannot be listed: {error}") from error


def _file_systems(place):
    """Return Beam's FileSystems; raise UserError where it cannot reach a place."""
    load_beam()
    from apache_beam.io.filesystems import FileSystems

    try:
        FileSystems.get_filesystem(place)
    except ValueError as error:
        kind = str(place).partition("://")[0]
        raise UserError(
            f"{place} cannot be reached: install what Apache Beam wants for {kind}://, "
            "such as apache-beam[gcp] or apache-beam[aws]"
        ) from error
    return FileSystems


@contextmanager
def local_copy(place):
    """Yield the path of a file, of the same name; what is remote is fetched before."""
    if not is_remote(place):
        yield Path(place)
        return
    with tempfile.TemporaryDirectory(prefix="fetched-") as folder:
        path = Path(folder, place.rsplit("/", 1)[-1])
        path.write_bytes(read_bytes(place))
        yield path


def read_bytes(place):
    """Return what a file holds."""
    if not is_remote(place):
        return Path(place).read_bytes()
    with _file_systems(place).open(place) as file:
        return file.read()


def write_bytes(place, data):
    """Write a file, whole or not at all: object storage shows none before it is closed."""
    if not is_remote(place):
        with atomic_write(place) as draft:
            draft.write_bytes(data)
        return
    with _file_systems(place).create(place) as file:
        file.write(data)


def names_in(folder):
    """Return the names of the files in a folder, none where there is no folder."""
    if not is_remote(folder):
        folder = Path(folder)
        return {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    found = _match(f"{str(folder).rstrip('/')}/*")
    return {one.path.rsplit("/", 1)[-1] for one in found}
