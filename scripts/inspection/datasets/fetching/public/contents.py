"""Take the files of a set out of its archive, and tell by a digest what they are.

The digest is the SHA-256 of a text: a line for each file, its SHA-256, two spaces and
its name, sorted by name as bytes. So it holds for the files, however they are packed.
"""

import hashlib
import re
from collections import Counter
from pathlib import Path

from inspection.common.errors import UserError
from inspection.common.text import plural


def take_files(files, entry, folder):
    """Write the files of a set into a folder; return {name: SHA-256 of the file}.

    files: pairs of name and bytes. Raises UserError where two of them have one name.
    """
    patterns = [re.compile(pattern) for pattern in entry.keep]
    taken = {}
    for name, data in files:
        found = next((m for p in patterns if (m := p.fullmatch(name))), None)
        if found is None:
            continue
        short = found[1]
        if short in taken:
            raise UserError(f"{entry.archive} holds {short} twice: it is not the set")
        taken[short] = hashlib.sha256(data).hexdigest()
        path = Path(folder) / short
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)  # in a folder that is no set yet
    return taken


def digest_of(taken: dict[str, str]) -> str:
    """Return the digest of files, {name: SHA-256 of the file}.

    >>> digest_of({"a.txt": "00"}) == digest_of({"a.txt": "01"})
    False
    """
    lines = [f"{taken[name]}  {name}\n" for name in sorted(taken, key=str.encode)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def check_counts(taken, entry):
    """Raise UserError where files of a set are missing, or too many."""
    counts = Counter(name.rpartition(".")[2].lower() for name in taken)
    wrong = [
        f"{counts[extension]:,} .{extension} where {count:,} belong"
        for extension, count in entry.files.items()
        if counts[extension] != count
    ]
    if not taken:
        wrong = ["nothing of it"]
    if wrong:
        raise UserError(
            f"{entry.archive} is not the set {entry.name}: it holds {', '.join(wrong)} "
            f"({plural(len(taken), 'file')} taken). Download it again from "
            f"{entry.address}"
        )
