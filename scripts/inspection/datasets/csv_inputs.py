"""Which folder or split list becomes which CSV."""

from dataclasses import dataclass, replace
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets import voc
from inspection.datasets.faults import Fault
from inspection.datasets.images.image_folder import ImageFolder
from inspection.datasets.layouts.box_layout import find_boxes
from inspection.datasets.layouts.flat_set import list_splits, plan_names
from inspection.datasets.layouts.folder_names import split_of
from inspection.datasets.layouts.for_commands import count_splits, describe_set
from inspection.datasets.layouts.set_tree import read_tree
from inspection.datasets.splitting.split_lists import match_names


@dataclass(frozen=True)
class Inputs:
    """The annotations of one CSV, and the faults of those that could not be read."""

    annotations: list[voc.Annotation]
    faults: list[Fault]
    has_images: bool


def plan_tables(
    xml_dir: str | Path,
    output: str | Path | None = None,
    image_dir: str | Path | None = None,
    splits: dict[str, list[str]] | None = None,
) -> dict[Path, "Inputs"]:
    """Return {path of a CSV: Inputs}.

    One folder of XML makes one CSV, `labels.csv` in it by default. With `splits`,
    {split: stems}, each split makes `<split>_labels.csv` in the folder `output`; so do
    subfolders such as `train/`, or `train_labels/`, of a folder without XML of its own.

    >>> lists = {"train": ["leak_000"], "test": ["leak_001"]}
    >>> plan = plan_tables("data/leaks/annotations", "build", splits=lists)
    >>> [path.name for path in plan]
    ['train_labels.csv', 'test_labels.csv']
    """
    xml_dir = Path(xml_dir)
    if splits:
        everything = read_set(xml_dir, image_dir)
        return {
            _table_path(output or xml_dir, split): _pick(everything, stems, split)
            for split, stems in splits.items()
        }
    folders = _subfolders(xml_dir)
    are_parts = bool(folders) and all(split_of(folder.name) for folder in folders)
    if not (are_parts or image_dir) and _holds_set(xml_dir):
        return _plan_set(xml_dir, output)
    if folders:
        return {
            _table_path(output or xml_dir, folder.name): read_set(folder, image_dir)
            for folder in folders
        }
    path = Path(output) if output else xml_dir / "labels.csv"
    return {path: read_set(xml_dir, image_dir)}


def read_set(xml_dir, image_dir=None):
    """Return the Inputs of one folder, with pictures from it or from `image_dir`."""
    annotations, faults = voc.scan_folder(xml_dir, image_dir)
    images = ImageFolder(image_dir or xml_dir)
    if image_dir and not images.paths:
        raise DatasetError(f"0 pictures found in {image_dir}")
    return Inputs(annotations, faults, bool(images.paths))


def _subfolders(xml_dir):
    """Return the subfolders with XML of a folder that has none itself."""
    if not xml_dir.is_dir() or any(map(voc.is_annotation, xml_dir.iterdir())):
        return []
    found = {path.parent for path in xml_dir.glob("*/*") if voc.is_annotation(path)}
    return sorted(found)


def _holds_set(folder):
    """Tell whether pictures and XML lie in the folders of a folder, no XML in itself."""
    if not folder.is_dir() or any(map(voc.is_annotation, folder.iterdir())):
        return False
    tree = read_tree(folder)
    has_boxes = any(voc.is_annotation(p) for branch in tree for p in branch.files)
    return has_boxes and any(branch.images() for branch in tree)


def _plan_set(folder, output):
    """Return {path of a CSV: Inputs} of a set of any layout, one for each of its parts.

    Pictures have their path below the folder, so that it is the folder of the pictures
    for generate_tfrecord.py.
    """
    found = find_boxes(folder)
    images, partners = plan_names(found.pairs)
    splits = list_splits(found, images, partners)
    print(describe_set(folder, found, count_splits(splits)))
    pair_of = {Path(partners[p.partner]).stem: p for p in found.pairs if p.partner}
    if not splits:
        pairs = list(pair_of.values())
        return {Path(output or folder / "labels.csv"): _read_pairs(pairs, folder)}
    return {
        _table_path(output or folder, split): _read_pairs(
            [pair_of[name] for name in listed], folder
        )
        for split, listed in splits.items()
    }


def _read_pairs(pairs, top):
    """Return the Inputs of pairs of a set; each picture is sought in its own folder."""
    annotations, faults, folders = [], [], {}
    for pair in pairs:
        home = (pair.image or pair.partner).parent
        images = folders.setdefault(home, ImageFolder(home))
        try:
            annotation = voc.read_annotation(pair.partner, images)
        except DatasetError as error:
            faults += error.faults
            continue
        inside = home.relative_to(top).as_posix()
        annotations.append(replace(annotation, folder="" if inside == "." else inside))
    return Inputs(annotations, faults, has_images=True)


def _table_path(folder, split):
    return Path(folder) / f"{split.removesuffix('_labels')}_labels.csv"


def _pick(everything, stems, split):
    by_stem = {
        annotation.path.stem: annotation for annotation in everything.annotations
    }
    broken = {Path(fault.file).stem for fault in everything.faults}
    found, missing = match_names(stems, [*by_stem, *broken])
    names = set(found.values())
    faults = [fault for fault in everything.faults if Path(fault.file).stem in names]
    if missing:
        raise DatasetError(
            f"no annotation for {plural(len(missing), 'name')} of {split}", missing
        )
    picked = [by_stem[n] for n in dict.fromkeys(found.values()) if n in by_stem]
    return Inputs(picked, faults, everything.has_images)
