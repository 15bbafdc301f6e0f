"""What records are made from: a folder of XML or a CSV of boxes, whole or a split."""

import csv
from collections import defaultdict
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.datasets.csv_table import COLUMNS
from inspection.datasets.images.image_folder import ImageFolder, base_name, stem
from inspection.datasets.splitting.split_lists import SPLITS, read_split
from inspection.datasets.voc import Annotation, Box


def read_csv(path, image_dir):
    """Return the Annotations of a CSV with the columns of xml_to_csv.py, by name.

    A row without class and corners stands for a picture without objects. Raises
    DatasetError with every row that cannot be read.
    """
    images = ImageFolder(image_dir)
    rows, faults = defaultdict(list), []
    for number, row in _rows(path):
        try:
            rows[row["filename"]].append(_read_row(row))
        except ValueError as error:
            faults.append(f"line {number}: {error}")
    if faults:
        raise DatasetError(f"{len(faults)} rows of {path} cannot be read", faults)
    if not rows:
        raise DatasetError(f"0 rows found in {path}")
    return [_annotation(name, rows[name], images) for name in sorted(rows)]


def _rows(path):
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DatasetError(f"there is no CSV at {path}") from None
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.DictReader(text.splitlines(), delimiter=delimiter)
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in COLUMNS if name not in reader.fieldnames]
    if missing:
        wanted = ", ".join(COLUMNS)
        raise DatasetError(f"{path} has no column {', '.join(missing)} (of {wanted})")
    for row in reader:
        yield reader.line_num, {k: (v or "").strip() for k, v in row.items() if k}


def _read_row(row):
    """Return (width, height, Box or None)."""
    if not row["filename"]:
        raise ValueError("no filename")
    size = [int(_number(row, name)) if row[name] else None for name in COLUMNS[1:3]]
    if not any(row[name] for name in COLUMNS[3:]):
        return *size, None
    if not row["class"]:
        raise ValueError("no class")
    return *size, Box(row["class"], *(_number(row, name) for name in COLUMNS[4:]))


def _number(row, name):
    try:
        return float(row[name])
    except ValueError:
        raise ValueError(f"{name} {row[name]!r} is not a number") from None


def _annotation(name, rows, images):
    found = images.candidates(stem(base_name(name)), name)
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise DatasetError(f"{name} may mean {names}: keep one of them")
    width, height, _ = rows[0]
    return Annotation(
        path=Path(base_name(name)),
        image=found[0] if found else None,
        width=width,
        height=height,
        boxes=tuple(box for *_, box in rows if box),
        filename=name,
    )


def select_split(sources, split_path, image_dir=None):
    """Return the sources named in a list of stems; a stem without one is an error.

    So is one that stands in another list of the same folder, train.txt, val.txt or
    test.txt, and, with the folder of the pictures, a copy of a picture in another list.
    """
    # needs numpy, without which the command starts quicker
    from inspection.datasets.checking.given_split import refuse_copies, refuse_overlap

    wanted = read_split(split_path)
    lists = _beside(split_path, wanted)
    refuse_overlap(lists, Path(split_path).parent)
    if image_dir and len(lists) > 1:
        images = ImageFolder(image_dir)
        paths = {s: _images(names, images) for s, names in lists.items()}
        refuse_copies(paths, Path(split_path).parent)
    by_stem = {_stem(source): source for source in sources}
    lost = sorted(name for name in wanted if name not in by_stem)
    if lost:
        raise DatasetError(
            f"{len(lost)} of {len(wanted)} names in {split_path} have no annotation",
            lost,
        )
    return [by_stem[name] for name in dict.fromkeys(wanted)]


def _beside(split_path, wanted):
    """Return {split: stems} of a list and of those that belong to it."""
    path = Path(split_path)
    others = [path.with_name(f"{split}.txt") for split in SPLITS]
    if path not in others:
        return {path.stem: wanted}
    found = {other.stem: other for other in others if other.is_file()}
    return {split: read_split(other) for split, other in found.items()}


def _images(names, images):
    return [path for name in names for path in images.candidates(name)[:1]]


def _stem(source):
    path = source.path if isinstance(source, Annotation) else source
    return path.stem if path.suffix.lower() == ".xml" else stem(path.name)
