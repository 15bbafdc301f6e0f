"""Segment pictures and write what was found."""

from pathlib import Path

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
from inspection.segmentation import overlay
from inspection.segmentation.area import area_percent
from inspection.segmentation.cleanup import find_regions
from inspection.segmentation.predict import tiled_probability

MASKS, OVERLAYS, TABLE = "masks", "overlays", "areas.csv"


def mark_images(segmenter, sources, out_dir, turns=1, clean=False, tile=None):
    """Write a mask and an overlay of each picture, and areas.csv; return its rows.

    sources: files and folders, see `list_images`. Raises DatasetError with all broken
    pictures; what is whole has then been written.
    """
    names, out_dir = find_images(sources, out_dir), Path(out_dir)
    find_range(names)
    rows, faults = [], []
    for path, name in names.items():
        try:
            image = image_file.read_rgb(path)
        except DatasetError as error:
            faults.append(error.message)
            continue
        rows.append(_mark(segmenter, name, image, out_dir, turns, clean, tile))
    if rows:
        overlay.write_areas(out_dir / TABLE, rows)
    if faults:
        raise DatasetError(f"{len(faults)} of {len(names)} pictures are broken", faults)
    return rows


def percent_column(class_name):
    """Return what areas.csv calls the share of a picture that shows a class."""
    return f"{class_name}_percent"


def result_files(names, out_dir):
    """Return {file: picture that it is made of, None for the table} of a run.

    names: of `find_images`.
    """
    files = {Path(out_dir, TABLE): None}
    for path, name in names.items():
        target = name.with_name(stem(name.name))
        files[Path(out_dir, MASKS, f"{target}.png")] = path
        files[Path(out_dir, OVERLAYS, f"{target}.jpg")] = path
    return files


def find_images(sources, out_dir):
    """Return {picture: name of its results}, without those of an earlier run.

    Raises DatasetError for pictures whose results would have one name, and for those
    that move.
    """
    results = [Path(out_dir, folder) for folder in (MASKS, OVERLAYS)]
    names = output_names(list_images(sources, leave_out=results), sources)
    if faults := find_same_names(names):
        total = plural(len(names), "picture")
        raise DatasetError(f"{plural(len(faults), 'fault')} in {total}", faults)
    refuse_moving(names)
    return names


def _mark(segmenter, name, image, out_dir, turns, clean, tile):
    if tile:
        probability = tiled_probability(segmenter.network, image, tile)
    else:
        probability = segmenter.probability(image, turns)
    mask = segmenter.mask(image, probability, clean)
    target = name.with_name(stem(name.name))
    overlay.write_image(out_dir / MASKS / f"{target}.png", mask * 255)
    painted = overlay.paint(image, mask)
    overlay.write_image(out_dir / OVERLAYS / f"{target}.jpg", painted)
    regions = find_regions(image, mask)
    return {
        "image": name.as_posix(),
        percent_column(segmenter.settings.class_name): round(area_percent(mask), 3),
        "regions": len(regions),
        "largest_percent": round(
            100 * max((r.measures["area"] for r in regions), default=0.0), 3
        ),
    }
