"""Bring one file over https: whole, or with its beginning kept for the next time.

What a broken transfer has brought is kept only where the server names the version of
its file (a strong ETag) and sends parts of it: else two versions could be joined.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests
from tqdm import tqdm

from inspection.common import locks
from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError

OWN_MACHINE = ("127.0.0.1", "::1", "localhost")
TIMEOUT = (10, 60)  # seconds to connect, and between two pieces
PIECE = 1 << 18
PARTIAL = 206
PAGES = (b"<!doctype html", b"<html", b"<head", b"<script")


class DownloadError(UserError):
    """A file could not be downloaded, or is not the one that was expected."""


class PageError(Exception):
    """A web page came in place of a file."""


class Beginning:
    """What an earlier transfer has brought of a file, beside the place of the file."""

    def __init__(self, path):
        self.file = path.with_name(f"{path.name}.part")
        self.tag = path.with_name(f"{path.name}.part.tag")

    def size(self, address):
        """Return the bytes that are there of what an address names; 0 for none."""
        return self.file.stat().st_size if self.version(address) else 0

    def version(self, address):
        """Return the server's name for the version that was begun, "" for none."""
        if not (self.file.is_file() and self.tag.is_file()):
            return ""
        text = self.tag.read_bytes().decode("utf-8", "replace")
        of, _, version = text.rstrip("\n").partition("\n")
        return version if of == address else ""

    def note(self, address, version):
        """Write down what is begun now."""
        self.file.unlink(missing_ok=True)
        write_text(self.tag, f"{address}\n{version}\n")

    def remove(self):
        """Forget what was begun."""
        self.file.unlink(missing_ok=True)
        self.tag.unlink(missing_ok=True)


@contextmanager
def beginning_of(path):
    """Yield the Beginning of a file, None where another program is bringing it."""
    lock = path.with_name(f"{path.name}.part.lock")
    number = locks.try_lock(lock)
    try:
        yield Beginning(path) if number is not None else None
    finally:
        if number is not None:
            locks.release(number, lock)


def transfer(address, file, name, begun=None):
    """Write what an address sends to a file; go on where `begun`, a Beginning, ends.

    Raises requests.RequestException for what the network does, PageError for a web page
    in place of the file, DownloadError for an address, or one that it leads to, that is
    not https, and UserError where the disk has no room.
    """
    refuse_plain(address)
    start = begun.size(address) if begun else 0
    with _ask(address, start, begun) as answer:
        for step in [*answer.history, answer]:
            refuse_plain(step.url)
        answer.raise_for_status()
        start = start if answer.status_code == PARTIAL else 0
        keeps = bool(begun and (start or _can_go_on(answer)))
        if keeps and not start:
            begun.note(address, answer.headers["ETag"])
        target = begun.file if keeps else Path(file)
        _receive(answer, target, start, name)
    if keeps:
        os.replace(begun.file, file)
    if begun:
        begun.remove()


def _ask(address, start, begun):
    # unpacked on the way, the file would have another SHA-256
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": begun.version(address)}
    answer = requests.get(address, headers=headers, stream=True, timeout=TIMEOUT)
    if answer.status_code != requests.codes.requested_range_not_satisfiable:
        return answer
    answer.close()
    begun.remove()  # all of it was there already, or the server lost it
    return _ask(address, 0, None)


def _can_go_on(answer):
    """Tell whether a server would send the rest of the very same file later."""
    tag = answer.headers.get("ETag", "")
    parts = answer.headers.get("Accept-Ranges", "").lower() == "bytes"
    return parts and tag.startswith('"')  # W/"..." is a weak one


def _receive(answer, target, start, name):
    rest = int(answer.headers.get("Content-Length", 0)) or None
    _refuse_full_disk(target, rest, name)
    total = start + rest if rest else None
    bar = tqdm(
        total=total,
        initial=start,
        desc=name,
        unit="B",
        unit_scale=True,
        unit_divisor=1024,
    )
    with bar, open(target, "ab" if start else "wb") as out:
        for piece in answer.iter_content(PIECE):
            if not start and not out.tell():
                _refuse_page(piece, answer)
            out.write(piece)
            bar.update(len(piece))


def _refuse_full_disk(target, size, name):
    free = shutil.disk_usage(target.parent).free
    if size and size > free:
        raise UserError(
            f"{name} was not downloaded: it has {size / 1e6:,.0f} MB, and there are "
            f"{free / 1e6:,.0f} MB free in {target.parent}: make room, or let "
            "VISUAL_INSPECTION_CACHE name a folder on another disk"
        )


def _refuse_page(piece, answer):
    start = piece[:512].lstrip().lower()
    kind = answer.headers.get("Content-Type", "").lower()
    if start.startswith(PAGES) or (start.startswith(b"<") and "html" in kind):
        raise PageError


def refuse_plain(address):
    """Raise DownloadError for an address over which anybody could answer."""
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in OWN_MACHINE:
        raise DownloadError(
            f"{address} is not https: on the way anybody could exchange the file; "
            "download it from elsewhere by hand"
        )
