"""From the bytes that a stranger sends to upright RGB pixels, or a refusal."""

import io
import os
import struct
import zlib

import numpy as np
from PIL import Image

from inspection.datasets.images import image_file
from inspection.datasets.images.opened_image import check_length
from inspection.deploy.service.refusals import Refusal
from inspection.deploy.service.room import Room

FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
MAX_PIXELS = 25_000_000  # the largest photographs of phones in daily use
MAX_SIDE = 20_000  # OpenCV resizes no more than 32,767

# what Pillow's decoders raise on broken files, found by fuzzing
BROKEN = (
    *image_file.BROKEN,
    EOFError,
    LookupError,
    OverflowError,
    struct.error,
    zlib.error,
)

# a picture takes 3 bytes a pixel, twice while it is turned: few large ones are there at
# a time; small ones need little, and would wait longer for each other than they take
LARGE = 1_000_000  # pixels
LARGE_SECONDS = 30  # that a large picture waits for its room
large_images = Room(os.cpu_count() or 1)


def decode(data, turn, max_pixels=MAX_PIXELS):
    """Return a picture file's pixels: uint8 RGB [height, width, 3], upright.

    turn: an ExitStack. A large picture waits until there is room for it, and gives the
    room back when the stack closes.
    Raises Refusal: 400 for no bytes, 413 for more than `max_pixels`, 415 for all that
    is no whole still JPEG, PNG or WebP, whatever its name says, 503 for no room.
    """
    kind = _kind(data)
    try:
        with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as image:
            _check_header(image, kind, max_pixels)
            _check_whole(data, kind)
            if image.width * image.height > LARGE:
                turn.enter_context(large_images.place(LARGE_SECONDS))
            check_length(image, data)
            return np.array(image_file.to_rgb(image, data))
    except Image.DecompressionBombError:
        raise _too_many_pixels(max_pixels) from None
    except BROKEN:
        raise _broken(kind) from None


def _kind(data):
    if not data:
        raise Refusal(400, "empty", "The picture is empty: it has no bytes.")
    kind = image_file.sniff_format(data)
    if kind not in FORMATS:
        named = f"{kind.upper()} is not taken" if kind else "This is no picture"
        raise Refusal(
            415, "not_a_picture", f"{named}. Send a JPEG, PNG or WebP picture."
        )
    return kind


def _check_header(image, kind, max_pixels):
    if image.width * image.height > max_pixels or max(image.size) > MAX_SIDE:
        raise _too_many_pixels(max_pixels)
    # a JPEG with more than one frame is a photograph with its depth or preview
    if kind != "jpeg" and getattr(image, "n_frames", 1) > 1:
        raise Refusal(
            415, "animated", "This picture moves. Send a still JPEG, PNG or WebP."
        )


def _check_whole(data, kind):
    if kind != "webp" and not image_file.is_complete(data):
        raise _broken(kind)


def _too_many_pixels(max_pixels):
    millions = max_pixels / 1e6
    return Refusal(
        413,
        "too_many_pixels",
        f"This picture has too many pixels: at most {millions:g} million are taken, "
        f"and {MAX_SIDE:,} on a side.",
    )


def _broken(kind):
    return Refusal(
        415, "broken_picture", f"This {FORMATS[kind]} is damaged or cut off."
    )
