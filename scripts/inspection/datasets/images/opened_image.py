"""Open the bytes of a picture file, unless they cannot hold the pixels they declare.

A few bytes may declare a hundred megapixels. Pillow decodes what is there and leaves the
rest black: seconds and gigabytes for a picture that nobody took.
"""

import io

from PIL import Image

# how many times smaller a compression makes bytes at best; others are not looked into
DEFLATED = 1032  # https://zlib.net/zlib_tech.html
PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by color type: PNG, section 11.2.1
TIFF_RATIOS = {1: 1, 5: 4096, 8: DEFLATED, 32946: DEFLATED, 32773: 64}
BITS, COMPRESSION, PHOTOMETRIC, SAMPLES = 258, 259, 262, 277  # TIFF 6.0, section 8
SUBSAMPLED = 6  # YCbCr, which may store fewer colours than pixels
LARGE = 20_000_000  # pixels; a blank mask may be as small a file as it likes
HOLLOW = 10_000  # pixels a byte, of formats whose limit is not known


def open_image(data):
    """Return a Pillow image of a file's bytes, its pixels not decoded yet.

    Raises what Pillow does for a broken file, and ValueError for too few bytes.
    """
    image = Image.open(io.BytesIO(data))
    check_length(image, data)
    return image


def check_length(image, data):
    """Raise ValueError where a file has too few bytes for the pixels it declares."""
    width, height = image.size
    fewest = {"PNG": _fewest_of_png, "TIFF": _fewest_of_tiff}.get(image.format)
    least = fewest(image, data) if fewest else 0
    if width * height > LARGE:
        least = max(least, width * height // HOLLOW)
    if len(data) < least:
        raise ValueError(f"{len(data):,} bytes cannot hold {width}x{height} pixels")


def _fewest_of_png(image, data):
    """Return how many bytes the pixels of a PNG take at least."""
    width, height = image.size
    depth, channels = data[24], PNG_CHANNELS.get(data[25], 1)
    row = 1 + (width * depth * channels + 7) // 8
    return row * height // DEFLATED


def _fewest_of_tiff(image, _):
    """Return how many bytes the pixels of a TIFF take at least, 0 where it is not known."""
    ratio = TIFF_RATIOS.get(image.tag_v2.get(COMPRESSION, 1))
    if ratio is None or image.tag_v2.get(PHOTOMETRIC) == SUBSAMPLED:
        return 0
    width, height = image.size
    bits = image.tag_v2.get(BITS, (1,))
    bits = bits if isinstance(bits, tuple) else (bits,)
    samples = image.tag_v2.get(SAMPLES, 1)
    per_pixel = sum(bits) if len(bits) == samples else bits[0] * samples
    return width * per_pixel // 8 * height // ratio
