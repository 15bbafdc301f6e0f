"""Split folders of pictures and annotations: what goes where, and copying it there."""

import filecmp
import shutil
from dataclasses import dataclass
from pathlib import Path

from inspection.common.atomic_files import together, whole_folder
from inspection.common.drafts import settle
from inspection.common.errors import DatasetError
from inspection.datasets import voc
from inspection.datasets.faults import Fault
from inspection.datasets.images.image_facts import read_facts
from inspection.datasets.images.image_folder import ImageFolder, is_image_name, stem
from inspection.datasets.splitting.partition import (
    count_classes,
    group_copies,
    partition,
)
from inspection.datasets.splitting.sources import check_pattern


@dataclass(frozen=True)
class Entry:
    """One picture to put into a split; `xml` is None where annotations are not split."""

    image: Path
    xml: Path | None
    classes: frozenset

    @property
    def stem(self):
        return self.xml.stem if self.xml else stem(self.image.name)


@dataclass(frozen=True)
class Partition:
    """The outcome: {split: entries}, {split: {class: pictures}}, and what was noticed."""

    splits: dict[str, list[Entry]]
    classes: dict[str, dict[str, int]]
    copies: tuple[tuple[str, ...], ...]  # names of pictures kept together
    left_out: tuple[str, ...]  # pictures without an annotation

    def stems(self):
        """Return {split: stems}, as `splits.write_splits` takes them."""
        return {
            split: [e.stem for e in entries] for split, entries in self.splits.items()
        }

    def missing(self):
        """Return {split: classes that it does not show, though another split does}."""
        every = set().union(*self.classes.values())
        lacks = {
            split: sorted(every - set(shown)) for split, shown in self.classes.items()
        }
        return {split: names for split, names in lacks.items() if names}


def split_folder(image_dir, xml_dir=None, shares=None, pattern=None, seed=42):
    """Return the Partition of a folder of pictures, stratified where there are annotations.

    `shares` is {"val": .1, "test": .2}, the rest is train. Raises DatasetError for
    annotations that cannot be read or have no picture, and for a split left empty.
    """
    check_pattern(pattern)
    entries = _annotated(xml_dir, image_dir) if xml_dir else _images(image_dir)
    paths = [entry.image for entry in entries]
    classes = [entry.classes for entry in entries]
    groups = group_copies(paths, read_facts(paths), pattern)
    splits = partition(classes, shares or {"test": 0.1}, groups, seed)
    used = set(paths)
    there = ImageFolder(image_dir).paths
    return Partition(
        splits={
            split: [entries[i] for i in chosen] for split, chosen in splits.items()
        },
        classes=count_classes(classes, splits),
        copies=tuple(tuple(paths[i].name for i in g) for g in groups if len(g) > 1),
        left_out=tuple(path.name for path in there if path not in used),
    )


def copy_partition(parted, folder, with_xml=True, overwrite=False):
    """Copy pictures and annotations into a folder for each split; return the folders.

    All splits appear at once or none. A split's folder that holds other files than would
    be copied is refused, with `overwrite` replaced unless it holds anything but pictures
    and annotations.
    """
    folder = Path(folder)
    targets = {split: folder / split for split in parted.splits}
    for target in targets.values():
        settle(target)
    if all(_is_done(parted.splits[s], targets[s], with_xml) for s in targets):
        return list(targets.values())
    for target in targets.values():
        _refuse_full(target, overwrite)
    with together():
        for split, entries in parted.splits.items():
            with whole_folder(targets[split]) as draft:
                _copy(entries, draft, with_xml)
    return list(targets.values())


def _annotated(xml_dir, image_dir):
    annotations, faults = voc.scan_folder(xml_dir, image_dir)
    faults += [
        Fault("no-picture", a.path.name, f"has no picture in {image_dir}")
        for a in annotations
        if a.image is None
    ]
    if faults:
        files = len({fault.file for fault in faults})
        raise DatasetError(f"{files} annotations cannot be used", faults)
    return [
        Entry(a.image, a.path, frozenset(box.name for box in a.boxes))
        for a in annotations
    ]


def _images(image_dir):
    if not Path(image_dir).is_dir():
        raise DatasetError(f"{image_dir} is not a folder")
    paths = ImageFolder(image_dir).paths
    if not paths:
        raise DatasetError(f"0 pictures found in {image_dir}")
    return [Entry(path, None, frozenset()) for path in paths]


def _files(entries, with_xml):
    """Return the files of entries that are to be copied."""
    annotations = [entry.xml for entry in entries if with_xml and entry.xml]
    return [entry.image for entry in entries] + annotations


def _copy(entries, folder, with_xml):
    for path in _files(entries, with_xml):
        shutil.copy2(path, folder / path.name)


def _is_done(entries, folder, with_xml):
    """Tell whether a folder holds copies of these files and nothing else."""
    files = _files(entries, with_xml)
    if not folder.is_dir():
        return False
    there = {path.name for path in folder.iterdir()}
    return there == {path.name for path in files} and all(
        filecmp.cmp(path, folder / path.name, shallow=False) for path in files
    )


def _refuse_full(target, overwrite):
    if not target.exists():
        return
    names = sorted(path.name for path in target.iterdir())
    if names and not overwrite:
        raise DatasetError(
            f"{target} holds {len(names)} files already; pictures of an older split "
            "among new ones would spoil it: delete it, or add --overwrite"
        )
    foreign = [
        n for n in names if not is_image_name(n) and not n.lower().endswith(".xml")
    ]
    if foreign:
        raise DatasetError(f"{target} holds files of another kind", foreign)
