"""Bring a public set: download, check, lay out; the second time it is there."""

import json
import os
import shutil
from pathlib import Path

from inspection.common.atomic_files import scratch_folder, shared_folder, write_text
from inspection.common.cache import cache_folder
from inspection.common.drafts import settle
from inspection.common.errors import UserError, WriteError
from inspection.common.notices import say_once
from inspection.common.text_files import read_text
from inspection.datasets.fetching.download import fetch, forget
from inspection.datasets.fetching.file_tree import iterate_files
from inspection.datasets.fetching.public.contents import (
    check_counts,
    digest_of,
    take_files,
)
from inspection.datasets.fetching.public.entries import find_set
from inspection.datasets.fetching.public.outlines import lay_out
from inspection.datasets.fetching.public.rar import unpack_rar

FACTS = "public_set.json"
RAR = b"Rar!"
LARGER = 3  # times an archive: what it holds, beside what is laid out


class BadArchive(UserError):
    """An archive does not hold what the entry of its set says."""


def fetch_set(name: str, folder: str | Path = "", archive: str | Path = "") -> Path:
    """Return the folder of a public set, brought the first time.

    folder: where it is laid out, "" for a folder in the cache. archive: the file, where
    somebody has brought it by hand; it is looked for in the cache as well.

    Raises UserError for an unknown name, a failed download, another file than the
    entry's, a broken archive, and a disk without room.
    """
    entry = find_set(name)
    place = Path(folder) if folder else cache_folder() / "sets" / entry.version
    settle(place)
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        _bring(entry, place, archive)
    _check_whole(place, entry)
    return place


def describe_set(entry, folder) -> list[str]:
    """Return lines that say what a set is, whose, and where it lies."""
    return [
        f"{entry.name}: {entry.title}",
        f"licence: {entry.licence}; {entry.citation}",
        f"in {folder}",
    ]


def _bring(entry, place, archive):
    if archive:
        _lay_out(entry, Path(archive), place)
    else:
        found = fetch(entry.address, entry.sha256 or None, entry.archive, record=False)
        try:
            _lay_out(entry, found, place)
        except BadArchive as error:
            forget(found)  # what came may be half of it: not to be taken twice
            raise UserError(
                f"{error}. The file is removed: run this again to download it anew"
            ) from error
    say_once("\n".join(describe_set(entry, place)))


def _lay_out(entry, archive, place):
    if not archive.is_file():
        raise UserError(f"{archive} is not there; looked from {Path.cwd()}")
    _refuse_full_disk(archive, place)
    with shared_folder(place) as draft, scratch_folder(place) as raw:
        taken = _take(entry, archive, raw)
        digest = digest_of(taken)
        _check_digest(digest, entry, archive)
        if entry.layout:
            lay_out(raw / "set", draft, entry.classes)
        else:
            for part in (raw / "set").iterdir():
                part.rename(draft / part.name)
        _write_facts(draft, entry, digest)


def _take(entry, archive, raw):
    """Write the set's files of an archive into raw/set; return {name: SHA-256}."""
    source = archive
    if _is_rar(archive):
        source = raw / "packed"
        source.mkdir()
        unpack_rar(archive, source)
    try:
        taken = take_files(iterate_files(source), entry, raw / "set")
        check_counts(taken, entry)
    except WriteError:
        raise
    except UserError as error:
        raise BadArchive(str(error)) from error
    return taken


def _is_rar(path):
    with open(path, "rb") as file:
        return file.read(len(RAR)) == RAR


def _refuse_full_disk(archive, place):
    needed, free = LARGER * archive.stat().st_size, shutil.disk_usage(place.parent).free
    if needed > free:
        raise UserError(
            f"{archive} was not unpacked: it needs some {needed / 1e6:,.0f} MB, and there "
            f"are {free / 1e6:,.0f} MB free in {place.parent}: make room, or name a folder "
            "on another disk"
        )


def _check_digest(digest, entry, archive):
    """Raise BadArchive for other contents than the entry's, or than those recorded."""
    record = cache_folder() / "sets" / f"{entry.version}.contents"
    expected = entry.contents
    if not expected and record.is_file():
        expected = read_text(record).split()[0]
    if expected and digest != expected:
        where = "" if entry.contents else f", as {record} says of the first download"
        raise BadArchive(
            f"{archive} holds other files than {entry.name} should have: digest of the "
            f"contents expected {expected}{where}, found {digest}"
        )
    if not expected:
        write_text(record, f"{digest}  {entry.version}\n")
        say_once(
            f"{entry.name}: digest of the contents {digest}, kept in {record}; other "
            "contents are refused from now on"
        )


def _write_facts(folder, entry, digest):
    """Write beside the files what they are, and how many, as JSON."""
    facts = {
        "name": entry.name,
        "address": entry.address,
        "licence": entry.licence,
        "citation": entry.citation,
        "contents": digest,
        "files": _count(folder),
    }
    text = json.dumps(facts, indent=2, ensure_ascii=False)
    write_text(folder / FACTS, f"{text}\n")


def _check_whole(folder, entry):
    """Raise UserError where a folder is of something else, or has lost files."""
    try:
        facts = json.loads(read_text(folder / FACTS))
        same = facts["name"] == entry.name and facts["files"] == _count(folder)
    except (OSError, ValueError, TypeError, KeyError):
        same = False
    if not same:
        raise UserError(
            f"{folder} is not the set {entry.name}, or no longer whole: move it away, and "
            "run this again to lay it out anew"
        )


def _count(folder):
    """Return how many files lie in the folders of a set."""
    return sum(len(names) for top, _, names in os.walk(folder) if Path(top) != folder)
