"""File names that every list can hold: those that are no UTF-8 get others."""

import os
import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from inspection.common.atomic_files import scratch_folder
from inspection.datasets.checking.set_kind import Found


def good_name(name: str) -> str:
    r"""Return a name with each byte that is no UTF-8 as its two digits.

    >>> good_name("caf\udce9.jpg")
    'caf_e9.jpg'
    """
    return "".join(
        f"_{ord(sign) - 0xDC00:02x}" if "\udc80" <= sign <= "\udcff" else sign
        for sign in name
    )


@contextmanager
def with_good_names(found: Found, beside: Path):
    """Yield (the set, how many files have another name): itself where all are good.

    Else a set of links to its files, in a temporary folder beside a path.
    """
    folders = dict.fromkeys(f for f in (found.images, found.labels) if f)
    if not any(_is_bad(path) for folder in folders for path in folder.rglob("*")):
        yield found, 0
        return
    beside = Path(beside)
    with scratch_folder(beside.with_name(f"{beside.name}.names")) as temporary:
        counts, places = 0, {}
        for number, folder in enumerate(folders):
            places[folder] = temporary / str(number) / good_name(folder.name)
            counts += _link_all(folder, places[folder])
        labels = places[found.labels] if found.labels else None
        yield replace(found, images=places[found.images], labels=labels), counts


def _is_bad(path):
    return good_name(path.name) != path.name


def _link_all(folder, target):
    """Link the files of a folder into another under good names; return how many new."""
    changed, taken = 0, set()
    target.mkdir(parents=True)
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            changed += _link_all(path, target / _free(path, taken))
            continue
        name = _free(path, taken)
        changed += name != path.name
        try:
            os.link(path, target / name)
        except OSError:  # another disk, or one without links
            shutil.copyfile(path, target / name)
    return changed


def _free(path, taken):
    """Return a good name that no other file has; partners get the same one."""
    name, number = good_name(path.name), 2
    while name.lower() in taken:
        good = Path(good_name(path.name))
        name, number = f"{good.stem}_{number}{good.suffix}", number + 1
    taken.add(name.lower())
    return name
