"""What may be wrong with a flange, each with the pixels that it changes."""

import cv2
import numpy as np

from inspection.synthetic.noise import step
from inspection.synthetic.parts.flange import (
    BORE,
    HOLE,
    HUB,
    MAT,
    RADIUS,
    SIDE,
    STEEL,
    hole_centres,
    inside,
)

RUST = np.float32([0.42, 0.22, 0.11])
MARKED = 0.5  # of a pixel, from which on the mask counts it


def scratch(part):
    """Draw a bright line across the face."""
    start = _place(part, HUB + 0.06, 0.93)
    angle = part.rng.uniform(0, 2 * np.pi)
    length = part.rng.uniform(0.3, 0.7)
    bend = part.rng.uniform(-0.5, 0.5)
    turn = angle + bend * np.linspace(0, 1, 20)
    steps = np.stack([np.cos(turn), np.sin(turn)], axis=1) * length / 20
    line = _stroke(part, start + np.cumsum(steps, axis=0), part.rng.integers(3, 7))
    line = line * part.metal
    part.paint(0.8 * line, STEEL * part.rng.choice([0.35, 1.7]))
    part.height = part.height - 2 * line
    _mark(part, line)


def crack(part):
    """Draw a dark jagged line that begins at a bolt hole."""
    hole = hole_centres()[part.rng.integers(6)]
    outward = hole / np.hypot(*hole) * part.rng.choice([-1, 1])
    angle = np.arctan2(outward[1], outward[0]) + part.rng.uniform(-0.9, 0.9)
    turn = angle + np.cumsum(part.rng.normal(0, 0.35, 14))
    steps = np.stack([np.cos(turn), np.sin(turn)], axis=1) * 0.026
    points = hole + 0.9 * HOLE * outward + np.cumsum(steps, axis=0)
    line = _stroke(part, points, part.rng.integers(2, 4)) * part.metal
    part.paint(0.85 * line, MAT * 0.6)
    part.height = part.height - 3 * line
    _mark(part, line)


def dent(part):
    """Press a round hollow into the face."""
    place = _place(part, HUB + 0.1, 0.9)
    radius = part.rng.uniform(0.07, 0.12)
    far = np.hypot(part.across - place[0], part.along - place[1]) / radius
    hollow = np.exp(-(far**2)) * part.metal
    part.height = part.height - 1.1 * radius * RADIUS * hollow
    part.paint(0.45 * hollow, STEEL * 0.55)
    _mark(part, inside(far, 1.25, 0.2) * part.metal)


def rust(part):
    """Let a ragged patch of the face rust."""
    place = _place(part, BORE, 1.0)
    radius = part.rng.uniform(0.08, 0.22)
    far = np.hypot(part.across - place[0], part.along - place[1]) / radius
    patch = step(1.1, 0.85, far + 0.3 * part.noise(18, 4, 0.6)) * part.metal
    speckle = np.clip(0.75 + 0.25 * part.noise(4, 3), 0, 1)
    color = RUST * (1 + 0.2 * part.noise(8)[..., None])
    part.paint(patch * speckle, color)
    _mark(part, patch)


def chip(part):
    """Break a piece off the outer edge."""
    angle = part.rng.uniform(0, 2 * np.pi)
    place = np.array([np.cos(angle), np.sin(angle)]) * part.rng.uniform(0.98, 1.04)
    radius = part.rng.uniform(0.07, 0.13)
    far = np.hypot(part.across - place[0], part.along - place[1]) / radius
    lost = step(1.05, 0.95, far + 0.25 * part.noise(12, 3)) * part.metal
    part.paint(lost, MAT * (1 + 0.1 * part.noise(9)[..., None]))
    part.height = part.height * (1 - lost)
    _mark(part, lost)


def _place(part, low, high):
    """Return a random (across, along) between two radii."""
    angle, radius = part.rng.uniform(0, 2 * np.pi), part.rng.uniform(low, high)
    return np.array([np.cos(angle), np.sin(angle)]) * radius


def _stroke(part, points, thickness):
    """Return an anti-aliased line through points (across, along), 0..1."""
    pixels = [_pixel_of(part, point) for point in points]
    image = np.zeros((SIDE, SIDE), np.uint8)
    scaled = np.round(np.asarray(pixels) * 16).astype(np.int32)
    cv2.polylines(image, [scaled], False, 255, int(thickness), cv2.LINE_AA, shift=4)
    return image.astype("f4") / 255


def _pixel_of(part, point):
    """Return (x, y) of the pixel at (across, along), which may lie outside."""
    # the axes are turned and scaled alike everywhere: three corners tell how
    axes = np.stack([part.across, part.along], axis=-1)
    origin, right, below = axes[0, 0], axes[0, 1], axes[1, 0]
    return np.linalg.solve(
        np.stack([right - origin, below - origin], 1), point - origin
    )


def _mark(part, where):
    part.mask = np.maximum(part.mask, np.float32(where > MARKED))


def missing_hole(part):
    """Mark the bolt hole that was never drilled: the first one."""
    across, along = hole_centres()[0]
    far = np.hypot(part.across - across, part.along - along)
    _mark(part, inside(far, HOLE))


KINDS = {
    "chip": chip,
    "crack": crack,
    "dent": dent,
    "missing_hole": missing_hole,
    "rust": rust,
    "scratch": scratch,
}
