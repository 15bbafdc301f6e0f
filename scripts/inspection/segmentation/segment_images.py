"""Segment pictures of a folder and write what was found."""

from collections import Counter
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.datasets.images import image_file
from inspection.datasets.images.image_folder import ImageFolder, stem
from inspection.segmentation import overlay
from inspection.segmentation.area import area_percent
from inspection.segmentation.cleanup import find_regions
from inspection.segmentation.predict import tiled_probability


def mark_images(segmenter, sources, out_dir, turns=1, clean=False, tile=None):
    """Write a mask and an overlay of each picture, and areas.csv; return its rows.

    sources: pictures and folders of them. Raises DatasetError with all broken pictures; what
    is whole has then been written.
    """
    paths, out_dir = list_images(sources), Path(out_dir)
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


def percent_column(class_name):
    """Return what areas.csv calls the share of a picture that shows a class."""
    return f"{class_name}_percent"


def list_images(sources):
    """Return the pictures of some files and folders; no two may share a name.

    What is written is named after the picture, without its extension.
    """
    paths = [path for source in sources for path in _images_of(source)]
    paths = list(dict.fromkeys(paths))
    stems = Counter(stem(path.name).casefold() for path in paths)
    alike = [str(path) for path in paths if stems[stem(path.name).casefold()] > 1]
    if alike:
        raise DatasetError("pictures of one name would replace each other", alike)
    return paths


def _images_of(source):
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
        "image": path.name,
        percent_column(segmenter.settings.class_name): round(area_percent(mask), 3),
        "regions": len(regions),
        "largest_percent": round(
            100 * max((r.measures["area"] for r in regions), default=0.0), 3
        ),
    }
