"""What a phone or inspection camera does to a leak scene: exposure, lens, noise."""

import cv2
import numpy as np


def develop(colour, rng):
    """Return the uint8 RGB photograph of linear light [height, width, 3]."""
    picture = expose(colour, rng.uniform(0.36, 0.52))
    picture = _bloom(picture)
    picture *= _vignette(picture.shape[:2], rng.uniform(0.05, 0.35))[..., None]
    picture = _tone(picture * rng.normal(1, 0.03, 3).astype(np.float32))
    picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.35, 0.8))
    noise = rng.standard_normal(picture.shape, dtype=np.float32)
    shared = rng.standard_normal(picture.shape[:2], dtype=np.float32)[..., None]
    grain = rng.uniform(0.004, 0.018)
    picture += grain * (0.5 * noise + 0.7 * shared) * (1.2 - 0.6 * picture)
    return np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)


def expose(colour, target):
    """Scale linear light so that its middle tones come to `target` after toning."""
    level = np.exp(np.mean(np.log(colour.mean(-1)[::4, ::4] + 0.004)))
    return colour * np.float32((target**2.2) / level)


def _tone(x):
    """Map linear light to display values with a soft shoulder (Narkowicz's fit)."""
    x = np.maximum(x, 0) * 0.9
    x = x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)
    return np.clip(x, 0, 1) ** np.float32(1 / 2.2)


def _bloom(colour):
    """Let the brightest spots glow."""
    small = cv2.resize(np.maximum(colour - 1.2, 0), None, fx=0.25, fy=0.25)
    glow = cv2.GaussianBlur(np.minimum(small, 3), (0, 0), 4)
    return colour + 0.25 * cv2.resize(glow, colour.shape[1::-1])


def _vignette(shape, strength):
    height, width = shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    return 1 - strength * (x * x + y * y) / 1.5
