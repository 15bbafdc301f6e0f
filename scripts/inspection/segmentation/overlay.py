"""Show a mask on its picture, and write what was found."""

import csv
import io
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from inspection.common.atomic_files import atomic_write, write_text

FOUND = (230, 30, 120)  # a colour that neither rust nor steel has
HIT, FALSE, MISSED = (2, 158, 115), (213, 94, 0), (86, 180, 233)


def paint(
    image: np.ndarray,
    mask: np.ndarray,
    color: Sequence[int] = FOUND,
    strength: float = 0.4,
) -> np.ndarray:
    """Return a copy of a picture with the marked pixels tinted and outlined.

    >>> painted = paint(np.zeros((8, 8, 3), np.uint8), np.pad(np.ones((4, 4)), 2))
    >>> painted.shape, bool(painted[4, 4].any()), bool(painted[0, 0].any())
    ((8, 8, 3), True, False)
    """
    mask = np.asarray(mask) > 0
    painted = image.astype(np.float32)
    painted[mask] = (1 - strength) * painted[mask] + strength * np.array(color)
    painted = painted.astype(np.uint8)
    outlines, _ = cv2.findContours(
        mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE
    )
    width = max(1, round(max(image.shape[:2]) / 400))
    return cv2.drawContours(painted, outlines, -1, color, width)


def paint_errors(image, ground_truth, predicted, strength=0.65):
    """Return a grey copy of a picture: right green, false orange, missed blue."""
    ground_truth, predicted = np.asarray(ground_truth) > 0, np.asarray(predicted) > 0
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    painted = np.repeat(0.35 * grey[..., None] + 150, 3, axis=2)
    for where, color in (
        (ground_truth & predicted, HIT),
        (predicted & ~ground_truth, FALSE),
        (ground_truth & ~predicted, MISSED),
    ):
        painted[where] = (1 - strength) * painted[where] + strength * np.array(color)
    return painted.astype(np.uint8)


def tell_errors(ground_truth: np.ndarray, predicted: np.ndarray) -> str:
    """Return in words what `paint_errors` paints, each as a share of the picture.

    >>> tell_errors(np.array([[1, 1, 0, 0]]), np.array([[1, 0, 1, 1]]))
    '25 % right, 50 % false, 25 % missed'
    """
    ground_truth, predicted = np.asarray(ground_truth) > 0, np.asarray(predicted) > 0
    shares = {
        "right": np.mean(ground_truth & predicted),
        "false": np.mean(predicted & ~ground_truth),
        "missed": np.mean(ground_truth & ~predicted),
    }
    return ", ".join(f"{100 * share:.0f} % {what}" for what, share in shares.items())


def write_image(path, pixels):
    """Write a picture or a mask; the extension says how."""
    with atomic_write(path) as temporary:
        image = Image.fromarray(pixels)
        jpeg = path.suffix.lower() in (".jpg", ".jpeg")
        image.save(
            temporary, "JPEG" if jpeg else "PNG", **({"quality": 90} if jpeg else {})
        )


def write_areas(path, rows):
    """Write a table of dicts as CSV."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())
