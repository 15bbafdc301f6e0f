"""The folders of a set with the files in each, and how they look in a message."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets.fetching.archives import LITTER
from inspection.datasets.images.image_folder import is_image_name

DEEPEST = 20  # folders within each other; more is a mistake
SHOWN_LEVELS = 3
SHOWN_FOLDERS = 12


@dataclass(frozen=True)
class Branch:
    """One folder of a set; `parts` are the names of the folders from the top to it."""

    folder: Path
    parts: tuple[str, ...]
    files: tuple[Path, ...]

    def with_suffix(self, *suffixes):
        """Return the files whose names end like that."""
        return [path for path in self.files if path.suffix.lower() in suffixes]

    def images(self):
        """Return the files that are pictures by their names."""
        return [path for path in self.files if is_image_name(path.name)]


def read_tree(top):
    """Return the `Branch`es of a folder, each with files, sorted by path.

    Hidden files and folders and what macOS adds to archives are left out. Raises
    DatasetError where `top` is no folder, and for links that lead round in circles.
    """
    top = Path(top)
    if not top.is_dir():
        raise DatasetError(f"{top} is not a folder; looked from {Path.cwd()}")
    branches = []
    for folder, inner, names in os.walk(top, followlinks=True):
        inner[:] = sorted(name for name in inner if not _is_litter(name))
        parts = Path(folder).relative_to(top).parts
        if len(parts) > DEEPEST:
            raise DatasetError(
                f"{top} holds folders more than {DEEPEST} deep: {'/'.join(parts[:3])}/..."
            )
        files = [Path(folder, name) for name in sorted(names) if not _is_litter(name)]
        if files:
            branches.append(Branch(Path(folder), parts, tuple(files)))
    return branches


def _is_litter(name):
    return name.startswith(".") or name == LITTER


def common_parts(branches):
    """Return the folders in which all of some branches lie."""
    return os.path.commonprefix([branch.parts for branch in branches])


def describe(branches):
    """Return lines that show the first levels of a set, with counts of files by kind."""
    counts = {}
    for branch in branches:
        for depth in range(min(len(branch.parts), SHOWN_LEVELS) + 1):
            kinds = Counter(path.suffix.lower() or path.name for path in branch.files)
            counts.setdefault(branch.parts[:depth], Counter()).update(kinds)
    lines = [
        f"{'  ' * len(parts)}{parts[-1] if parts else '.'}/  {_text(kinds)}"
        for parts, kinds in sorted(counts.items())
    ]
    more = len(lines) - SHOWN_FOLDERS
    end = [f"... and {plural(more, 'more folder')}"] if more > 0 else []
    return lines[:SHOWN_FOLDERS] + end


def _text(kinds):
    return ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common(4))
