"""Boxes as a CSV, one line each: the step between XML and TFRecord in many tutorials.

A CSV has no line for a picture without objects; `generate_tfrecord.py` keeps such
pictures when it reads the XML itself.
"""

import csv
from collections import Counter
from dataclasses import dataclass

from inspection.common.atomic_files import atomic_write, together
from inspection.common.errors import DatasetError
from inspection.datasets.boxes import usable_box
from inspection.datasets.checking.check_annotations import (
    annotation_faults,
    box_faults,
    with_size,
)
from inspection.datasets.faults import Fault
from inspection.datasets.images import image_file
from inspection.datasets.images.image_folder import base_name

COLUMNS = ("filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True)
class BoxTable:
    """The lines of one CSV and what was noticed on the way."""

    rows: tuple[tuple, ...]
    images: int
    without_objects: int
    mended: tuple[Fault, ...]  # boxes cut at the edge or left out

    def classes(self):
        """Return {class name: boxes}, by name."""
        return dict(sorted(Counter(row[3] for row in self.rows).items()))


def make_tables(plan):
    """Return {path: BoxTable} for {path: Inputs}; all their faults are in one error."""
    tables, errors = {}, []
    for path, inputs in plan.items():
        try:
            tables[path] = make_table(inputs)
        except DatasetError as error:
            errors.append(error)
    if errors:
        message = "; ".join(error.message for error in errors)
        raise DatasetError(message, [f for error in errors for f in error.faults])
    return tables


def make_table(inputs):
    """Return the BoxTable of `csv_inputs.Inputs`.

    Where there are pictures each annotation must have its own, which gives name and
    size; else the XML gives both. Raises one DatasetError with every fault that forbids
    a line, or where no line is left.
    """
    annotations = inputs.annotations
    read = [_read(annotation, inputs.has_images) for annotation in annotations]
    stopping = [f for _, faults in read for f in faults if f.severity == "error"]
    stopping = inputs.faults + stopping + _namesakes(annotations)
    if stopping:
        files = len({fault.file for fault in stopping})
        total = len(annotations) + len({fault.file for fault in inputs.faults})
        raise DatasetError(f"{files} of {total} annotations cannot be used", stopping)
    rows = tuple(row for annotation, _ in read for row in _rows(annotation))
    mended = tuple(f for _, faults in read for f in faults if f.severity == "warning")
    if not rows:
        message = f"0 usable boxes in {len(annotations)} annotations: no CSV written"
        raise DatasetError(message, mended)
    empty = sum(not annotation.boxes for annotation in annotations)
    return BoxTable(rows, len(annotations), empty, mended)


def write_tables(tables):
    """Write {path: BoxTable} as CSV, all or none."""
    with together():
        for path, table in tables.items():
            with atomic_write(path) as temporary:
                _write_rows(temporary, [COLUMNS, *table.rows])


def _write_rows(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _read(annotation, has_images):
    """Return the annotation with a size, and its faults."""
    if not has_images:
        faults = [*annotation.notes, *box_faults(annotation)]
        return annotation, faults + _unnamed(annotation)
    if annotation.image is None:
        return annotation, annotation_faults(annotation)
    try:
        data = annotation.image.read_bytes()
        header = image_file.read_header(data, annotation.image.name)
    except DatasetError as error:
        return annotation, error.faults
    return with_size(annotation, header), annotation_faults(annotation, header)


def _unnamed(annotation):
    missing = [] if annotation.filename else ["<filename>"]
    missing += [] if annotation.width and annotation.height else ["<size>"]
    if not missing:
        return []
    detail = f"has no {' and no '.join(missing)}, and no picture is there to tell"
    return [Fault("no-picture", annotation.path.name, detail)]


def _name(annotation):
    """Return the picture's name as a table has it, with folders where they are known."""
    if annotation.image:
        return annotation.image_name
    name = annotation.filename.replace("\\", "/")
    absolute = name.startswith("/") or ":" in name
    return base_name(name) if absolute else name.removeprefix("./")


def _namesakes(annotations):
    """Return a fault for each annotation whose name another one has."""
    owners, faults = {}, []
    for annotation in annotations:
        name = _name(annotation)
        owner = owners.setdefault(name, annotation)
        if name and owner is not annotation:
            detail = f"describes {name}, as {owner.path.name} does"
            faults.append(Fault("one-picture-twice", annotation.path.name, detail))
    return faults


def _rows(annotation):
    name = _name(annotation)
    size = (annotation.width, annotation.height)
    for box in annotation.boxes:
        kept = usable_box(box, *size)
        if kept:
            corners = (kept.xmin, kept.ymin, kept.xmax, kept.ymax)
            yield (name, *size, kept.name, *(f"{value:.10g}" for value in corners))
