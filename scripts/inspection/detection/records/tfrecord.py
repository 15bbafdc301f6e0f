"""TFRecord files without TensorFlow: framing, checksums and shards.

A record is its length (8 bytes, little endian), the masked CRC-32C of those 8 bytes,
the data, and the masked CRC-32C of the data.
Format: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
"""

import glob
import os
import re
import struct
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path

import google_crc32c

from inspection.common.atomic_files import atomic_write, together
from inspection.common.drafts import settle
from inspection.common.errors import DatasetError

SHARD = re.compile(r"(.+)-(\d{5})-of-(\d{5})", re.DOTALL)
HEADER, CHECKSUM = struct.Struct("<QI"), struct.Struct("<I")


def masked_crc(data):
    """Return the CRC-32C of data, rotated and shifted as TFRecord stores it."""
    crc = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def frame(data):
    """Return the bytes of one record."""
    length = len(data).to_bytes(8, "little")
    header = HEADER.pack(len(data), masked_crc(length))
    return b"".join((header, data, CHECKSUM.pack(masked_crc(data))))


def shard_paths(path, shards):
    """Return the files of a record: itself, or `path-00000-of-00010` and so on."""
    if shards < 1:
        raise DatasetError(f"{shards} shards asked for: at least 1 is needed")
    if shards == 1:
        return [Path(path)]
    return [Path(f"{path}-{i:05d}-of-{shards:05d}") for i in range(shards)]


@contextmanager
def record_writer(path, shards=1):
    """Yield a function that writes one serialized example, in turn to each shard.

    The files appear under their names when the block ends without an exception: all of
    them or none, shards of two runs never lie together.
    """
    paths = shard_paths(path, shards)
    _refuse_other_shards(path, paths)
    with together(), ExitStack() as stack:
        drafts = [stack.enter_context(atomic_write(p)) for p in paths]
        with ExitStack() as open_files:
            files = [open_files.enter_context(draft.open("wb")) for draft in drafts]
            count = 0

            def write(data):
                nonlocal count
                files[count % shards].write(frame(data))
                count += 1

            yield write


def write_records(examples, path, shards=1):
    """Write serialized examples; return how many. None at all is an error."""
    count = 0
    with record_writer(path, shards) as write:
        for data in examples:
            write(data)
            count += 1
        if not count:
            raise DatasetError(f"0 examples for {path}: nothing was written")
    return count


def _refuse_other_shards(path, paths):
    # a reader of `name-*` would take the old shards along with the new ones
    pattern = glob.escape(str(path)) + "-[0-9][0-9][0-9][0-9][0-9]-of-*"
    others = sorted(set(glob.glob(pattern)) - {str(p) for p in paths})
    if others:
        raise DatasetError(
            f"{len(others)} shards of an earlier run lie beside {path}: delete them",
            [os.path.basename(name) for name in others],
        )


def read_frames(path):
    """Yield the data of each record of one file, checksums checked.

    Raises DatasetError naming the file and the record that is cut off or damaged.
    """
    with open(path, "rb") as file:
        number = 0
        while head := file.read(HEADER.size):
            number += 1
            length = _read_length(head, path, number)
            body = file.read(length + CHECKSUM.size)
            if len(body) < length + CHECKSUM.size:
                raise _damaged(path, number, "is cut off: the file is not complete")
            data, (crc,) = body[:length], CHECKSUM.unpack(body[length:])
            if crc != masked_crc(data):
                raise _damaged(path, number, "is damaged: its checksum does not fit")
            yield data


def _read_length(head, path, number):
    if len(head) < HEADER.size:
        raise _damaged(path, number, "is cut off: the file is not complete")
    length, crc = HEADER.unpack(head)
    if crc == masked_crc(head[:8]):
        return length
    if number == 1:
        raise DatasetError(f"{path} is not a TFRecord file")
    raise _damaged(path, number, "is damaged: the checksum of its length does not fit")


def _damaged(path, number, text):
    return DatasetError(f"{path}: record {number} {text}; write the records again")


def matching_files(pattern):
    """Return the files that one name or pattern stands for, none where there are none."""
    pattern = str(pattern)
    _settle_all(pattern)
    return [pattern] if os.path.exists(pattern) else sorted(glob.glob(pattern))


def _settle_all(pattern):
    """Finish what a stopped program has left of the files that a pattern stands for."""
    folder, name = os.path.split(pattern)
    for draft in glob.glob(os.path.join(folder, f".{name}.new")):
        settle(os.path.join(folder, os.path.basename(draft)[1:-4]))


def _refuse_gaps(pattern, files):
    """Raise DatasetError where a pattern stands for a part of the shards of a record."""
    shards = [SHARD.fullmatch(file) for file in files]
    if not glob.has_magic(pattern) or "[" in pattern:  # names shards, on purpose
        return
    counts = Counter((m[1], int(m[3])) for m in shards if m)
    parts = [
        f"{name}: {count} of {total} shards"
        for (name, total), count in counts.items()
        if count != total
    ]
    if parts or len(counts) != len({name for name, _ in counts}):
        raise DatasetError(
            f"{pattern} is not one whole record: write the records again", parts
        )


def expand_paths(patterns):
    """Return the files that names and patterns such as `train.record-*` stand for.

    Raises DatasetError naming every pattern without a file, and shards that are missing.
    """
    patterns = [patterns] if isinstance(patterns, (str, os.PathLike)) else patterns
    found, missing = [], []
    for pattern in map(str, patterns):
        files = matching_files(pattern)
        _refuse_gaps(pattern, files)
        found += files
        missing += [] if files else [pattern]
    if missing or not found:
        where = f"(looked from {os.getcwd()})"
        raise DatasetError(f"no record file found {where}", missing)
    return [Path(name) for name in found]
