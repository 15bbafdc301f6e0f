"""Segment pictures of a folder and write what was found."""

from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.datasets.images import image_file
from inspection.datasets.images.image_folder import ImageFolder, stem
from inspection.datasets.images.value_range import find_range
from inspection.segmentation import overlay
from inspection.segmentation.area import rust_percent
from inspection.segmentation.cleanup import find_regions
from inspection.segmentation.predict import tiled_probability
from inspection.segmentation.segmenter import Segmenter


def mark_images(model_dir, source, out_dir, turns=1, clean=False, tile=None):
    """Write a mask and an overlay of each picture, and areas.csv; return its rows.

    source: a picture or a folder. Raises DatasetError with all broken pictures; what
    is whole has then been written.
    """
    paths, out_dir = list_images(source), Path(out_dir)
    find_range(paths)
    segmenter = Segmenter(model_dir)
    rows, faults = [], []
    for path in paths:
        try:
            image = image_file.read_rgb(path)
        except DatasetError as error:
            faults.append(error.message)
            continue
        rows.append(_mark(segmenter, path, image, out_dir, turns, clean, tile))
    if rows:
        overlay.write_areas(out_dir / "areas.csv", rows)
    if faults:
        raise DatasetError(f"{len(faults)} of {len(paths)} pictures are broken", faults)
    return rows


def list_images(source):
    """Return the pictures of a folder, or the one picture."""
    source = Path(source)
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise DatasetError(f"{source} is neither a picture nor a folder")
    paths = ImageFolder(source).paths
    if not paths:
        raise DatasetError(f"0 pictures found in {source}")
    return paths


def _mark(segmenter, path, image, out_dir, turns, clean, tile):
    if tile:
        probability = tiled_probability(segmenter.network, image, tile)
    else:
        probability = segmenter.probability(image, turns)
    mask = segmenter.mask(image, probability, clean)
    name = stem(path.name)
    overlay.write_image(out_dir / "masks" / f"{name}.png", mask * 255)
    painted = overlay.paint(image, mask)
    overlay.write_image(out_dir / "overlays" / f"{name}.jpg", painted)
    regions = find_regions(image, mask)
    return {
        "picture": path.name,
        "rust_percent": round(rust_percent(mask), 3),
        "regions": len(regions),
        "largest_percent": round(
            100 * max((r.measures["area"] for r in regions), default=0.0), 3
        ),
    }
