"""Folders that come as a .zip: one file on Google Drive is read faster than thousands."""

import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from inspection.datasets.errors import DatasetError

LITTER = "__MACOSX"  # what macOS adds to every archive


def open_folder(path, into):
    """Return a folder as it is, or that of a .zip's files, unpacked below `into`.

    A .zip unpacked before is taken as it lies there unless the .zip has changed. Raises
    DatasetError where there is neither, or where the .zip is not whole.
    """
    path = Path(path)
    if path.is_dir():
        return path
    if not path.is_file():
        raise DatasetError(
            f"{path} is neither a folder nor a .zip; looked from {Path.cwd()}"
        )
    folder = Path(into) / path.stem
    stamp = path.stat().st_mtime_ns
    if not folder.is_dir() or folder.stat().st_mtime_ns != stamp:
        _unpack(path, folder)
        os.utime(folder, ns=(stamp, stamp))
    return _inner(folder)


def _unpack(path, folder):
    """Unpack a .zip in place of a folder: all of it, or the folder stays as it was."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unpack.", dir=folder.parent) as temporary:
        fresh = Path(temporary) / folder.name
        fresh.mkdir()
        try:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(fresh)
        except (zipfile.BadZipFile, EOFError, RuntimeError) as error:
            message = f"{path} cannot be unpacked: {error}; make and upload it again"
            raise DatasetError(message) from None
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)


def _inner(folder):
    """Return the folder in which the files are: archives often hold images/images/."""
    entries = [entry for entry in folder.iterdir() if entry.name != LITTER]
    if len(entries) == 1 and entries[0].is_dir():
        return _inner(entries[0])
    return folder
