"""Read a set of pictures sorted into folders, one folder for each class.

    cracks/clean/*.jpg  cracks/crack/*.jpg
    rust/train/CLEAN/*.jpg  rust/train/RUST/*.jpg  rust/test/CLEAN/*.jpg ...

The order of the classes is alphabetical unless given; of two, the last one is what is
looked for. Folders below that of a class belong to it. AppleDouble files (`._*`) are left
out, extensions do not matter, the bytes do.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspection.common.errors import DatasetError
from inspection.datasets.checking.check_images import image_faults
from inspection.datasets.checking.given_split import refuse_copies
from inspection.datasets.faults import Fault
from inspection.datasets.images.image_facts import ImageFacts, read_facts
from inspection.datasets.images.image_folder import check_names, is_image_name
from inspection.datasets.layouts.class_layout import (
    find_part_root,
    find_root,
    folders_in,
)
from inspection.datasets.layouts.folder_names import split_of
from inspection.datasets.splitting.split_lists import SPLITS

# what is said of a picture that can be used
REMARKS = ("wrong-extension", "turned-upright")


@dataclass(frozen=True)
class FolderFault:
    """A folder or class that has no counterpart, so that nothing can be read."""

    file: str
    detail: str
    mend: str

    def __str__(self):
        return f"{self.file}: {self.detail}"


@dataclass(frozen=True)
class LabelledImages:
    """Pictures with one class each.

    labels: int [N], places in class_names. sides: "train", "val" or "test" for each
    picture where the folders say so, else empty. remarks: notes on single files.
    """

    folder: Path
    class_names: tuple[str, ...]
    paths: tuple[Path, ...]
    labels: np.ndarray
    facts: dict[Path, ImageFacts]
    splits: tuple[str, ...] = ()
    remarks: tuple[Fault, ...] = ()

    def __len__(self):
        return len(self.paths)

    @property
    def notes(self):
        """What was seen and stops nothing, a line for each file."""
        return tuple(map(str, self.remarks))

    def names(self, indices=None):
        """Return the paths of pictures below the folder, with forward slashes."""
        chosen = range(len(self)) if indices is None else indices
        return [self.paths[i].relative_to(self.folder).as_posix() for i in chosen]

    def counts(self):
        """Return {class name: number of pictures}."""
        numbers = np.bincount(self.labels, minlength=len(self.class_names))
        return dict(zip(self.class_names, numbers.tolist(), strict=True))


def read_class_folders(
    folder: str | Path, class_names: list[str] | None = None
) -> "LabelledImages":
    """Return the pictures of a folder; raise one DatasetError with all its faults.

    class_names: the classes in the order of their ids; None takes all, sorted. A class
    that is left out is an error, so that a typing slip does not lose a folder.

    >>> walls = read_class_folders("data/cracks/concrete")
    >>> walls.class_names, len(walls)
    (('clean', 'crack'), 300)
    """
    images, faults = scan_class_folders(folder, class_names)
    if faults:
        raise DatasetError(f"{folder}: {_count(faults)} to mend first", faults)
    if images.splits:
        split_of = dict(zip(images.paths, images.splits, strict=True))
        by_split = {s: [p for p in split_of if split_of[p] == s] for s in SPLITS}
        refuse_copies(by_split, folder, images.facts, by_name=False)
    return images


def scan_class_folders(folder, class_names=None):
    """Return (LabelledImages of what can be read, faults of the others).

    Its facts are of all pictures, also of the broken. Raises DatasetError where the
    folders are not the classes.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DatasetError(f"{folder} is no folder; looked from {Path.cwd()}")
    folder = find_root(folder, class_names)
    parts = _parts(folder)
    class_names = _check_classes(folder, parts, class_names)
    rows = [
        (path, class_names.index(name), split)
        for split, part in parts.items()
        for name in class_names
        for path in _images(part / name)
    ]
    facts = read_facts([path for path, _, _ in rows])
    faults = _empty_classes(folder, parts, class_names)
    faults += _splits_inside(folder, parts, class_names)
    faults += _broken(folder, facts)
    faults += _copies(folder, rows, facts)
    whole = [row for row in rows if facts[row[0]].header]
    images = LabelledImages(
        folder,
        tuple(class_names),
        tuple(path for path, _, _ in whole),
        np.array([label for _, label, _ in whole], np.int64),
        facts,
        tuple(split for _, _, split in whole) if "" not in parts else (),
        tuple(_remarks(folder, parts, class_names, facts)),
    )
    return images, faults


def _parts(folder):
    """Return {split: folder of the class folders}; one part "" where there is no split."""
    inside = folders_in(folder)
    splits = {split_of(part.name) or "" for part in inside}
    if "train" not in splits:
        return {"": folder}
    if "" in splits:
        _refuse_half_split(folder, inside)
        return {"": folder}
    if len(splits) < len(inside):
        names = ", ".join(part.name for part in inside)
        raise DatasetError(f"{folder} holds one part of the split twice: {names}")
    order = sorted(inside, key=lambda part: SPLITS.index(split_of(part.name)))
    return {split_of(part.name): find_part_root(part) for part in order}


def _refuse_half_split(folder, inside):
    """Raise DatasetError for train/CLASS/ beside a folder that is no part of a split."""
    known = [part for part in inside if split_of(part.name)]
    if any(folders_in(part) for part in known):  # train may be a class, of vehicles
        others = ", ".join(part.name for part in inside if part not in known)
        named = ", ".join(part.name for part in known)
        raise DatasetError(
            f"{folder} holds {named}, which look like a split, and beside it {others}: "
            "name the parts train, val and test, and move all else away"
        )


def _images(folder):
    if not folder.is_dir():
        return []
    return check_names(sorted(p for p in _files(folder) if is_image_name(p.name)))


def _files(folder):
    """Yield the files of a folder and of those below it."""
    for path in sorted(folder.iterdir()):
        if path.is_file():
            yield path
    for inner in folders_in(folder):
        # a link to a folder above would never end
        if not folder.resolve().is_relative_to(inner.resolve()):
            yield from _files(inner)


def _check_classes(folder, parts, class_names):
    found = sorted(
        {inner.name for part in parts.values() for inner in folders_in(part)}
    )
    if class_names is None:
        class_names = found
    class_names = list(class_names)
    faults = [
        FolderFault(name, "is a folder, but no class", "add it to the classes")
        for name in found
        if name not in class_names
    ]
    faults += [
        FolderFault(name, f"is no folder; there are: {', '.join(found)}", "see case")
        for name in class_names
        if name not in found
    ]
    if len(class_names) < 2 or len(set(class_names)) < len(class_names):
        listed = ", ".join(class_names) or "none"
        mend = "one folder for each class, at least two: clean/, crack/"
        faults.append(FolderFault(folder.name, f"classes: {listed}", mend))
    if faults:
        raise DatasetError(f"{folder}: its folders are not the classes", faults)
    return class_names


def _empty_classes(folder, parts, class_names):
    return [
        Fault("empty-class", _short(part / name, folder), "holds 0 pictures")
        for part in parts.values()
        for name in class_names
        if not _images(part / name)
    ]


def _splits_inside(folder, parts, class_names):
    detail = "is a part of a split inside a class"
    return [
        Fault("split-inside-class", _short(inner, folder), detail)
        for part in parts.values()
        for name in class_names
        for inner in (folders_in(part / name) if (part / name).is_dir() else ())
        if split_of(inner.name)
    ]


def _broken(folder, facts):
    return [
        Fault(fact.problem_kind, _short(path, folder), fact.problem, (path,))
        for path, fact in facts.items()
        if fact.problem
    ]


def _copies(folder, rows, facts):
    """Return pictures, equal byte by byte, with two classes or on two sides."""
    by_digest = defaultdict(list)
    for path, label, split in rows:
        by_digest[facts[path].digest].append((path, label, split))
    faults = []
    for group in by_digest.values():
        paths = tuple(path for path, _, _ in group)
        first, *others = (_short(path, folder) for path in paths)
        if len({label for _, label, _ in group}) > 1:
            detail = f"is in two classes: {', '.join(others)}"
            faults.append(Fault("two-classes", first, detail, paths))
        elif len({split for _, _, split in group}) > 1:
            detail = f"is on two sides of the split: {', '.join(others)}"
            faults.append(Fault("both-sides", first, detail, paths))
    return faults


def _remarks(folder, parts, class_names, facts):
    for part in parts.values():
        for name in class_names:
            yield from _remarks_on_files(part / name, folder, facts)
    for path, fact in facts.items():
        found = image_faults(fact, _short(path, folder), sizes_betray=False)
        yield from (fault for fault in found if fault.kind in REMARKS)


def _remarks_on_files(class_folder, folder, facts):
    below = Counter()
    for path in _files(class_folder) if class_folder.is_dir() else ():
        name = _short(path, folder)
        if path.name.startswith("._"):
            yield Fault("not-a-picture", name, "left by macOS, not read")
        elif path not in facts:
            yield Fault("not-read", name, "no picture by its name, not read")
        elif path.parent != class_folder:
            below[path.parent] += 1
    for inner, count in below.items():
        detail = f"{count} of the class, read"
        yield Fault("class-subfolder", f"{_short(inner, folder)}/", detail)


def _short(path, folder):
    return path.relative_to(folder).as_posix()


def _count(faults):
    return f"{len(faults)} thing{'s' * (len(faults) != 1)}"
