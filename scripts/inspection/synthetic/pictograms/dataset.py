"""Draw a stand-in for CIFAR-10: its ten classes as pictograms, 32x32, much smaller.

It is for learning the way, offline and in minutes. Figures on it say nothing about
CIFAR-10: photographs are harder.
"""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import DatasetError
from inspection.datasets.cifar10.image_arrays import CLASSES, PARTS, ImageArrays
from inspection.datasets.cifar10.image_sheets import paste_sheet
from inspection.synthetic.pictograms import animals, vehicles
from inspection.synthetic.pictograms.scene import draw_image

COLUMNS = 20
QUALITY = 88  # of the JPEG sheets
DRAW = {
    "airplane": vehicles.draw_airplane,
    "automobile": vehicles.draw_automobile,
    "bird": animals.draw_bird,
    "cat": animals.draw_cat,
    "deer": animals.draw_deer,
    "dog": animals.draw_dog,
    "frog": animals.draw_frog,
    "horse": animals.draw_horse,
    "ship": vehicles.draw_ship,
    "truck": vehicles.draw_truck,
}


def draw(class_name, seed, part, number):
    """Return one picture, uint8 RGB [32, 32, 3]; the same arguments, the same picture."""
    key = [seed, PARTS.index(part), CLASSES.index(class_name), number]
    rng = np.random.default_rng(key)
    return draw_image(DRAW[class_name](rng), rng)


def draw_set(per_class, seed) -> ImageArrays:
    """Draw as many pictures of each class as {part: number} says, in memory."""
    arrays = []
    for part in PARTS:
        numbers = range(per_class[part])
        arrays += [
            np.stack([draw(name, seed, part, i) for name in CLASSES for i in numbers]),
            np.repeat(np.arange(len(CLASSES), dtype=np.int32), per_class[part]),
        ]
    return ImageArrays(*arrays)


def write_sheets(out_dir, data: ImageArrays):
    """Write a set as one JPEG sheet for each part and class; return their paths.

    Raises DatasetError where the folder holds pictures of other classes.
    """
    out_dir = Path(out_dir)
    sheets = {}
    for part in PARTS:
        images, labels = data.part(part)
        for label, name in enumerate(data.class_names):
            sheets[out_dir / part / f"{name}.jpg"] = images[labels == label]
    others = {p for part in PARTS for p in (out_dir / part).glob("*")} - set(sheets)
    if others:
        names = [path.relative_to(out_dir).as_posix() for path in sorted(others)]
        raise DatasetError(f"{out_dir} holds other files; take an empty folder", names)
    for path, tiles in sheets.items():
        _write_sheet(path, paste_sheet(tiles, COLUMNS))
    return list(sheets)


def _write_sheet(path, sheet):
    buffer = BytesIO()
    # colour in full: with fewer colour pixels a picture would tint its neighbour
    Image.fromarray(sheet).save(
        buffer, "JPEG", quality=QUALITY, subsampling=0, optimize=True
    )
    with atomic_write(path) as temporary:
        temporary.write_bytes(buffer.getvalue())
