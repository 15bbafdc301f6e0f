"""Detect in pictures: annotated copies, Pascal VOC XML to correct by hand, one CSV."""

import csv
from collections import Counter
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from inspection.common.atomic_files import whole_file
from inspection.common.errors import DatasetError, UserError
from inspection.common.text import plural
from inspection.datasets.faults import Fault
from inspection.datasets.images import image_file
from inspection.datasets.images.image_folder import is_image_name, stem
from inspection.datasets.images.value_range import find_range
from inspection.datasets.voc import Annotation, Box, write_annotation
from inspection.deploy.overlay import draw_detections

COLUMNS = (
    *("filename", "width", "height", "class"),
    *("xmin", "ymin", "xmax", "ymax", "score"),
)
ANNOTATED, XML, CSV = "annotated", "annotations", "detections.csv"


def find_images(source):
    """Return the pictures of a folder, or the one picture, sorted by name.

    Looks at all of them first: raises one DatasetError with every broken one, and with
    those whose names differ in nothing but the extension.
    """
    source = Path(source)
    if source.is_file():
        paths = [source]
    elif source.is_dir():
        paths = sorted(p for p in source.iterdir() if is_image_name(p.name))
    else:
        raise UserError(
            f"{source} is neither file nor folder; looked from {Path.cwd()}"
        )
    if not paths:
        raise UserError(f"0 pictures in {source}")
    faults = [fault for path in paths for fault in _faults(path)]
    stems = Counter(stem(path.name).casefold() for path in paths)
    for path in paths:
        if stems[stem(path.name).casefold()] > 1:
            detail = "shares its name with another picture, so would its XML"
            faults.append(Fault("ambiguous-picture", path.name, detail))
    if faults:
        total = plural(len(paths), "picture")
        raise DatasetError(f"{plural(len(faults), 'fault')} in {total}", faults)
    find_range(paths)
    return paths


def _faults(path):
    data = path.read_bytes()
    try:
        image_file.read_header(data, path.name)
    except DatasetError as error:
        return error.faults
    if not image_file.is_complete(data):
        return [Fault("broken-picture", path.name, "ends early")]
    return []


def detect_images(model, paths, out_dir, threshold=0.5, overwrite=False):
    """Detect in pictures and write the results; return {class name: boxes}.

    out_dir gets annotated/, annotations/ and detections.csv. XML that is there already
    may have been corrected by hand: it is an error unless `overwrite`.
    """
    out_dir = Path(out_dir)
    targets = [out_dir / XML / f"{stem(path.name)}.xml" for path in paths]
    refuse_existing(targets, overwrite)
    rows = []
    for path, xml in zip(tqdm(paths, "pictures", disable=None), targets):
        image = image_file.read_rgb(path)
        found = model.predict(image).above(threshold)
        boxes = to_boxes(found, model.labels, image.shape)
        height, width = image.shape[:2]
        write_annotation(Annotation(xml, path, width, height, boxes), xml)
        rows += [
            (path.name, width, height, box.name, *corners(box), f"{score:.4f}")
            for box, score in zip(boxes, found.scores)
        ]
        draw_detections(image, found.boxes, found.classes, found.scores, model.labels)
        write_jpeg(image, out_dir / ANNOTATED / f"{stem(path.name)}.jpg")
    write_csv([COLUMNS, *rows], out_dir / CSV)
    return dict(Counter(row[3] for row in rows))


def refuse_existing(paths, overwrite=False):
    """Raise UserError where files are there already that a person may have changed."""
    present = [path for path in paths if path.exists()]
    if present and not overwrite:
        raise UserError(
            f"{plural(len(present), 'annotation')} would be overwritten, the first is "
            f"{present[0]}: take another --output, or --overwrite"
        )


def to_boxes(found, labels, shape):
    """Return the `voc.Box` of each detection, in whole pixels within the picture."""
    height, width = shape[:2]
    pixels = found.boxes.clip(0, 1) * ([height, width] * 2)
    return tuple(
        Box(labels[label], *(int(side) for side in (left, top, right, bottom)))
        for (top, left, bottom, right), label in zip(pixels.round(), found.classes)
    )


def corners(box):
    """Return a box as (xmin, ymin, xmax, ymax)."""
    return (box.xmin, box.ymin, box.xmax, box.ymax)


def write_jpeg(image, path):
    """Write an RGB picture as JPEG, whole or not at all."""
    with whole_file(path) as temporary:
        Image.fromarray(image).save(temporary, "JPEG", quality=90)


def write_csv(rows, path):
    """Write lines as CSV, whole or not at all."""
    with whole_file(path) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
