"""Read the files of a folder, a .tar, .tar.gz or a .zip alike, without unpacking."""

import tarfile
import zipfile
from pathlib import Path

from inspection.common.errors import UserError
from inspection.datasets.fetching.archives import BROKEN, LITTER, check_name, open_zip

# what macOS and Windows leave among the files
HIDDEN = (".", "~")
NAMES = ("Thumbs.db", "desktop.ini")


def iterate_files(path):
    """Yield (posix path inside, bytes) of every file of a folder or archive.

    What the operating system left there (.DS_Store, ._name, __MACOSX) is passed over.
    Raises UserError where there is nothing, and for a damaged archive.
    """
    path = Path(path)
    if path.is_dir():
        yield from _of_folder(path)
        return
    if not path.is_file():
        raise UserError(f"{path} is not there; looked from {Path.cwd()}")
    try:
        yield from _of_archive(path)
    except (*BROKEN, OSError) as error:
        reason = str(error) or "it declares sizes that it cannot hold"
        raise UserError(f"{path} cannot be read to its end: {reason}") from error


def _of_folder(folder):
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_file() and not _is_litter(name):
            yield name, file.read_bytes()


def _of_archive(path):
    if tarfile.is_tarfile(path):
        with tarfile.open(path, encoding="utf-8") as archive:
            for member in archive:
                check_name(path, member.name)
                if member.isfile() and not _is_litter(member.name):
                    yield member.name, archive.extractfile(member).read()
        return
    if not zipfile.is_zipfile(path):
        raise UserError(f"{path} is neither a folder nor a .tar, .tar.gz or .zip")
    with open_zip(path) as archive:
        for member in archive.infolist():
            if not member.is_dir() and not _is_litter(member.filename):
                yield member.filename, archive.read(member)


def _is_litter(name):
    parts = name.removeprefix("./").split("/")
    return (
        parts[-1] in NAMES
        or LITTER in parts
        or any(part.startswith(HIDDEN) for part in parts)
    )
