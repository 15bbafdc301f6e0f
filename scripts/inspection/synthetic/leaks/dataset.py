"""Write a set of leak scenes: JPEG pictures, Pascal VOC XML, splits, archives.

    leak    water in the air, from where it leaves the pipe: a jet, a pour or drips
    puddle  standing water on the floor

Damp stains on the wall and wet streaks belong to the story but carry no label; so do
the things that only look like water: highlights, shadows, dry blots, paint spots, rust,
cables. Water that would be mostly hidden, cut off or too faint to see is left out of
the scene, so nothing that is there lacks its box. About every fifth picture shows no
leak; where there is no puddle either, its XML has no object.
"""

import zipfile
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from inspection.common.atomic_files import atomic_write, together
from inspection.common.errors import DatasetError
from inspection.datasets.voc import Annotation, write_annotation
from inspection.synthetic.leaks.image import Stage
from inspection.synthetic.leaks.photo import develop, draw_lens
from inspection.synthetic.leaks.scene import compose
from inspection.synthetic.numbered_set import write_numbered, write_numbered_splits

CLASSES = ("leak", "puddle")
QUALITY = 80  # of the JPEG pictures
SHARES = {"val": 1 / 10, "test": 4 / 15}  # 15 and 40 of the 150 bundled pictures
FOLDERS = ("images", "annotations")


def render(seed, number):
    """Return (uint8 RGB picture [480, 640, 3], boxes) of one numbered scene."""
    rng = np.random.default_rng([seed, number])
    scene = compose(rng)
    color, boxes = Stage(scene).draw()
    return develop(color, draw_lens(rng), rng), boxes


def write_leak(out_dir, seed, stem, number):
    """Write one scene as images/STEM.jpg and annotations/STEM.xml; return its boxes."""
    pixels, boxes = render(seed, number)
    image, xml = (Path(out_dir) / name / stem for name in FOLDERS)
    image, xml = image.with_suffix(".jpg"), xml.with_suffix(".xml")
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=QUALITY)
    with atomic_write(image) as temporary:
        temporary.write_bytes(buffer.getvalue())
    height, width = pixels.shape[:2]
    write_annotation(Annotation(xml, image, width, height, tuple(boxes)), xml)
    return boxes


def make_leaks(out_dir, count, seed, workers=1):
    """Write `count` scenes with their split lists; return {stem: boxes}.

    The same seed gives the same scenes, whatever `count` and `workers`. Raises
    DatasetError where the folder holds pictures that are not of this set.
    """
    if count < 4:
        raise DatasetError(
            f"{count} scenes are too few for three parts: draw 4 or more"
        )
    write = partial(write_leak, out_dir, seed)
    boxes = write_numbered(write, out_dir, FOLDERS, "leak", count, workers)
    names = {stem: [box.name for box in found] for stem, found in boxes.items()}
    write_numbered_splits(out_dir, names, SHARES, seed)
    return boxes


def zip_leaks(out_dir, zip_dir):
    """Pack a set as images.zip and annotations.zip, as on Google Drive; return both."""
    archives = []
    with together():
        for name in FOLDERS:
            archive = Path(zip_dir) / f"{name}.zip"
            with atomic_write(archive) as temporary:
                _pack(Path(out_dir) / name, temporary)
            archives.append(archive)
    return archives


def _pack(folder, archive):
    # pictures are packed already; stored entries with a fixed date repeat byte by byte
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(folder.glob("leak_*")):
            file.writestr(
                zipfile.ZipInfo(f"{folder.name}/{path.name}"), path.read_bytes()
            )
