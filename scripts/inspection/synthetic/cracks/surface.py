"""Bare walls and floors: concrete, plaster, asphalt, as linear light [h, w, 3]."""

from dataclasses import dataclass

import cv2
import numpy as np

from inspection.synthetic.noise import fractal, step

# middle colours, display values 0..1
CONCRETE = (
    (0.66, 0.65, 0.62),
    (0.72, 0.69, 0.63),
    (0.56, 0.57, 0.54),
    (0.62, 0.64, 0.66),
)
PLASTER = (
    (0.76, 0.58, 0.36),
    (0.70, 0.46, 0.36),
    (0.82, 0.75, 0.56),
    (0.62, 0.60, 0.66),
)
ASPHALT = ((0.36, 0.36, 0.37), (0.44, 0.43, 0.42))


@dataclass(frozen=True)
class Surface:
    """A lit surface: its light [h, w, 3], 0..1, and where the light comes from, (x, y)."""

    light: np.ndarray
    sun: np.ndarray


def relief(height, sun, strength):
    """Return the shading [h, w] of a height field, 1 where it is flat."""
    across = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=0.125)
    down = cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=0.125)
    return np.clip(1 + strength * (across * sun[0] + down * sun[1]), 0.25, 1.9)


def random_sun(rng):
    """Return a direction of light in the plane, a unit vector (x, y)."""
    angle = rng.uniform(0, 2 * np.pi)
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


def concrete(rng, side):
    """Return a Surface of cast concrete: mottled, with grain, pores and board marks."""
    sun, shape = random_sun(rng), (side, side)
    tone = 0.05 * fractal(rng, shape, 0.6 * side) + 0.025 * fractal(rng, shape, 30)
    tone += rng.uniform(0.01, 0.05) * fractal(rng, shape, 2.5, octaves=2)
    height = rng.exponential(0.35) * fractal(rng, shape, rng.uniform(4, 30), octaves=4)
    height += rng.uniform(0.1, 0.6) * fractal(rng, shape, 2, octaves=1)
    if rng.random() < 0.25:
        marks = (3, 200) if rng.random() < 0.5 else (200, 3)
        height += rng.uniform(0.1, 0.3) * fractal(rng, shape, marks, octaves=3)
    pores = _pores(rng, side, rng.poisson(rng.choice([2, 12])))
    shade = relief(height - 1.2 * pores, sun, rng.uniform(0.15, 0.5)) * (
        1 - 0.5 * pores
    )
    color = _tinted(rng, CONCRETE, tone)
    return Surface(_speckle(rng, color * shade[..., None], 0.0006), sun)


def plaster(rng, side):
    """Return a Surface of painted, rough plaster."""
    sun, shape = random_sun(rng), (side, side)
    tone = 0.04 * fractal(rng, shape, 0.5 * side) + 0.015 * fractal(rng, shape, 5)
    height = rng.uniform(0.3, 1.5) * fractal(rng, shape, rng.uniform(6, 22), octaves=4)
    shade = relief(height, sun, rng.uniform(0.3, 0.7))
    return Surface(_tinted(rng, PLASTER, tone) * shade[..., None], sun)


def asphalt(rng, side):
    """Return a Surface of asphalt: stones of many greys in a dark binder."""
    sun, shape = random_sun(rng), (side, side)
    stones = fractal(rng, shape, rng.uniform(2.5, 6), octaves=2, gain=0.8)
    tone = rng.uniform(0.04, 0.09) * stones
    tone += 0.04 * fractal(rng, shape, 0.5 * side)
    shade = relief(stones, sun, rng.uniform(0.2, 0.5))
    return Surface(
        _speckle(rng, _tinted(rng, ASPHALT, tone) * shade[..., None], 0.004), sun
    )


SURFACES = {"concrete": concrete, "plaster": plaster, "asphalt": asphalt}


def _tinted(rng, colors, tone):
    middle = np.array(colors[rng.integers(len(colors))], np.float32)
    middle = middle * rng.uniform(0.7, 1.15) + rng.normal(0, 0.008, 3)
    return np.clip(middle + tone[..., None], 0.02, 1).astype(np.float32)


def _pores(rng, side, count):
    """Return the depth of the small round holes that air leaves in concrete."""
    depth = np.zeros((side, side), np.float32)
    for _ in range(count):
        radius = max(1, int(rng.exponential(1.6)))
        axes = (radius, max(1, round(radius * rng.uniform(0.6, 1.2))))
        at = rng.integers(side, size=2).tolist()
        cv2.ellipse(depth, at, axes, rng.uniform(0, 180), 0, 360, 1.0, -1, cv2.LINE_AA)
    return cv2.GaussianBlur(depth, (0, 0), 0.7)


def _speckle(rng, light, share):
    """Put light and dark grains of sand on a surface."""
    side = len(light)
    grains = (rng.random((side, side)) < share).astype(np.float32)
    grains = cv2.GaussianBlur(cv2.dilate(grains, np.ones((2, 2))), (0, 0), 0.6)
    tone = np.where(rng.random() < 0.5, 0.35, -0.3)
    return light * (1 + tone * step(0.1, 0.6, grains))[..., None]
