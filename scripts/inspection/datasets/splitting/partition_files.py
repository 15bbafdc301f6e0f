"""Split folders of pictures and annotations: what goes where, and copying it there."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.datasets import voc
from inspection.datasets.faults import Fault
from inspection.datasets.images.image_facts import read_facts
from inspection.datasets.images.image_folder import PictureFolder, is_picture_name, stem
from inspection.datasets.splitting.partition import (
    count_classes,
    group_copies,
    partition,
)
from inspection.datasets.splitting.sources import check_pattern


@dataclass(frozen=True)
class Entry:
    """One picture to put on a side; `xml` is None where annotations are not split."""

    image: Path
    xml: Path | None
    classes: frozenset

    @property
    def stem(self):
        return self.xml.stem if self.xml else stem(self.image.name)


@dataclass(frozen=True)
class Split:
    """The outcome: {side: entries}, {side: {class: pictures}}, and what was noticed."""

    sides: dict[str, list[Entry]]
    classes: dict[str, dict[str, int]]
    copies: tuple[tuple[str, ...], ...]  # names of pictures kept together
    left_out: tuple[str, ...]  # pictures without an annotation

    def stems(self):
        """Return {side: stems}, as `splits.write_splits` takes them."""
        return {side: [e.stem for e in entries] for side, entries in self.sides.items()}

    def missing(self):
        """Return {side: classes that it does not show, though another side does}."""
        every = set().union(*self.classes.values())
        lacks = {
            side: sorted(every - set(shown)) for side, shown in self.classes.items()
        }
        return {side: names for side, names in lacks.items() if names}


def split_folder(image_dir, xml_dir=None, shares=None, pattern=None, seed=42):
    """Return the Split of a folder of pictures, stratified where there are annotations.

    `shares` is {"val": .1, "test": .2}, the rest is train. Raises DatasetError for
    annotations that cannot be read or have no picture, and for a side left empty.
    """
    check_pattern(pattern)
    entries = _annotated(xml_dir, image_dir) if xml_dir else _pictures(image_dir)
    images = [entry.image for entry in entries]
    classes = [entry.classes for entry in entries]
    groups = group_copies(images, read_facts(images), pattern)
    sides = partition(classes, shares or {"test": 0.1}, groups, seed)
    used = set(images)
    pictures = PictureFolder(image_dir).paths
    return Split(
        sides={side: [entries[i] for i in chosen] for side, chosen in sides.items()},
        classes=count_classes(classes, sides),
        copies=tuple(tuple(images[i].name for i in g) for g in groups if len(g) > 1),
        left_out=tuple(path.name for path in pictures if path not in used),
    )


def copy_sides(split, folder, with_xml=True, overwrite=False):
    """Copy pictures and annotations into a folder for each side; return the folders.

    All sides appear at once or none. A side's folder that holds files is refused, with
    `overwrite` replaced unless it holds anything but pictures and annotations.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    targets = {side: folder / side for side in split.sides}
    for target in targets.values():
        _refuse_full(target, overwrite)
    with tempfile.TemporaryDirectory(prefix=".partition.", dir=folder) as temporary:
        for side, entries in split.sides.items():
            _copy(entries, Path(temporary) / side, with_xml)
        for side, target in targets.items():
            if target.exists():
                shutil.rmtree(target)
            (Path(temporary) / side).rename(target)
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


def _pictures(image_dir):
    if not Path(image_dir).is_dir():
        raise DatasetError(f"{image_dir} is not a folder")
    paths = PictureFolder(image_dir).paths
    if not paths:
        raise DatasetError(f"0 pictures found in {image_dir}")
    return [Entry(path, None, frozenset()) for path in paths]


def _copy(entries, folder, with_xml):
    folder.mkdir()
    for entry in entries:
        shutil.copy2(entry.image, folder / entry.image.name)
        if with_xml and entry.xml:
            shutil.copy2(entry.xml, folder / entry.xml.name)


def _refuse_full(target, overwrite):
    if not target.exists():
        return
    names = sorted(path.name for path in target.iterdir())
    if names and not overwrite:
        raise DatasetError(
            f"{target} holds {len(names)} files already; pictures of an older split "
            "among new ones would spoil it: delete it, or add --overwrite"
        )
    foreign = [n for n in names if not is_picture_name(n) and not n.endswith(".xml")]
    if foreign:
        raise DatasetError(f"{target} holds files of another kind", foreign)
