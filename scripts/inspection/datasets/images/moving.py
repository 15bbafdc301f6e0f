"""Pictures that move, such as GIF, APNG and WebP, and files of several pages.

A command for pictures looks at one frame of a file. What holds more is a film, or
refused: the first of ten pages is not what was photographed.
"""

import io
import re
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets.images.value_range import BROKEN

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "JPEG2000")
MOVING = ("PNG", "GIF", "WEBP", "AVIF")
SHORTEST, USUAL = 10, 100  # milliseconds: browsers show shorter ones for the usual time
NEXT_JPEG = re.compile(rb"\xff\xd9\0*\xff\xd8\xff")  # end of one, begin of another
MULTI_PICTURE = b"MPF\0"  # a photograph with its preview or depth (CIPA DC-007)
HEAD = 65_536  # bytes in which a JPEG says so
SUBFILE, REDUCED_OR_MASK = 254, 0b101  # TIFF 6.0, NewSubfileType


def picture_format(path):
    """Return what Pillow calls the format of a picture, None for anything else."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            return image.format
    except BROKEN:
        return None


def count_frames(path):
    """Return how many frames a file shows one after the other; 1 stands still."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.format == "JPEG":
                return _count_jpegs(path, image.size)
            moves = image.format in MOVING
            return image.n_frames - _skipped(image) if moves else 1
    except (*BROKEN, EOFError):
        return 1


def count_pages(path):
    """Return how many pages a TIFF holds, without smaller copies; 1 for other files."""
    try:
        with Image.open(path, formats=("TIFF",)) as image:
            return sum(_is_page(image, number) for number in range(image.n_frames)) or 1
    except (*BROKEN, EOFError):
        return 1


def refuse_moving(paths):
    """Raise DatasetError where files hold more frames or pages than the one looked at."""
    faults = []
    for path in map(Path, paths):
        for count, noun in ((count_frames(path), "frame"), (count_pages(path), "page")):
            if count > 1:
                faults.append(f"{path.name}: {plural(count, noun)}")
    if faults:
        raise DatasetError(
            f"{plural(len(faults), 'file')} of several frames or pages: save each as a "
            "picture; films and moving pictures are for detect.py, one by one",
            faults,
        )


def read_frames(path):
    """Yield (seconds, length in seconds, RGB uint8) of each frame.

    Ends where the file is torn; compare with `count_frames`.
    """
    time = 0.0
    with Image.open(path, formats=FORMATS) as image:
        for number in range(_skipped(image), image.n_frames):
            try:
                image.seek(number)
                frame = np.array(ImageOps.exif_transpose(image).convert("RGB"))
            except (*BROKEN, EOFError):
                return
            length = image.info.get("duration", 0)
            length = (length if length > SHORTEST else USUAL) / 1000
            yield time, length, frame
            time += length


def _skipped(image):
    # the first picture of an APNG may be one for readers that know no animations
    return int(bool(image.info.get("default_image")))


def _count_jpegs(path, size):
    data = Path(path).read_bytes()
    others = list(NEXT_JPEG.finditer(data))
    if not others or MULTI_PICTURE in data[:HEAD]:
        return 1
    # a preview that a camera puts behind the photograph is smaller
    with Image.open(io.BytesIO(data[others[0].end() - 3 :])) as second:
        return 1 + len(others) if second.size == size else 1


def _is_page(image, number):
    image.seek(number)
    return not image.tag_v2.get(SUBFILE, 0) & REDUCED_OR_MASK
