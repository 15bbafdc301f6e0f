"""What is on a wall: the crack, and what is taken for one.

Each mark takes the light [h, w, 3] of a surface and returns it changed. Joints, cables,
scratches, stains and shadows are dark lines or dark patches, too: without them a
network would learn that every dark thing is a crack.
"""

import cv2
import numpy as np

from inspection.synthetic.cracks import paths
from inspection.synthetic.noise import fractal, mix, step

WIDTHS = (0.9, 5.0)  # pixels of a crack, from a hairline to an open one


def crack(rng, light, sun):
    """Return (light, Lines) with a crack: dark, jagged, one lip lit."""
    side = len(light)
    width = np.exp(rng.uniform(*np.log(WIDTHS)))
    lines = paths.grow_crack(rng, side, width)
    cover = paths.draw_lines(lines, side)
    # the rim crumbles: noise decides how far the dark reaches
    crumbs = 0.25 * fractal(rng, cover.shape, 3, octaves=2)
    soft = cv2.GaussianBlur(cover, (0, 0), 0.5 + 0.1 * width)
    dark = np.clip(soft * (1.15 + crumbs), 0, 1)
    depth = rng.uniform(0.35, 0.7) + 0.25 * min(1, width / 4)
    lip = _slope(cv2.GaussianBlur(cover, (0, 0), 1.2 + 0.3 * width), sun)
    light = light * (1 + rng.uniform(0.1, 0.9) * lip)[..., None]
    light = mix(light, light * (1 - depth), dark[..., None])
    return np.clip(light, 0, 1.2), lines


def joint(rng, light, sun):
    """Return light with a straight joint between two slabs, of one width."""
    side = len(light)
    start, end = paths.crossing(rng, side)
    if rng.random() < 0.7:  # mostly upright or level
        flat = rng.integers(2)
        start[flat] = end[flat] = (start[flat] + end[flat]) / 2
        start[1 - flat], end[1 - flat] = 0, side
    path = paths.every_pixel(np.stack([start, end]))
    line = paths.Line(path, np.full(len(path), rng.uniform(1.5, 6)))
    cover = cv2.GaussianBlur(
        paths.draw_lines([line], side), (0, 0), rng.uniform(0.5, 1.2)
    )
    lip = _slope(cv2.GaussianBlur(cover, (0, 0), 1.0), sun)
    light = light * (1 + rng.uniform(0.2, 0.8) * lip)[..., None]
    return mix(light, light * rng.uniform(0.25, 0.7), cover[..., None])


def wire(rng, light, sun):
    """Return light with a cable before the wall, and its shadow on the wall."""
    side = len(light)
    width = rng.uniform(1.5, 6)
    line = paths.hang_wire(rng, side, width)
    cover = paths.draw_lines([line], side)
    away = -sun * rng.uniform(1.5, 7)
    shade = cv2.GaussianBlur(_moved(cover, away), (0, 0), rng.uniform(0.7, 2))
    light = light * (1 - rng.uniform(0.2, 0.5) * shade)[..., None]
    color = np.array(WIRES[rng.integers(len(WIRES))], np.float32)
    round_ = 1 + 1.5 * _slope(cv2.GaussianBlur(cover, (0, 0), 0.35 * width + 0.4), sun)
    return mix(light, np.clip(color * round_[..., None], 0, 1), cover[..., None])


WIRES = ((0.10, 0.10, 0.11), (0.22, 0.21, 0.20), (0.75, 0.74, 0.72), (0.45, 0.16, 0.10))


def scratch(rng, light, sun):
    """Return light with a few fine, straight, mostly light scratches."""
    side = len(light)
    lines = []
    for _ in range(rng.integers(1, 4)):
        start, end = paths.crossing(rng, side)
        cut = np.sort(rng.uniform(0.3, 0.7, 2))[:, None]
        path = paths.wander(rng, *(start + (end - start) * cut), 0.004)
        lines.append(paths.Line(path, np.full(len(path), rng.uniform(0.5, 1.2))))
    cover = cv2.GaussianBlur(paths.draw_lines(lines, side), (0, 0), 0.5)
    return light * (1 + rng.choice([0.3, 0.2, -0.2]) * cover)[..., None]


def stain(rng, light, sun):
    """Return light with a damp or rusty stain, or a run of water with dark edges."""
    side = len(light)
    runs = (4 * side, 40) if rng.random() < 0.3 else rng.uniform(0.25, 0.6) * side
    field = fractal(rng, light.shape[:2], runs, octaves=5)
    edge = rng.uniform(0, 0.8)
    field += 0.15 * fractal(rng, field.shape, 6)
    inside = step(edge, edge + rng.uniform(0.3, 1.6), field)
    rim = rng.uniform(0, 0.3) * np.exp(-((field - edge - 0.1) ** 2) / 0.02)
    tint = np.array(STAINS[rng.integers(len(STAINS))], np.float32)
    return light * mix(
        np.ones(3, np.float32), tint, (inside + rim).clip(0, 1.3)[..., None]
    )


STAINS = (
    (0.74, 0.72, 0.69),
    (0.86, 0.74, 0.62),
    (0.66, 0.67, 0.63),
    (1.18, 1.18, 1.16),
)


def shadow(rng, light, sun):
    """Return light with the shadow of a pole, an edge or a branch."""
    side = len(light)
    kind = rng.integers(3)
    if kind == 0:
        lines = [paths.hang_wire(rng, side, rng.uniform(4, 22))]
    elif kind == 1:
        lines = [paths.hang_wire(rng, side, rng.uniform(1.2, 0.6 * side))]
    else:
        lines = [paths.hang_wire(rng, side, width) for width in rng.uniform(1.5, 6, 4)]
    cover = cv2.GaussianBlur(paths.draw_lines(lines, side), (0, 0), rng.uniform(1, 4))
    return light * (1 - rng.uniform(0.25, 0.6) * cover)[..., None]


# what a clean wall may show, and how often
CLEAN_MARKS = {joint: 0.22, wire: 0.2, scratch: 0.15, stain: 0.3, shadow: 0.22}


def _slope(height, sun):
    """Return how far a field falls away from the light, about -1..1."""
    across = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=0.25)
    down = cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=0.25)
    return across * sun[0] + down * sun[1]


def _moved(field, by):
    matrix = np.array([[1, 0, by[0]], [0, 1, by[1]]], np.float32)
    return cv2.warpAffine(field, matrix, field.shape[::-1])
