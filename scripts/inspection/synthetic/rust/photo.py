"""Light and camera: from the painted sheet to a picture."""

import cv2
import numpy as np

from inspection.synthetic.noise import mix, step
from inspection.synthetic.rust.canvas import SIDE, blur, grid, turned

PICTURE = 256  # side of the pictures


def light_up(canvas):
    """Return the sheet lit by a lamp or the sky, float32 [SIDE, SIDE, 3]."""
    rng = canvas.rng
    direction = rng.uniform(0, 2 * np.pi)
    slant = rng.uniform(0.5, 0.95)
    lamp = np.array([np.cos(direction) * slant, np.sin(direction) * slant, 1.0])
    lamp /= np.linalg.norm(lamp)
    normal = _normals(canvas.height)
    facing = np.clip(normal @ lamp.astype("f4"), 0, 1)
    shade = 0.42 + 0.75 * facing / lamp[2]
    half = lamp + [0, 0, 1]
    half /= np.linalg.norm(half)
    spark = np.clip(normal @ half.astype("f4"), 0, 1) ** 40
    lit = canvas.color * (shade * _unevenness(rng))[..., None]
    lit = lit + (0.22 * canvas.gloss * spark)[..., None]
    return lit * _shadow(canvas)[..., None]


def _normals(height):
    """Return unit normals [SIDE, SIDE, 3] (x, y, towards the viewer) of a relief."""
    y, x = np.gradient(blur(height.astype("f4"), 0.8))
    normal = np.stack([x, y, np.ones_like(x)], axis=-1)
    return normal / np.linalg.norm(normal, axis=-1, keepdims=True)


def _unevenness(rng):
    """Return how much light reaches each place: never the same everywhere."""
    across, _ = turned(rng.uniform(0, 2 * np.pi))
    slope = 1 + rng.uniform(0, 0.38) * across / SIDE
    rows, columns = grid()
    centre = rng.uniform(0.2, 0.8, 2) * SIDE
    distance = np.hypot(rows - centre[0], columns - centre[1]) / SIDE
    return slope * (1.08 - rng.uniform(0, 0.4) * distance**2)


def _shadow(canvas):
    """Return 1, or in some pictures the soft shadow of a beam or a railing."""
    rng = canvas.rng
    if rng.random() > 0.3:
        return np.ones((SIDE, SIDE), "f4")
    across, _ = turned(rng.uniform(0, np.pi), rng.uniform(0, 1, 2) * SIDE)
    half, soft = rng.uniform(25, 130), rng.uniform(4, 18)
    inside = step(half + soft, half, np.abs(across))
    return 1 - rng.uniform(0.3, 0.5) * inside


def photograph(lit, rng):
    """Return the uint8 picture [PICTURE, PICTURE, 3] that a camera takes."""
    tint = 1 + rng.normal(0, 0.03, 3)
    image = lit * tint.astype("f4") * rng.uniform(0.85, 1.15)
    image = cv2.resize(image, (PICTURE, PICTURE), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.35:
        image = blur(image, rng.uniform(0.3, 0.8))
    image = mix(image, _curve(image), 0.4)
    image = mix(image.mean(axis=-1, keepdims=True), image, rng.uniform(0.7, 0.95))
    grain = rng.normal(0, rng.uniform(0.004, 0.018), image.shape)
    return np.clip(255 * (image + grain) + 0.5, 0, 255).astype(np.uint8)


def _curve(image):
    """Return the S-curve of a camera: soft shadows and highlights."""
    return step(-0.05, 1.08, image)
