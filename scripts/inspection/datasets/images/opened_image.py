"""Open the bytes of a picture file, unless they cannot hold the pixels they declare.

A few bytes may declare a hundred megapixels. Pillow decodes what is there and leaves the
rest black: seconds and gigabytes for a picture that nobody took.
"""

import io

from PIL import Image

DEFLATED = 1032  # times: zlib makes nothing smaller (zlib.net/zlib_tech.html)
PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by color type: PNG, section 11.2.1
LARGE = 20_000_000  # pixels; a blank mask may be as small a file as it likes
HOLLOW = 100_000  # pixels a byte, of formats whose limit is not known


def open_image(data):
    """Return a Pillow image of a file's bytes, its pixels not decoded yet.

    Raises what Pillow does for a broken file, and ValueError for too few bytes.
    """
    image = Image.open(io.BytesIO(data))
    width, height = image.size
    fewest = _fewest_of_png(data, width, height) if image.format == "PNG" else 0
    if width * height > LARGE:
        fewest = max(fewest, width * height // HOLLOW)
    if len(data) < fewest:
        raise ValueError(f"{len(data):,} bytes cannot hold {width}x{height} pixels")
    return image


def _fewest_of_png(data, width, height):
    """Return how many bytes the pixels of a PNG take at least."""
    depth, channels = data[24], PNG_CHANNELS.get(data[25], 1)
    row = 1 + (width * depth * channels + 7) // 8
    return row * height // DEFLATED
