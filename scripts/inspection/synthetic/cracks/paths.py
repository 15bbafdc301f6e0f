"""Lines on a wall: jagged and branching as a crack runs, smooth as a cable hangs.

A path is float64 [N, 2], x and y in pixels, a point about every pixel; `widths` [N] is
its width there.
"""

from dataclasses import dataclass

import cv2
import numpy as np

FINE = 4  # a path is drawn so many times larger, and then averaged


@dataclass(frozen=True)
class Line:
    """A path with its width in pixels at each point."""

    path: np.ndarray
    widths: np.ndarray


def crossing(rng, side, margin=0.15):
    """Return two points outside a square, whose connection runs through its middle."""
    centre = rng.uniform(margin, 1 - margin, 2) * side
    angle = rng.uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * 1.5 * side
    return centre - reach, centre + reach


def wander(rng, start, end, rough, low=0.5, levels=None):
    """Return a path from start to end by displacing the middles of its parts.

    rough: displacement of the first middle, a share of the length. low: how much less
    the next ones move; .5 is smooth, .7 jagged.
    """
    start, end = np.asarray(start, float), np.asarray(end, float)
    length = np.linalg.norm(end - start)
    levels = (
        max(2, int(np.ceil(np.log2(max(length, 4) / 3)))) if levels is None else levels
    )
    points = np.stack([start, end])
    shift = rough * length
    for _ in range(levels):
        along = np.diff(points, axis=0)
        across = np.stack([-along[:, 1], along[:, 0]], 1)
        across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-9
        move = rng.normal(0, shift, len(along))[:, None]
        middles = points[:-1] + along * rng.uniform(0.4, 0.6, (len(along), 1))
        points = np.insert(
            points, np.arange(1, len(points)), middles + across * move, 0
        )
        shift *= low
    return every_pixel(points)


def every_pixel(points):
    """Return a path with a point about every pixel."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    along = np.concatenate([[0], np.cumsum(steps)])
    at = np.linspace(0, along[-1], max(2, int(along[-1]) + 1))
    return np.stack([np.interp(at, along, points[:, i]) for i in (0, 1)], 1)


def varying(rng, count, mean, change=0.5, every=12):
    """Return widths [count] that change along a path, about every so many pixels."""
    knots = rng.lognormal(0, change, max(2, count // every + 2))
    return mean * np.interp(
        np.linspace(0, len(knots) - 1, count), range(len(knots)), knots
    )


def grow_crack(rng, side, width):
    """Return the Lines of one crack: a trunk through the picture, and its branches."""
    trunk = wander(
        rng, *crossing(rng, side), rng.uniform(0.03, 0.08), rng.uniform(0.46, 0.58)
    )
    lines = [Line(trunk, varying(rng, len(trunk), width))]
    inside = np.flatnonzero(np.all((trunk > 0) & (trunk < side), axis=1))
    for _ in range(rng.poisson(1.1)):
        if len(inside) > 20:
            lines.append(_branch(rng, trunk, rng.choice(inside[5:-5]), side, width))
    return lines


def _branch(rng, trunk, at, side, width):
    along = trunk[min(at + 5, len(trunk) - 1)] - trunk[max(at - 5, 0)]
    turn = rng.choice([-1, 1]) * rng.uniform(0.4, 1.1)
    angle = np.arctan2(along[1], along[0]) + turn + rng.choice([0, np.pi])
    reach = rng.uniform(0.15, 0.6) * side
    end = trunk[at] + reach * np.array([np.cos(angle), np.sin(angle)])
    path = wander(rng, trunk[at], end, rng.uniform(0.04, 0.08), rng.uniform(0.46, 0.58))
    widths = varying(rng, len(path), 0.6 * width) * np.linspace(1, 0.15, len(path))
    return Line(path, widths)


def hang_wire(rng, side, width):
    """Return the Line of a cable: smooth, of one width."""
    start, end = crossing(rng, side)
    middle = (start + end) / 2 + rng.normal(0, 0.18 * side, 2)
    at = np.linspace(0, 1, 60)[:, None]
    curve = (1 - at) ** 2 * start + 2 * at * (1 - at) * middle + at**2 * end
    path = every_pixel(curve)
    return Line(path, np.full(len(path), width))


def draw_lines(lines, side):
    """Return float32 [side, side]: the share of each pixel that Lines cover."""
    canvas = np.zeros((side * FINE, side * FINE), np.uint8)
    for line in lines:
        corners = np.round(line.path * FINE * 16).astype(int)
        thick = np.maximum(1, np.round(line.widths * FINE)).astype(int)
        for a, b, width in zip(
            corners[:-1].tolist(), corners[1:].tolist(), thick.tolist()
        ):
            cv2.line(canvas, a, b, 255, width, cv2.LINE_8, 4)
    small = cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / 255


def length_inside(lines, left, top, side):
    """Return how many pixels long the Lines are within a square."""
    low = np.array([left, top])
    return sum(
        int(np.all((line.path >= low) & (line.path < low + side), axis=1).sum())
        for line in lines
    )
