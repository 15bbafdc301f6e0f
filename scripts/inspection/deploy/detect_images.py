"""Detect in pictures: annotated copies, Pascal VOC XML to correct by hand, one CSV."""

import csv
from collections import Counter
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from inspection.common.atomic_files import atomic_write
from inspection.common.detections import class_names_by_id
from inspection.common.errors import DatasetError, UserError
from inspection.common.text import plural
from inspection.datasets.faults import Fault
from inspection.datasets.images import image_file
from inspection.datasets.images.image_folder import (
    find_same_names,
    list_images,
    output_names,
    stem,
)
from inspection.datasets.images.moving import refuse_moving
from inspection.datasets.images.value_range import find_range
from inspection.datasets.voc import Annotation, Box, write_annotation
from inspection.deploy.overlay import draw_detections

COLUMNS = (
    *("filename", "width", "height", "class"),
    *("xmin", "ymin", "xmax", "ymax", "score"),
)
ANNOTATED, XML, CSV = "annotated", "annotations", "detections.csv"


def find_images(sources, out_dir=None):
    """Return {picture: name of its results} of files and folders; see `list_images`.

    out_dir: the folder of the results; pictures annotated there before are left out.
    Looks at all pictures first: raises one DatasetError with every broken one, and with
    those whose results would have one name.
    """
    results = [] if out_dir is None else [Path(out_dir, ANNOTATED)]
    paths = list_images(sources, leave_out=results)
    names = output_names(paths, sources)
    faults = [fault for path in paths for fault in _faults(path)]
    faults += find_same_names(names)
    if faults:
        total = plural(len(paths), "picture")
        raise DatasetError(f"{plural(len(faults), 'fault')} in {total}", faults)
    refuse_moving(paths)
    find_range(paths)
    return names


def _faults(path):
    data = path.read_bytes()
    try:
        image_file.read_header(data, path.name)
    except DatasetError as error:
        return error.faults
    if not image_file.is_complete(data):
        return [Fault("broken-picture", path.name, "ends early")]
    return []


def detect_images(model, names, out_dir, threshold=0.5, overwrite=False, watch=None):
    """Detect in pictures and write the results; return {class name: boxes}.

    names: {picture: name of its results}, as from `find_images`. out_dir gets
    annotated/, annotations/ and detections.csv. XML that is there already may have been
    corrected by hand: it is an error unless `overwrite`. watch: a `DriftWatch` that
    looks at all pictures, or None.
    """
    out_dir = Path(out_dir)
    annotations = {path: _target(out_dir / XML, names[path], ".xml") for path in names}
    refuse_existing(annotations.values(), overwrite)
    rows, class_names = [], class_names_by_id(model.labels)
    for path, xml in tqdm(annotations.items(), "pictures", disable=None):
        image = image_file.read_rgb(path)
        found = model.predict(image).above(threshold)
        if watch:
            watch.look(image)  # before anything is drawn on it
        boxes = to_boxes(found, class_names, image.shape)
        height, width = image.shape[:2]
        write_annotation(Annotation(xml, path, width, height, boxes), xml)
        rows += [
            (
                names[path].as_posix(),
                width,
                height,
                box.name,
                *corners(box),
                f"{score:.4f}",
            )
            for box, score in zip(boxes, found.scores)
        ]
        draw_detections(image, found, class_names)
        write_jpeg(image, _target(out_dir / ANNOTATED, names[path], ".jpg"))
    write_csv([COLUMNS, *rows], out_dir / CSV)
    return dict(Counter(row[3] for row in rows))


def result_files(names, out_dir):
    """Return {file: picture that it is made of, None for the table} of a run.

    names: of `find_images`. The XML is not among them, see `detect_images`.
    """
    folder = Path(out_dir, ANNOTATED)
    pictures = {_target(folder, names[path], ".jpg"): path for path in names}
    return {Path(out_dir, CSV): None} | pictures


def _target(folder, name, extension):
    return folder / name.with_name(stem(name.name) + extension)


def refuse_existing(paths, overwrite=False):
    """Raise UserError where files are there already that a person may have changed."""
    present = [path for path in paths if path.exists()]
    if present and not overwrite:
        raise UserError(
            f"{plural(len(present), 'annotation')} would be overwritten, the first is "
            f"{present[0]}: take another --output, or --overwrite"
        )


def to_boxes(found, class_names, shape):
    """Return the `voc.Box` of each detection, in whole pixels within the picture.

    class_names: {class id: name}. shape: of the picture, (height, width, ...).
    """
    height, width = shape[:2]
    pixels = found.boxes.clip(0, 1) * ([height, width] * 2)
    return tuple(
        Box(class_names[int(i)], *(int(side) for side in (left, top, right, bottom)))
        for (top, left, bottom, right), i in zip(pixels.round(), found.class_ids)
    )


def corners(box):
    """Return a box as (xmin, ymin, xmax, ymax)."""
    return (box.xmin, box.ymin, box.xmax, box.ymax)


def write_jpeg(image, path):
    """Write an RGB picture as JPEG, whole or not at all."""
    with atomic_write(path) as temporary:
        Image.fromarray(image).save(temporary, "JPEG", quality=90)


def write_csv(rows, path):
    """Write lines as CSV, whole or not at all."""
    with atomic_write(path) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
