"""Unpack archives from the web without letting them write anywhere else."""

import gzip
import os
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from inspection.datasets.errors import UserError

BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
)


def unpack(archive, out_dir) -> list[Path]:
    """Unpack a .zip or a .tar, .tar.gz, ... into a folder; return what lies there now.

    Files appear when everything is unpacked, or not at all. Raises UserError for a
    damaged archive, for one with paths that lead out of the folder, and where a file or
    folder of the same name lies there already.
    """
    archive, out_dir = Path(archive), Path(out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unpack-", dir=out_dir) as temporary:
        try:
            _extract(archive, temporary)
        except BROKEN as error:
            raise UserError(f"{archive} cannot be unpacked: {error}") from error
        return _move_in(Path(temporary), out_dir, archive)


def _extract(archive, folder):
    if tarfile.is_tarfile(archive):
        with tarfile.open(archive) as file:
            _refuse_outside(archive, file.getnames())
            # "data" also refuses links that lead out, and devices
            file.extractall(folder, filter="data")
        return
    with zipfile.ZipFile(archive) as file:
        _refuse_outside(archive, file.namelist())
        file.extractall(folder)


def _refuse_outside(archive, names):
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
    present = [target for target in targets if target.exists()]
    if present:
        raise UserError(
            f"{archive} was not unpacked: {present[0]} is there already; "
            "move it away first"
        )
    for entry, target in zip(entries, targets, strict=True):
        os.replace(entry, target)
    return targets
