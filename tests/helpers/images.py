"""Small images with known content, and their bytes as a file."""

import io

import numpy as np
from PIL import Image

from inspection.datasets.images.image_file import ORIENTATION_TAG

QUARTER_TURNS = {1: 0, 3: 2, 6: 1, 8: -1}  # to the left, by EXIF orientation


def encode(image, kind="PNG", **options):
    """Return the bytes of an image file, of a Pillow image or of pixels [H, W, 3]."""
    if isinstance(image, np.ndarray):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def painted(red=0, green=0, blue=0, size=(8, 8)):
    """Return an image uint8 [H, W, 3] of one color; size is (height, width)."""
    return np.full((*size, 3), [red, green, blue], "uint8")


def sample_image(seed, size=(64, 48)):
    """Return a Pillow image unlike that of any other seed; size is (width, height)."""
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (9, 12, 3), "uint8")).resize(size)


def quarters(height=60, width=80):
    """Return an image whose top left quarter is red, the rest blue."""
    image = painted(blue=200, size=(height, width))
    image[: height // 2, : width // 2] = (200, 0, 0)
    return image


def encode_oriented(image, orientation, kind="JPEG", **options):
    """Return the bytes of an image file whose EXIF says how the camera was held."""
    exif = Image.Exif()
    exif[ORIENTATION_TAG] = orientation
    return encode(image, kind, exif=exif, **options)


def turned(orientation, kind="JPEG"):
    """Return the bytes of `quarters` as a camera stores it that was held in some way."""
    stored = np.ascontiguousarray(np.rot90(quarters(), QUARTER_TURNS[orientation]))
    return encode_oriented(stored, orientation, kind, quality=95)
