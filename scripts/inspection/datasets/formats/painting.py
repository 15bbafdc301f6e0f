"""Paint what was drawn on a picture as a mask.

Where things overlap, the later one in the file covers the earlier. A box without an
outline is filled whole.
"""

import numpy as np

from inspection.common.errors import DatasetError
from inspection.datasets.formats.areas import fill_ring

MOST_CLASSES = 254  # that a mask tells apart
MOST_PAINTED = 200  # times the area of its picture, in one mask


def paint(image, class_names):
    """Return the mask of a LabelledImage, uint8 [H, W]: 0 nothing, else its class."""
    if len(class_names) > MOST_CLASSES:
        raise DatasetError(
            f"a mask tells {MOST_CLASSES} classes apart, these are {len(class_names)}: "
            "name those you need with --classes"
        )
    width, height = image.size
    mask = np.zeros((height, width), np.uint8)
    room = MOST_PAINTED * mask.size
    for shape in image.shapes:
        place = class_names.index(shape.name) + 1
        value = 255 if len(class_names) == 1 else place
        for top, left, inside in _pieces(shape, image):
            room -= inside.size
            if room < 0:
                raise DatasetError(
                    f"{image.source}: outlines cover {image.image.name} more than "
                    f"{MOST_PAINTED} times over; give other annotations"
                )
            part = mask[top : top + inside.shape[0], left : left + inside.shape[1]]
            part[inside] = value
    return mask


def _pieces(shape, image):
    """Yield (top, left, bool [h, w]) of the rings, the area or the box of a shape."""
    if shape.area is not None:
        yield 0, 0, shape.area()
        return
    xmin, ymin, xmax, ymax = shape.box
    whole = np.array([[xmin, ymin], [xmax, ymin], [xmax, ymax], [xmin, ymax]])
    for ring in shape.rings or (whole,):
        try:
            yield fill_ring(ring, image.size)
        except ValueError as error:
            raise DatasetError(f"{image.source}: {error}") from None
