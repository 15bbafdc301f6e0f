"""A flange as the camera above the belt takes it: drawn from a seed, lit, photographed."""

import cv2
import numpy as np

from inspection.synthetic.parts.defects import KINDS
from inspection.synthetic.parts.flange import SIDE, lay_down, turn_on_lathe

PICTURE = 192  # side of the pictures
GOOD = "good"


def draw(seed, kind, number):
    """Return (picture uint8 [192, 192, 3], mask uint8 [192, 192] of 0 and 255).

    kind: "good", or a key of `defects.KINDS`. The same three numbers give the same part.
    """
    place = [GOOD, *KINDS].index(kind)
    rng = np.random.default_rng([seed, place, number])
    part = lay_down(rng)
    turn_on_lathe(part, missing=(0,) if kind == "missing_hole" else ())
    if kind != GOOD:
        KINDS[kind](part)
    image = photograph(light_up(part), rng)
    mask = cv2.resize(part.mask, (PICTURE, PICTURE), interpolation=cv2.INTER_AREA)
    return image, np.where(mask >= 0.5, 255, 0).astype(np.uint8)


def light_up(part):
    """Return the part lit from one side, as turned steel shines: in two sectors."""
    rng = part.rng
    direction = rng.uniform(-0.4, 0.4)  # the lamp hangs in one place, nearly
    y, x = np.gradient(cv2.GaussianBlur(part.height, (0, 0), 1.0))
    facing = 1 + 0.5 * np.clip(x * np.cos(direction) + y * np.sin(direction), -0.9, 0.9)
    rows, columns = np.mgrid[:SIDE, :SIDE].astype("f4") - SIDE / 2
    around = np.arctan2(rows, columns)
    # grooves of the tool run around: they mirror the lamp across them
    shine = np.abs(np.cos(around - direction)) ** 12
    lit = part.color * (0.85 * facing)[..., None]
    return lit + (rng.uniform(0.14, 0.20) * shine * part.metal)[..., None]


def photograph(lit, rng):
    """Return the uint8 picture that a camera takes; light and grain vary a little."""
    tint = 1 + rng.normal(0, 0.01, 3)
    image = lit * tint.astype("f4") * rng.uniform(0.93, 1.07)
    image = cv2.resize(image, (PICTURE, PICTURE), interpolation=cv2.INTER_AREA)
    image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 0.6))
    grain = rng.normal(0, rng.uniform(0.004, 0.010), image.shape)
    return np.clip(255 * (image + grain) + 0.5, 0, 255).astype(np.uint8)
