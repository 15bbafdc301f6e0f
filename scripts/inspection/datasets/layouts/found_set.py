"""What was found in the folders of a set: files, in pairs, and their part of a split."""

from dataclasses import dataclass
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.datasets.layouts.folder_names import ROLES, split_of, words_of
from inspection.datasets.layouts.set_tree import Branch, common_parts, describe

LAYOUTS = (
    "layouts that are read: {all} in one folder; images/ and {partners}/; the same in "
    "each of train/, val/, test/, or train/, val/, test/ in each of them; VOCdevkit"
)


@dataclass(frozen=True)
class Member:
    """One file, the part of the split that its folders name, and where it lies.

    split: "" where they name none. place: names of its folders that are neither a part
    of a split nor a word such as images.
    """

    path: Path
    split: str
    place: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """A picture and what belongs to it, an XML or a mask; one of them may be None.

    What lies in one part of the split has its name in `split`, else it is "".
    """

    image: Path | None
    partner: Path | None
    split: str


@dataclass(frozen=True)
class FoundSet:
    """All pairs of a set, sorted by path; `notes` say what was left out.

    lists: {split: names} that the set brings as text, {} where folders split it.
    """

    pairs: tuple[Pair, ...]
    lists: dict[str, list[str]]
    notes: tuple[str, ...] = ()

    def parts(self):
        """Return the parts of the split that folders name."""
        return {pair.split for pair in self.pairs} - {""}


def list_members(branches, files_of):
    """Return the `Member`s of branches; files_of: function of a Branch to its files.

    Folders in which all of them lie say nothing of the split.
    """
    used = [(branch, files) for branch in branches if (files := files_of(branch))]
    outer = len(common_parts([branch for branch, _ in used])) if used else 0
    members = []
    for branch, files in used:
        split = _split(branch, outer)
        place = tuple(p for p in branch.parts[outer:] if not _says_role(p))
        members += [Member(path, split, place) for path in files]
    return members


def _split(branch, outer):
    found = {split_of(part) for part in branch.parts[outer:]} - {None}
    if len(found) > 1:
        raise DatasetError(
            f"{branch.folder} lies in two parts of a split, {' and '.join(sorted(found))}: "
            "rename one of its folders"
        )
    return found.pop() if found else ""


def _says_role(part):
    return split_of(part) is not None or bool(ROLES.intersection(words_of(part)))


def nearest(candidates, other):
    """Return those of some members that lie nearest to another one.

    In the same folder, else in folders of the same place, else all of them.
    """
    together = [m for m in candidates if m.path.parent == other.path.parent]
    alike = [m for m in candidates if m.place == other.place]
    return together or alike or candidates


def agree(one, other):
    """Tell whether two members may belong together by the split their folders name."""
    return one.split == other.split or not (one.split and other.split)


def not_understood(top, trees: list[list[Branch]], partners, hint=""):
    """Return the DatasetError that shows a tree and the layouts that are read.

    partners: "annotations" or "masks". hint: what else to do, with its own colon.
    """
    lines = [line for tree in trees for line in describe(tree)] or ["no files"]
    layouts = LAYOUTS.format(all=f"pictures and {partners}", partners=partners)
    return DatasetError(
        f"{top}: no pictures with {partners} found in this layout{hint}",
        [*lines, layouts],
    )
