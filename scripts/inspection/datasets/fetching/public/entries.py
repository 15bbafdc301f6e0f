"""The entries of public sets: address, licence, citation, and what must come."""

import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from inspection.common.errors import UserError
from inspection.common.text_files import read_text

ENTRIES = Path(__file__).with_name("public_sets.toml")


@dataclass(frozen=True)
class PublicSet:
    """A set that can be downloaded; public_sets.toml says what the fields mean."""

    name: str
    title: str
    kind: str
    address: str
    archive: str
    licence: str
    citation: str
    classes: tuple[str, ...]
    keep: tuple[str, ...]
    files: dict[str, int] = field(default_factory=dict)
    sha256: str = ""
    contents: str = ""
    bytes: int = 0
    layout: str = ""
    photographs: int | None = None

    @property
    def version(self):
        """Return the name of its folder: the archive's, without extensions."""
        return self.archive.split(".")[0]


def read_entries(path=ENTRIES):
    """Return {name: PublicSet} of a file of entries."""
    entries = {}
    for name, values in tomllib.loads(read_text(path)).items():
        for key in ("classes", "keep"):
            values[key] = tuple(values[key])
        entries[name] = PublicSet(name=name, **values)
    return entries


SETS = read_entries()


def is_public(name: str | Path) -> bool:
    """Tell whether a setting names a public set, and no folder that is there.

    >>> is_public("bccd"), is_public("data/leaks/images")
    (True, False)
    """
    return str(name) in SETS and not Path(name).exists()


def find_set(name) -> PublicSet:
    """Return the entry of a name; raise UserError that lists the names."""
    if name in SETS:
        return SETS[name]
    close = get_close_matches(name, SETS, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    known = "".join(f"\n  {entry.name}: {entry.title}" for entry in SETS.values())
    raise UserError(f"{name} is no public set that is known here.{hint} Known:{known}")
