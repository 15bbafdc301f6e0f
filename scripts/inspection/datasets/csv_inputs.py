"""Which folder or split list becomes which CSV."""

from dataclasses import dataclass
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets import voc
from inspection.datasets.faults import Fault
from inspection.datasets.images.image_folder import PictureFolder


@dataclass(frozen=True)
class Inputs:
    """The annotations of one CSV, and the faults of those that could not be read."""

    annotations: list[voc.Annotation]
    faults: list[Fault]
    has_pictures: bool


def plan_tables(xml_dir, output=None, image_dir=None, splits=None):
    """Return {path of a CSV: Inputs}.

    One folder of XML makes one CSV, `labels.csv` in it by default. With `splits`,
    {side: stems}, each side makes `<side>_labels.csv` in the folder `output`; so do
    subfolders such as `train/`, or `train_labels/`, of a folder without XML of its own.
    """
    xml_dir = Path(xml_dir)
    if splits:
        everything = read_set(xml_dir, image_dir)
        return {
            _table_path(output or xml_dir, side): _pick(everything, stems, side)
            for side, stems in splits.items()
        }
    folders = _subfolders(xml_dir)
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
    pictures = PictureFolder(image_dir or xml_dir)
    if image_dir and not pictures.paths:
        raise DatasetError(f"0 pictures found in {image_dir}")
    return Inputs(annotations, faults, bool(pictures.paths))


def _subfolders(xml_dir):
    """Return the subfolders with XML of a folder that has none itself."""
    if not xml_dir.is_dir() or any(map(voc.is_annotation, xml_dir.iterdir())):
        return []
    found = {path.parent for path in xml_dir.glob("*/*") if voc.is_annotation(path)}
    return sorted(found)


def _table_path(folder, side):
    return Path(folder) / f"{side.removesuffix('_labels')}_labels.csv"


def _pick(everything, stems, side):
    by_stem = {
        annotation.path.stem: annotation for annotation in everything.annotations
    }
    faults = [fault for fault in everything.faults if Path(fault.file).stem in stems]
    broken = {Path(fault.file).stem for fault in faults}
    missing = [stem for stem in stems if stem not in by_stem and stem not in broken]
    if missing:
        raise DatasetError(
            f"no annotation for {plural(len(missing), 'name')} of {side}", missing
        )
    picked = [by_stem[stem] for stem in dict.fromkeys(stems) if stem in by_stem]
    return Inputs(picked, faults, everything.has_pictures)
