"""Read pictures from train/CLASS/ and test/CLASS/, or from one sheet for each class.

A sheet is train/CLASS.jpg (or .png): the pictures of a class side by side, without
gaps. It is one file instead of hundreds, and a look at it shows the class.
"""

import difflib

import numpy as np

from inspection.common.errors import DatasetError
from inspection.datasets.images.image_file import BROKEN, decode_rgb
from inspection.datasets.images.resizing import resize_antialiased

PARTS = ("train", "test")
SUFFIXES = ("jpg", "jpeg", "png", "bmp", "gif", "webp", "tif", "tiff")


class Collector:
    """Take files one by one, keep the pictures of each part and class, note faults."""

    def __init__(self, size):
        self.size = size
        self.found = {part: {} for part in PARTS}
        self.faults = []

    def add(self, name, data):
        """Take the bytes of a file by its path; what lies elsewhere is passed over."""
        place = _place(name)
        if place is None:
            return
        part, class_name, is_sheet = place
        try:
            image = _decode(data)
            images = (
                cut_sheet(image, self.size) if is_sheet else [_scaled(image, self.size)]
            )
        except BROKEN as error:
            reason = "is empty" if not data else f"is no whole picture: {error}"
            self.faults.append(f"{name} {reason}".replace(" <_io.BytesIO object", ""))
            return
        self.found[part].setdefault(class_name, []).extend(images)

    def finish(self, path):
        """Return ({part: (images, labels)}, class names), or raise what was noted."""
        names = {part: sorted(self.found[part]) for part in PARTS}
        faults = self.faults + list(_missing(names))
        if faults:
            raise DatasetError(f"{path}: {len(faults):,} faults", faults)
        class_names = names["train"]
        return {p: _arrays(self.found[p], class_names) for p in PARTS}, class_names


def cut_sheet(sheet, size):
    """Cut a sheet, uint8 [height, width, 3], into its pictures; black ones end it."""
    height, width = sheet.shape[:2]
    if height % size or width % size:
        raise ValueError(f"a sheet of {width}x{height} is not cut into {size}x{size}")
    tiles = sheet.reshape(height // size, size, width // size, size, 3)
    tiles = tiles.transpose(0, 2, 1, 3, 4).reshape(-1, size, size, 3)
    return [tile for tile in tiles if tile.max() > 8]


def paste_sheet(images: np.ndarray, columns: int) -> np.ndarray:
    """Return pictures [N, size, size, 3] as one sheet, the rest of it black.

    >>> paste_sheet(np.ones((5, 32, 32, 3), np.uint8), columns=3).shape
    (64, 96, 3)
    """
    count, size = images.shape[:2]
    rows = -(-count // columns)
    tiles = np.zeros((rows * columns, size, size, 3), np.uint8)
    tiles[:count] = images
    tiles = tiles.reshape(rows, columns, size, size, 3).transpose(0, 2, 1, 3, 4)
    return tiles.reshape(rows * size, columns * size, 3)


def _place(name):
    """Return (part, class, whether it is a sheet) of a path, or None."""
    *folders, file = name.removeprefix("./").split("/")
    stem, _, suffix = file.rpartition(".")
    if suffix.lower() not in SUFFIXES:
        return None
    if len(folders) > 1 and folders[-2] in PARTS:
        return folders[-2], folders[-1], False
    if folders and folders[-1] in PARTS:
        return folders[-1], stem, True
    return None


def _decode(data):
    return np.array(decode_rgb(data))


def _scaled(image, size):
    return resize_antialiased(image, (size, size))


def _missing(names):
    """Yield the parts without pictures and the classes that only one part has."""
    for part in PARTS:
        if not names[part]:
            yield f"no pictures in {part}/CLASS/"
    if not all(names.values()):
        return
    for part, other in (PARTS, PARTS[::-1]):
        for name in sorted(set(names[part]) - set(names[other])):
            close = difflib.get_close_matches(name, names[other], 1)
            hint = f"; is {other}/{close[0]} meant?" if close else ""
            yield f"{part}/{name} has pictures, {other}/{name} has none{hint}"


def _arrays(found, class_names):
    images = np.stack([image for name in class_names for image in found[name]])
    counts = [len(found[name]) for name in class_names]
    return images, np.repeat(np.arange(len(class_names)), counts)
