"""Unpack archives from the web or from Google Drive, wholly and nowhere else."""

import glob
import gzip
import lzma
import os
import shutil
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from inspection.common.atomic_files import (
    atomic_write,
    keep_version,
    scratch_folder,
    shared_folder,
    together,
)
from inspection.common.disk_faults import shown
from inspection.common.drafts import settle
from inspection.common.errors import UserError, WriteError, naming_disk_faults
from inspection.common.run_identity import digest_bytes

WINDOWS = 0  # in a .zip: names are those of MS-DOS and its heirs
# what is packed tighter, and large, is meant to fill a disk; masks reach 200
LARGEST_RATIO, HARMLESS = 500, 100_000_000  # times its own size; bytes
LITTER = "__MACOSX"  # what macOS adds to every archive
BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    ValueError,  # a name or a number that cannot be
    RuntimeError,  # a .zip that asks for a password
    OverflowError,  # sizes that nothing has
    MemoryError,
)


def unpack(archive, out_dir) -> list[Path]:
    """Unpack a .zip or a .tar, .tar.gz, ... into a folder; return what lies there now.

    Files appear when everything is unpacked, or not at all. Raises UserError for a
    damaged archive, for one with paths that lead out of the folder, and where a file or
    folder of the same name lies there already.
    """
    archive, out_dir = Path(archive), Path(out_dir)
    with scratch_folder(out_dir / archive.name) as folder:
        try:
            with naming_disk_faults(out_dir):
                _extract(archive, folder)
        except BROKEN as error:
            reason = str(error) or "it declares sizes that it cannot hold"
            raise UserError(f"{archive} cannot be unpacked: {reason}") from error
        return _move_in(folder, out_dir, archive)


def open_zip(path):
    """Open a .zip whose names are UTF-8, marked as such or not; refuse others by name.

    Windows writes names in an encoding of its country, which the .zip does not tell.
    """
    try:
        archive = zipfile.ZipFile(path, metadata_encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _name_refusal(path, error.object) from None
    end = os.path.getsize(path)
    for member in archive.infolist():
        if not member.filename:
            archive.close()
            raise zipfile.BadZipFile("a file in it has no name")
        if member.header_offset + member.compress_size > end:
            archive.close()
            raise zipfile.BadZipFile(f"{member.filename} reaches beyond its end")
        if member.create_system == WINDOWS:  # some programs write train\a.jpg
            member.filename = member.filename.replace("\\", "/")
    return archive


def check_name(archive, name):
    """Raise UserError for a name of a .tar that is not UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise _name_refusal(archive, name.encode(errors="surrogateescape")) from None


def _name_refusal(path, name):
    shown = name.decode("ascii", "backslashreplace")
    return UserError(
        f"{path} was not read: the name {shown} in it is not UTF-8, so its letters"
        " cannot be told; pack it again with UTF-8 names, or give the folder itself"
    )


def _extract(archive, folder):
    if tarfile.is_tarfile(archive):
        with tarfile.open(archive, encoding="utf-8") as file:
            _refuse_large(archive, (member.size for member in file), folder)
            _refuse_outside(archive, file.getnames())
            # "data" also refuses links that lead out, and devices
            file.extractall(folder, filter="data")
        return
    with open_zip(archive) as file:
        sizes = (member.file_size for member in file.infolist())
        _refuse_large(archive, sizes, folder)
        _refuse_outside(archive, file.namelist())
        for member in file.infolist():
            file.extract(member, folder)


def _refuse_large(archive, sizes, folder):
    """Raise UserError as soon as the sizes that an archive declares are too much."""
    most = max(HARMLESS, LARGEST_RATIO * archive.stat().st_size)
    free, total = shutil.disk_usage(folder).free, 0
    for size in sizes:
        total += size
        if total > most:
            raise UserError(
                f"{archive} was not unpacked: what it holds is over {LARGEST_RATIO} "
                "times as large as itself; unpack it yourself and name the folder"
            )
        if total > free:
            place = Path(shown(folder)).parent
            raise WriteError(
                f"{archive} was not unpacked: it needs over {total / 1e9:.1f} GB, and "
                f"there are {free / 1e9:.1f} GB free in {place}: make room"
            )


def _refuse_outside(archive, names):
    for name in names:
        check_name(archive, name)
    outside = [name for name in names if _leads_out(name)]
    if outside:
        raise UserError(
            f"{archive} was not unpacked: {len(outside)} of its {len(names)} paths "
            f"lead out of the folder, the first is {outside[0]}"
        )


def _leads_out(name):
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name.split("/")[0]


def _move_in(folder, out_dir, archive):
    entries = sorted(folder.iterdir())
    targets = [out_dir / entry.name for entry in entries]
    for target in targets:
        settle(target)
    present = [target for target in targets if target.exists()]
    if present:
        raise UserError(
            f"{archive} was not unpacked: {present[0]} is there already; "
            "move it away first"
        )
    with together():
        for entry, target in zip(entries, targets, strict=True):
            with atomic_write(target) as draft:
                os.replace(entry, draft)
    return targets


def open_folder(path: str | Path, into: str | Path) -> Path:
    """Return a folder as it is, or that of a .zip's files, unpacked below `into`.

    One file on Google Drive is read faster than thousands. A .zip unpacked before is
    taken as it lies there unless the .zip has changed; two of one name in different
    folders have a folder each. Raises UserError where there is neither, or where the
    .zip is not whole.

    >>> open_folder("data/leaks/images", "build/unpacked").as_posix()
    'data/leaks/images'
    """
    path = Path(path)
    if path.is_dir():
        return path
    if not path.is_file():
        raise UserError(
            f"{path} is neither a folder nor a .zip; looked from {Path.cwd()}"
        )
    into = Path(into)
    place, version = _keys(path)
    folder = into / f"{path.stem}-{place}-{version}"
    if not folder.is_dir():
        with shared_folder(folder) as draft:
            unpack(path, draft)
    keep_version(folder, f"{glob.escape(path.stem)}-{place}-*")
    return _inner(folder)


def _keys(path):
    """Return what tells where an archive lies, and which version of it lies there."""
    facts = path.stat()
    place = digest_bytes(os.fsencode(path.resolve()))
    version = digest_bytes(f"{facts.st_size} {facts.st_mtime_ns}".encode())
    return place[:8], version[:8]


def _inner(folder):
    """Return the folder in which the files are: archives often hold images/images/."""
    entries = [entry for entry in folder.iterdir() if entry.name != LITTER]
    if len(entries) == 1 and entries[0].is_dir():
        return _inner(entries[0])
    return folder
