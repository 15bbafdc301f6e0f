"""One mask as a mended copy: turned and shrunk as its picture, its values as they were."""

import shutil
from collections import Counter

import numpy as np
from PIL import Image

from inspection.common.errors import DatasetError
from inspection.datasets.images import image_file
from inspection.datasets.images.image_file import TURNS
from inspection.datasets.images.opened_image import open_image
from inspection.datasets.images.value_range import BROKEN
from inspection.datasets.mending.mended_image import JPEG, PNG

DEEP_MODES = ("I;16", "I", "F")  # one channel, which Pillow keeps whole
CHANGED = 0.2  # of the area that is not background; thin lines change by more


def mask_header(path):
    """Return the Header of a mask; None where it cannot be stored anew as it is.

    So are broken files, those with several pictures, and colours of 16 bits.
    """
    data = path.read_bytes()
    try:
        header = image_file.read_header(data, path.name)
        with open_image(data) as image:
            image.load()
            one = getattr(image, "n_frames", 1) == 1
            return (
                header
                if one and (header.bits <= 8 or image.mode in DEEP_MODES)
                else None
            )
    except (DatasetError, *BROKEN):
        return None


def lasts(path, size):
    """Tell whether a mask shrunk to (width, height) marks as much of it as before.

    Thin lines do not: the nearest pixels miss them, or they become twice as wide.
    """
    with Image.open(path) as image:
        lossy = image.format in ("JPEG", "MPO")
        if image.width * image.height <= size[0] * size[1]:
            return True
        if image.width > image.height != size[0] > size[1]:
            size = size[::-1]
        before, after = (
            _shares(one, lossy)
            for one in (image, image.resize(size, Image.Resampling.NEAREST))
        )
    moved = sum(abs(before[v] - after[v]) for v in before.keys() | after.keys()) / 2
    return moved <= CHANGED * (1 - max(before.values()))


def _shares(image, lossy):
    """Return a Counter {value: share of the pixels}; the noise of a JPEG is left out."""
    pixels = np.asarray(image)
    if pixels.ndim == 3:
        pixels = pixels.astype(np.int64) @ (1 << np.arange(0, 8 * pixels.shape[2], 8))
    values, counts = np.unique(pixels >> 6 if lossy else pixels, return_counts=True)
    return Counter(dict(zip(values.tolist(), (counts / pixels.size).tolist())))


def mask_name(path):
    """Return what a mask that is stored anew is called: JPEG, TIFF or PNG."""
    kind = image_file.sniff_format(path.read_bytes())
    return path.name if kind in ("jpeg", "tiff", "png") else f"{path.stem}.png"


def store_mask(path, plan, target):
    """Write a mask upright, at the size of its picture's ImagePlan; or copy its bytes.

    Each pixel is that of the nearest one before, so that no new value appears.
    """
    with Image.open(path) as image:
        kind = image.format
        transparency = image.info.get("transparency")
        own_turn = image_file.orientation(image)
        upright = image_file.turn_upright(image)
    lies = upright.size != plan.header.size
    if lies and upright.size == plan.header.stored_size:
        upright = upright.transpose(TURNS[plan.header.orientation])
    if not lies and own_turn == 1 and upright.size == plan.size:
        shutil.copyfile(path, target)
        return
    if upright.size != plan.size:
        upright = upright.resize(plan.size, Image.Resampling.NEAREST)
    upright.info.clear()  # an EXIF block would turn it once more
    options = {"JPEG": JPEG, "MPO": JPEG, "TIFF": {"format": "TIFF"}}.get(kind, PNG)
    if transparency is not None and options == PNG:
        options = PNG | {"transparency": transparency}
    upright.save(target, **options)
