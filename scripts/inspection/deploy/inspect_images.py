"""Inspect pictures of parts: which are unlike the good ones, and where."""

import csv
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets.images import image_file
from inspection.datasets.images.image_folder import (
    find_same_names,
    list_images,
    output_names,
    stem,
)
from inspection.datasets.images.moving import refuse_moving
from inspection.datasets.images.value_range import find_range

MAPS, TABLE = "maps", "parts.csv"
OUTLINE = (230, 30, 120)
STRENGTH = 0.55  # of the map over the picture, where it is highest


def find_parts(sources, out_dir):
    """Return {picture: name of its results}, without those of an earlier run.

    Raises DatasetError for pictures whose results would have one name, and for those
    that move.
    """
    names = output_names(list_images(sources, leave_out=[Path(out_dir, MAPS)]), sources)
    if faults := find_same_names(names):
        total = plural(len(names), "picture")
        raise DatasetError(f"{plural(len(faults), 'fault')} in {total}", faults)
    refuse_moving(names)
    find_range(names)
    return names


def result_files(names, out_dir):
    """Return {file: picture that it is made of, None for the table} of a run."""
    maps = {map_file(name, out_dir): path for path, name in names.items()}
    return {Path(out_dir, TABLE): None} | maps


def map_file(name, out_dir):
    """Return where the map of a picture is written."""
    return Path(out_dir, MAPS) / name.with_name(f"{stem(name.name)}.jpg")


def inspect_images(model, names, out_dir):
    """Write a map of each picture and parts.csv; return its rows.

    model: of `runtime.load_model`, for anomalies. Raises DatasetError with all broken
    pictures; what is whole has then been written.
    """
    rows, faults = [], []
    for path, name in tqdm(names.items(), "pictures", disable=None):
        try:
            image = image_file.read_rgb(path)
        except DatasetError as error:
            faults += error.faults or [error.message]
            continue
        found = model.predict(image)
        with atomic_write(map_file(name, out_dir)) as temporary:
            Image.fromarray(paint_map(image, found)).save(temporary, "JPEG", quality=90)
        rows.append(
            {
                "image": name.as_posix(),
                "answer": model.labels[int(found.is_bad)],
                "score": f"{found.score:.4f}",
                "marked_percent": f"{100 * float(np.mean(found.mask)):.3f}",
            }
        )
    if rows:
        write_rows(Path(out_dir, TABLE), rows)
    if faults:
        raise DatasetError(f"{len(faults)} of {len(names)} pictures are broken", faults)
    return rows


def paint_map(image, found):
    """Return a copy of a picture, reddened where it is unlike good ones, and outlined.

    found: its `Anomaly`. Red begins at 0.4 and is full at 0.65: most of a good part is
    between 0.2 and 0.4.
    """
    weight = STRENGTH * np.clip(4 * found.map - 1.6, 0, 1)[..., None]
    painted = (1 - weight) * image + weight * np.float32(OUTLINE)
    painted = np.ascontiguousarray(painted.astype(np.uint8))
    if not found.is_bad:
        return painted
    outlines, _ = cv2.findContours(found.mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    width = max(1, round(max(image.shape[:2]) / 400))
    return cv2.drawContours(painted, outlines, -1, OUTLINE, width)


def write_rows(path, rows):
    """Write a table of dicts as CSV, whole or not at all."""
    with atomic_write(path) as temporary:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
