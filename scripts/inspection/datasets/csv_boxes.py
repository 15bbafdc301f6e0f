"""Read boxes from a CSV, one line each, as `csv_table.py` and many tutorials write it."""

import csv
import io
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.common.text import finite_number
from inspection.common.text_files import read_text
from inspection.datasets.csv_table import COLUMNS
from inspection.datasets.images.image_folder import ImageTree, base_name
from inspection.datasets.voc import Annotation, Box

DELIMITERS = ",;\t"


def read_csv(path, image_dir):
    """Return the Annotations of a CSV with the columns of xml_to_csv.py, by name.

    A row without class and corners stands for a picture without objects. Names may have
    folders, `hall_a/1.png` and `hall_b/1.png` being two pictures. Raises one
    DatasetError with every row that cannot be read and every name that is not clear.
    """
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
    images = _find_images(sorted(rows), ImageTree(image_dir), faults)
    annotations = [_annotation(name, rows[name], faults) for name in sorted(rows)]
    if faults:
        raise DatasetError(f"{len(faults)} names of {path} are not clear", faults)
    return [
        replace(annotation, folder=folder, image=image)
        for annotation, (folder, image) in zip(annotations, images, strict=True)
    ]


def _rows(path):
    """Yield (line, {column: text}) of a CSV."""
    try:
        text = read_text(path)
    except FileNotFoundError:
        raise DatasetError(f"there is no CSV at {path}") from None
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        head = [name.strip().lower() for name in next(reader, ())]
        _check_columns(path, head)
        for cells in reader:
            if len(cells) > len(head):
                detail = f"{len(cells)} cells under {len(head)} columns"
                raise csv.Error(f"{detail}: put text with {delimiter!r} into quotes")
            cells += [""] * (len(head) - len(cells))
            row = {k: v.strip() for k, v in zip(head, cells, strict=True)}
            if any(row.values()):
                yield reader.line_num, row
    except csv.Error as error:
        raise DatasetError(f"{path}, line {reader.line_num}: {error}") from None


def _check_columns(path, head):
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        wanted = ", ".join(COLUMNS)
        raise DatasetError(f"{path} has no column {', '.join(missing)} (of {wanted})")
    twice = [name for name in COLUMNS if head.count(name) > 1]
    if twice:
        raise DatasetError(f"{path} has two columns {', '.join(twice)}: keep one")


def _read_row(row):
    """Return (size or None, Box or None)."""
    if not row["filename"]:
        raise ValueError("no filename")
    size = tuple(_pixels(row, name) for name in COLUMNS[1:3])
    if not any(row[name] for name in COLUMNS[3:]):
        return size, None
    if not row["class"]:
        raise ValueError("no class")
    return size, Box(row["class"], *(_number(row, name) for name in COLUMNS[4:]))


def _number(row, name):
    value = finite_number(row[name])
    if value is None:
        raise ValueError(f"{name} {row[name]!r} is not a number")
    return value


def _pixels(row, name):
    if not row[name]:
        return None
    value = _number(row, name)
    if value < 1 or value != int(value):
        raise ValueError(f"{name} {row[name]!r} is no number of pixels")
    return int(value)


def _find_images(names, tree, faults):
    """Return (folder, picture or None) of each name; two names of one are a fault."""
    found = [tree.find(name) for name in names]
    # leading folders may be foreign, but then they are so for all names alike
    deep = [
        dropped for folder, images, dropped in found if images and (folder or dropped)
    ]
    foreign = min(deep, default=0)
    pictures, owner = [], {}
    for name, (folder, images, dropped) in zip(names, found, strict=True):
        if len(images) > 1:
            listed = " and ".join(path.name for path in images)
            faults.append(f"{name} may mean {listed}: keep one of them")
        image = images[0] if images and dropped <= foreign else None
        if image and owner.setdefault(image, name) != name:
            detail = f"{owner[image]} and {name} are both found as"
            faults.append(f"{detail} {image}: write one picture's name in one way")
        pictures.append((folder, image))
    return pictures


def _annotation(name, rows, faults):
    sizes = list(dict.fromkeys(size for size, _ in rows if None not in size))
    if len(sizes) > 1:
        listed = " and ".join("{}x{}".format(*size) for size in sizes)
        faults.append(f"{name} has two sizes: {listed}")
    width, height = sizes[0] if sizes else (None, None)
    return Annotation(
        path=Path(base_name(name)),
        image=None,
        width=width,
        height=height,
        boxes=tuple(box for _, box in rows if box),
        filename=name,
    )
