"""Fetch a file from the web once: kept in a cache, checked, whole or absent."""

import hashlib
import os
import re
import time
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import requests

from inspection.common.atomic_files import atomic_write, write_text
from inspection.common.cache import cache_folder
from inspection.common.notices import say_once
from inspection.datasets.fetching.transfer import (
    DownloadError,
    PageError,
    beginning_of,
    transfer,
)

SHA256 = re.compile("[0-9a-f]{64}")
PAUSES = (0, 1, 2)  # seconds before each round of trying the addresses
# the address of a folder that holds copies of the files, as in a class without internet
MIRROR_VARIABLE = "VISUAL_INSPECTION_MIRROR"


def fetch(url, sha256=None, name=None, cache_dir=None, mirrors=(), record=True) -> Path:
    """Return the path of a file in the cache, downloading it the first time.

    sha256: what the file must have, in hexadecimal. None trusts the first download: its
    SHA-256 is written beside the file, as name.sha256, and every later use, and every
    later download, must have the same.
    name: of the file in the cache (the last part of the address).
    mirrors: other addresses of the same file, tried in order. The folder whose address
    VISUAL_INSPECTION_MIRROR holds is asked before all of them.
    record: False for an archive that its host packs anew at times; then the caller
    checks what it holds.

    A transfer that broke off goes on where it ended, if the server can.

    Raises DownloadError when no address answers, with what to fetch by hand and where
    to put it, for a file with another SHA-256, which is removed, and for an address, or
    one that it leads to, that is not https; UserError where the disk has no room.
    """
    name = name or unquote(Path(urlsplit(url).path).name)
    path = Path(cache_dir or cache_folder()) / name
    expected = sha256 or (read_record(path) if record else None)
    if path.exists():
        actual = _check(path, path, expected)
    else:
        addresses = [*_mirror(name), url, *mirrors]
        with atomic_write(path) as temporary, beginning_of(path) as begun:
            _download(addresses, temporary, path, sha256, begun)
            actual = _check(temporary, path, expected)
    if not expected and record:
        write_text(record_path(path), f"{actual}  {path.name}\n")
        say_once(
            f"{path.name}: SHA-256 {actual}, kept in {record_path(path)}; a file with "
            "another one is refused from now on"
        )
    return path


def forget(path):
    """Remove a file from the cache, and the record of its first download."""
    path.unlink(missing_ok=True)
    record_path(path).unlink(missing_ok=True)


def record_path(path) -> Path:
    """Return where the SHA-256 of a first download is written down."""
    return path.with_name(f"{path.name}.sha256")


def read_record(path) -> str | None:
    """Return the SHA-256 recorded at the first download of a file, or None."""
    record = record_path(path)
    if not record.exists():
        return None
    text = record.read_bytes().decode("utf-8", "replace").split(maxsplit=1)
    if not text or not SHA256.fullmatch(text[0]):
        raise DownloadError(
            f"{record} is damaged and no longer says which file was downloaded first: "
            f"delete it, and {path.name} as well unless you trust it"
        )
    return text[0]


def file_sha256(path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(file, path, expected):
    """Return the SHA-256 of a file; remove one that is not the expected one."""
    actual = file_sha256(file)
    if not expected or actual == expected.lower():
        return actual
    file.unlink()
    lines = [
        f"{path} was damaged, or not the file that was expected, and is removed",
        f"  SHA-256 expected: {expected.lower()}",
        f"  SHA-256 found:    {actual}",
        "Run the command again to download it once more.",
    ]
    if record_path(path).exists():
        lines.append(f"What is expected was recorded in {record_path(path)}")
    raise DownloadError("\n".join(lines))


def _mirror(name):
    """Return the address of a file in the mirror, in a list that is empty without one."""
    mirror = os.environ.get(MIRROR_VARIABLE, "").rstrip("/")
    return [f"{mirror}/{quote(name)}"] if mirror else []


def _download(addresses, file, path, sha256, begun):
    """Write what the first address sends to a file; say what failed if none does."""
    reasons = {}
    left = list(addresses)
    for pause in PAUSES:
        time.sleep(pause if left else 0)
        for address in list(left):
            try:
                return transfer(address, file, path.name, begun)
            except requests.HTTPError as error:
                answer = error.response
                reasons[address] = f"answers {answer.status_code} {answer.reason}"
                left.remove(address)  # to ask again would be no use
            except PageError:
                reasons[address] = (
                    "sends a web page in place of the file: does the network ask for a "
                    "log-in? Open the address in a browser"
                )
                left.remove(address)
            except requests.RequestException as error:
                reasons[address] = _reason(error)
    raise DownloadError(_by_hand(reasons, path, sha256))


def _reason(error):
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the transfer broke off"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return str(error)


def _by_hand(reasons, path, sha256):
    """Say what was tried, and how to do without."""
    lines = [f"could not download {path.name}"]
    lines += [f"  {address}: {reason}" for address, reason in reasons.items()]
    lines += [
        "Offline? Download it with another machine, from an address above, to",
        f"  {path}",
        "and run the command again.",
    ]
    if sha256:
        lines.append(f"It has the SHA-256 {sha256.lower()}")
    return "\n".join(lines)
