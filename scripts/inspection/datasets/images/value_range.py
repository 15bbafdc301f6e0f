"""Pictures of more than 8 bits: what their white is, and how they become 8 bits.

A camera of 12 bits writes 0 to 4,095 into files that could hold 65,535, a program of
measurement fractions from 0 to 1. No file says so: the largest value of a whole set
does, and one dark picture of it does not. So a set is looked over once, `find_range`,
and every picture of it is scaled alike from then on, wherever in the program it is read.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from inspection.common.notices import say_once
from inspection.datasets.images.opened_image import open_image

if TYPE_CHECKING:
    pass  # generate_tfrecord.py starts quicker without

WHITES = tuple(2**bits - 1 for bits in (8, 10, 12, 14, 16, 24, 32))
OVER = 1.1  # resizing and sharpening bring fractions a little over their white
BELOW = 0.05  # of the white: such a value under 0 is no rounding
BITS_PER_SAMPLE = 258  # TIFF 6.0, section 8
# what Pillow's decoders raise on broken files
BROKEN = (OSError, SyntaxError, ValueError, TypeError, Image.DecompressionBombError)
HEAD = 32  # bytes that tell a JPEG, and the bits of a PNG


@dataclass(frozen=True)
class ValueRange:
    """What is white in the pictures of a set that have more than 8 bits.

    whole: for whole numbers, fraction: for floating-point ones; 0 where a set has none.
    """

    whole: int = 0
    fraction: float = 0

    def to_8_bits(self, pixels):
        """Return pixels of any type as uint8, of the same shape.

        Raises ValueError for values that are no brightness.
        """
        import numpy as np

        own = white_of(pixels)
        if np.issubdtype(pixels.dtype, np.floating):
            white = self.fraction or own
            return np.rint(pixels * (255 / white)).clip(0, 255).astype(np.uint8)
        # the high bits stay, as TensorFlow keeps them of 16
        white = self.whole or own
        scaled = pixels.astype(np.int64) * 256 // (white + 1)
        return scaled.clip(0, 255).astype(np.uint8)


_known: dict[str, ValueRange] = {}  # of the sets looked over, by path of the picture


def find_range(paths):
    """Return the ValueRange of a set and keep it for `range_of`; say it where it counts.

    Files that are no pictures are left to those who read them.
    """
    paths = [Path(path) for path in paths]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        whites = [white for white in pool.map(_white_in, paths) if white]
    found = ValueRange(
        max((white for white in whites if isinstance(white, int)), default=0),
        max((white for white in whites if isinstance(white, float)), default=0),
    )
    if whites:
        _known.update({os.path.abspath(path): found for path in paths})
        _say(found, len(whites))
    return found


def range_of(path):
    """Return the ValueRange of the set in which a picture was looked over, else None."""
    return _known.get(os.path.abspath(path))


def white_of(pixels):
    """Return what is white in pixels: an int, or a float for fractions.

    Raises ValueError for values that are no brightness: NaN, or clearly below 0.
    """
    import numpy as np

    low, high = pixels.min(), pixels.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError("it holds values that are no numbers (NaN or infinite)")
    fractions = np.issubdtype(pixels.dtype, np.floating)
    over = OVER if fractions else 1
    white = next((w for w in WHITES if high <= over * w), int(high))
    if fractions:
        white = 1.0 if high <= 2 else float(white)
    if low < -BELOW * white:
        raise ValueError(f"it holds values from {low:g} to {high:g}; white is above 0")
    return white


def read_deep(data):
    """Return the pixels of a file of more than 8 bits, [H, W] or [H, W, 3], else None.

    As they are stored, but for a TIFF, which both decoders turn upright.
    """
    import numpy as np

    with open_image(data) as image:
        if not is_deep(image, data):
            return None
        if image.mode.startswith(("I", "F")):
            return np.array(image)
    return _read_channels(data)


def is_deep(image, data):
    """Tell whether a picture that Pillow opened has more than 8 bits a channel."""
    if image.mode.startswith(("I", "F")):
        return True
    if image.format == "PNG":
        return data[24] == 16
    bits = image.tag_v2.get(BITS_PER_SAMPLE, (8,)) if image.format == "TIFF" else (8,)
    return max(bits) > 8


def _read_channels(data):
    """Return colours of 16 bits, of which Pillow would keep the upper 8."""
    import cv2
    import numpy as np

    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("its 16-bit colours cannot be decoded")
    if pixels.ndim == 2:
        return pixels
    return pixels[..., 2::-1] if pixels.shape[-1] >= 3 else pixels[..., 0]


def _white_in(path):
    """Return what is white in a file, None for 8 bits and for what is no picture."""
    with open(path, "rb") as file:
        head = file.read(HEAD)
        if (
            head.startswith(b"\xff\xd8\xff")
            or head[1:4] == b"PNG"
            and head[24:25] < b"\x10"
        ):
            return None
        data = head + file.read()
    try:
        pixels = read_deep(data)
        return None if pixels is None else white_of(pixels)
    except BROKEN:
        return None


def _say(found, count):
    whites = [f"0 to {white:,g}" for white in (found.whole, found.fraction) if white]
    say_once(
        f"pictures of more than 8 bits ({count:,}) hold values of {' and '.join(whites)}: "
        "scaled by that to 0 to 255"
    )
