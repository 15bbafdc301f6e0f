"""Cut large pictures and their boxes into tiles, to train on objects at their own size."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from inspection.common.atomic_files import new_folder
from inspection.common.errors import UserError
from inspection.datasets import voc
from inspection.datasets.boxes import usable_box
from inspection.datasets.images.image_file import read_rgb
from inspection.datasets.splitting.split_lists import read_splits, write_splits
from inspection.imaging.tiles import make_tiles

LEAST = 32  # pixels of a tile
IMAGES, ANNOTATIONS, SPLITS = "images", "annotations", "splits"


def cut_set(
    annotations,
    images,
    output,
    tile,
    overlap=0.2,
    least_seen=0.5,
    empty=0.1,
    splits=None,
):
    """Write a set of the tiles of a set; return counts of what was written and left out.

    annotations, images: folders, Pascal VOC. output: a new folder; it gets images/, PNG,
    annotations/, and splits/ where there are lists, each tile in the split of its picture.
    least_seen: the share of a box that a tile must show, or the box is left out of it.
    empty: the share of tiles without a box that is kept.
    """
    if tile < LEAST:
        raise UserError(f"tiles of {tile} pixels: take at least {LEAST}")
    sheets = voc.read_folder(annotations, images)
    listed = read_splits([splits], [a.path.stem for a in sheets]) if splits else {}
    counts, made = Counter(), {}
    with new_folder(output) as folder:
        for name in (IMAGES, ANNOTATIONS):
            Path(folder, name).mkdir()
        for sheet in tqdm(sheets, "pictures", disable=None):
            pixels = read_rgb(sheet.image)
            parts = cut_annotation(sheet, pixels.shape, tile, overlap, least_seen)
            kept = _keep(parts, empty, sheet.path.stem)
            made[sheet.path.stem] = [_write(folder, pixels, *part) for part in kept]
            counts += _count(sheet, parts, kept)
        stems = {s: [t for n in names for t in made[n]] for s, names in listed.items()}
        if any(stems.values()):
            # a list without names is none
            filled = {split: names for split, names in stems.items() if names}
            write_splits(filled, Path(folder, SPLITS))
    return counts


def cut_annotation(sheet, shape, tile, overlap, least_seen):
    """Return [(tile, name, boxes in its pixels)] of the annotation of a picture.

    shape: of the picture, (height, width, ...).
    """
    height, width = shape[:2]
    boxes = [usable_box(box, width, height) for box in sheet.boxes]
    boxes = [box for box in boxes if box]
    parts = []
    for one in make_tiles(height, width, tile, overlap):
        top, left = one.box[:2]
        seen = [_clip(box, one.box, least_seen) for box in boxes]
        name = f"{sheet.path.stem}_tile_{top:05d}_{left:05d}"
        parts.append((one, name, tuple(box for box in seen if box)))
    return parts


def _clip(box, window, least_seen):
    """Return a box as a tile shows it, None where that is too little of it."""
    top, left, bottom, right = window
    moved = replace(
        box,
        xmin=box.xmin - left,
        ymin=box.ymin - top,
        xmax=box.xmax - left,
        ymax=box.ymax - top,
    )
    seen = usable_box(moved, right - left, bottom - top)
    if seen is None or _area(seen) < least_seen * _area(box):
        return None
    return replace(seen, truncated=box.truncated or _area(seen) < _area(box))


def _area(box):
    return (box.xmax - box.xmin) * (box.ymax - box.ymin)


def _keep(parts, share, stem):
    """Return the tiles with boxes, and a share of the others, the same in every run."""
    rng = random.Random(stem)
    return [part for part in parts if rng.random() < share or part[2]]


def _write(folder, pixels, tile, name, boxes):
    """Write one tile with its XML; return its name."""
    path = Path(folder, IMAGES, f"{name}.png")
    cut = tile.cut_from(pixels)
    Image.fromarray(cut).save(path)
    height, width = cut.shape[:2]
    xml = Path(folder, ANNOTATIONS, f"{name}.xml")
    voc.write_annotation(voc.Annotation(xml, path, width, height, boxes), xml)
    return name


def _count(sheet, parts, kept):
    shown = sum(len(boxes) for _, _, boxes in kept)
    return Counter(
        {
            "pictures": 1,
            "objects": len(sheet.boxes),
            "tiles": len(kept),
            "boxes": shown,
            "empty tiles left out": len(parts) - len(kept),
        }
    )
