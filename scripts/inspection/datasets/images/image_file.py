"""What a picture's bytes really are, and how the course looks at a picture.

The EXIF rule of the whole course: a picture is always used upright. The EXIF
orientation is applied to the pixels, widths and heights are those of the upright
picture, and boxes are in upright pixels, as every living annotation tool draws them.
"""

import re
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from inspection.common.errors import DatasetError
from inspection.common.notices import warn_once
from inspection.datasets.faults import Fault
from inspection.datasets.images.opened_image import open_image
from inspection.datasets.images.value_range import (
    BROKEN,
    ValueRange,
    find_range,
    is_deep,
    range_of,
    read_deep,
)

if TYPE_CHECKING:
    import numpy as np  # generate_tfrecord.py starts quicker without

SIGNATURES = {
    b"\xff\xd8\xff": "jpeg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"BM": "bmp",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
}
BRANDS = {b"heic": "heic", b"heix": "heic", b"mif1": "heic", b"avif": "avif"}

# EXIF tag 0x0112 -> what turns the stored pixels upright (CIPA DC-008, 4.6.5.1.6)
ORIENTATION_TAG = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# what TensorFlow decodes to RGB; all else is converted when records are written
DECODABLE = {"jpeg": ("L", "RGB"), "png": ("1", "L", "LA", "P", "RGB", "RGBA")}

# from half of what it refuses on, Pillow warns of attacks at every opening
warnings.simplefilter("ignore", Image.DecompressionBombWarning)

CELLS = 64  # on a side, at least: so small a light makes a picture no black one
DARK = 16  # of 255; 12 bits taken for 16 end below
BLACK = f"no part of it reaches {DARK} of 255"


@dataclass(frozen=True)
class Header:
    """The start of a picture file; `stored_size` is (width, height) before turning."""

    format: str
    mode: str
    bits: int
    stored_size: tuple[int, int]
    orientation: int

    @property
    def is_decodable(self):
        """Tell whether TensorFlow decodes the file to 8-bit RGB as it is."""
        return self.mode in DECODABLE.get(self.format, ()) and self.bits <= 8

    @property
    def size(self):
        """Return (width, height) of the upright picture."""
        width, height = self.stored_size
        return (height, width) if self.orientation >= 5 else (width, height)


def sniff_format(data):
    """Name the format of a file by its first bytes: `jpeg`, `png`, ... or None."""
    for signature, name in SIGNATURES.items():
        if data.startswith(signature):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return BRANDS.get(bytes(data[8:12])) if data[4:8] == b"ftyp" else None


def is_complete(data):
    """Tell whether a whole picture is there, to the end; JPEG and PNG by structure."""
    kind = sniff_format(data)
    if kind == "jpeg":
        return _is_complete_jpeg(data)
    if kind == "png":
        return _is_complete_png(data)
    try:
        open_image(data).load()
    except BROKEN:
        return False
    return True


def orientation(image):
    """Return the EXIF orientation of a Pillow image, 1 where it makes no sense."""
    try:
        value = image.getexif().get(ORIENTATION_TAG, 1)
    except BROKEN:
        return 1
    return value if value in TURNS else 1


def read_header(data, name="picture"):
    """Read format, mode, size and orientation from a file's bytes; decode no pixels."""
    try:
        with open_image(data) as image:
            bits = data[24] if image.format == "PNG" else 8
            if is_deep(image, data):
                bits = 16
            turn = orientation(image)
            kind = sniff_format(data) or image.format.lower()
            stored = image.size
            if image.format == "TIFF" and turn >= 5:
                stored = stored[::-1]  # Pillow says how large it is upright
            return Header(kind, image.mode, bits, stored, turn)
    except BROKEN as error:
        raise unreadable(name, data, error) from None


def image_size(path):
    """Return (width, height) of the upright picture without decoding it."""
    path = Path(path)
    return read_header(path.read_bytes(), path.name).size


def open_rgb(path, value_range=None):
    """Open a picture as an upright 8-bit RGB Pillow image; alpha is dropped.

    value_range: the ValueRange of its set, for more than 8 bits; by default that of the
    set in which the picture was looked over, else its own.
    """
    path = Path(path)
    data = path.read_bytes()
    try:
        with open_image(data) as image:
            if is_deep(image, data) and not value_range:
                value_range = range_of(path) or find_range([path])
        rgb = decode_rgb(data, value_range)
    except BROKEN as error:
        raise unreadable(path.name, data, error) from None
    if is_nearly_black(rgb):
        warn_once(f"{path.name} is nearly black ({BLACK}); look at it", BLACK)
    return rgb


def decode_rgb(data, value_range=None):
    """Return the bytes of a picture file as an upright 8-bit RGB Pillow image."""
    with open_image(data) as image:
        return to_rgb(image, data, value_range)


def to_rgb(image, data, value_range=None):
    """Return an opened picture file as an upright 8-bit RGB Pillow image."""
    if not is_deep(image, data):
        return turn_upright(image).convert("RGB")
    # Pillow turns a TIFF itself, when its pixels are read
    turn = 1 if image.format == "TIFF" else orientation(image)
    pixels = (value_range or ValueRange()).to_8_bits(read_deep(data))
    return _turn(Image.fromarray(pixels), turn).convert("RGB")


def is_nearly_black(image):
    """Tell whether no part of an 8-bit Pillow image is brighter than 1 in 16."""
    if image.mode not in ("L", "RGB"):
        image = image.convert("RGB")  # no mean of places in a palette
    cells = image.reduce(max(1, min(image.size) // CELLS))
    return max(high for _, high in cells.convert("RGB").getextrema()) < DARK


def read_rgb(path: str | Path, value_range: ValueRange | None = None) -> "np.ndarray":
    """Read a picture upright as a uint8 array [height, width, 3].

    >>> read_rgb("data/leaks/images/leak_000.jpg").shape
    (480, 640, 3)
    """
    import numpy as np

    return np.array(open_rgb(path, value_range))


def turn_upright(image):
    """Return a Pillow image with its EXIF orientation applied to the pixels."""
    image.load()  # a TIFF is turned by that, and no longer says that it lies
    return _turn(image, orientation(image))


def _turn(image, turn):
    return image.transpose(TURNS[turn]) if turn in TURNS else image


def _is_complete_jpeg(data):
    start = 2
    while data[start : start + 1] == b"\xff":
        marker = data[start + 1]
        if marker == 0xDA:
            # a thumbnail in the EXIF block has an end marker of its own: look after it
            return data.rfind(b"\xff\xd9", start) > 0
        if marker == 0xFF:
            start += 1
            continue
        start += 2 + int.from_bytes(data[start + 2 : start + 4], "big")
    return False


def _is_complete_png(data):
    start = 8
    while start + 12 <= len(data):
        end = start + 8 + int.from_bytes(data[start : start + 4], "big")
        stored = int.from_bytes(data[end : end + 4], "big")
        if end + 4 > len(data) or zlib.crc32(data[start + 4 : end]) != stored:
            return False
        if data[start + 4 : start + 8] == b"IEND":
            return True
        start = end + 4
    return False


def unreadable(name, data, error):
    if isinstance(error, Image.DecompressionBombError):
        millions = int(re.search(r"\d+", str(error))[0]) / 1e6
        detail = f"is too large: {millions:.0f} MP; cut it into tiles"
        return DatasetError(f"{name} {detail}", [Fault("huge-picture", name, detail)])
    kind = sniff_format(data)
    detail = f"is no picture: it begins with {bytes(data[:8])!r}"
    if not data:
        detail = "is empty"
    elif kind in ("heic", "avif"):
        detail = f"is {kind.upper()}, which OpenCV and TensorFlow do not read"
    elif kind and isinstance(error, UnidentifiedImageError):
        detail = f"is a broken {kind.upper()}: nothing follows its first bytes"
    elif kind:
        detail = f"is a broken {kind.upper()}: {error}"
    return DatasetError(f"{name} {detail}", [Fault("broken-picture", name, detail)])
