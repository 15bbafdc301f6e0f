"""What a phone or inspection camera does to a leak scene: exposure, lens, noise."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

WHITE = 8.0  # linear light beyond this looks the same
BRIGHTEST = 0.9  # linear light that the lightest parts of a picture get
STEPS = 4096  # entries of the tone table


@dataclass(frozen=True)
class Lens:
    """How a camera takes its pictures; `draw_lens` gives a random one."""

    target: float  # display value that the middle tones get
    vignette: float
    tint: np.ndarray  # white balance
    blur: float  # pixels
    noise: float


def draw_lens(rng):
    """Return a random Lens."""
    return Lens(
        target=rng.uniform(0.36, 0.52),
        vignette=rng.uniform(0.05, 0.35),
        tint=rng.normal(1, 0.03, 3).astype(np.float32),
        blur=rng.uniform(0.35, 0.8),
        noise=rng.uniform(0.004, 0.018),
    )


def develop(color, lens, rng):
    """Return the uint8 RGB photograph of linear light [height, width, 3]."""
    image = _bloom(_expose(color, lens.target))
    image *= _vignette(image.shape[:2], lens.vignette)[..., None]
    image = cv2.GaussianBlur(_tone(image * lens.tint), (0, 0), lens.blur)
    image += np.float32(lens.noise) * _grain(rng, *image.shape[:2])
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)


def _expose(color, target):
    """Scale light so that middle tones come to `target` and light ones fit."""
    samples = color[::4, ::4].mean(-1)
    middle = np.exp(np.mean(np.log(samples + 0.004)))
    scale = min(target**2.2 / middle, BRIGHTEST / np.percentile(samples, 97))
    return color * np.float32(scale)


def _tone(x):
    """Map linear light to display values."""
    place = np.sqrt(np.clip(x, 0, WHITE)) * ((STEPS - 1) / np.sqrt(WHITE))
    return _curve()[place.astype(np.int32)]


@cache
def _curve():
    """Return the tone table over the square root of light: Narkowicz's film curve."""
    x = 0.9 * WHITE * np.square(np.linspace(0, 1, STEPS))
    x = x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)
    return (np.clip(x, 0, 1) ** (1 / 2.2)).astype(np.float32)


def _bloom(color):
    """Let the brightest spots glow."""
    small = cv2.resize(np.maximum(color - 1.2, 0), None, fx=0.25, fy=0.25)
    glow = cv2.GaussianBlur(np.minimum(small, 3), (0, 0), 4)
    return color + 0.25 * cv2.resize(glow, color.shape[1::-1])


@cache
def _noise():
    return np.random.default_rng(5).standard_normal((640, 832), dtype=np.float32)


def _grain(rng, height, width):
    """Return sensor noise, the larger part of it common to the three colours."""
    noise = _noise()
    rows = rng.integers(0, noise.shape[0] - height, 4)
    columns = rng.integers(0, noise.shape[1] - width, 4)
    crops = [
        noise[y : y + height, x : x + width] for y, x in zip(rows, columns, strict=True)
    ]
    return 0.5 * np.stack(crops[:3], -1) + 0.7 * crops[3][..., None]


def _vignette(shape, strength):
    height, width = shape
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    return 1 - np.float32(strength / 1.5) * (x * x + y * y)
