"""Pipe fittings of the leak scenes: each function returns the parts of one fitting.

Places are world points in metres, directions are unit vectors, `radius` is that of the
pipe the fitting sits on.
"""

from itertools import pairwise

import numpy as np

from inspection.synthetic.leaks import materials as stuff
from inspection.synthetic.leaks.shapes import ScenePart

TOWARDS = np.array([0.0, 0.0, 1.0])  # from the wall to the viewer


def frame(axis, front=TOWARDS):
    """Return a frame whose local z is `axis` and whose local x leans to `front`."""
    axis = np.asarray(axis, float) / np.linalg.norm(axis)
    front = front - axis * (axis @ front)
    if np.linalg.norm(front) < 1e-3:
        front = np.array([1.0, 0.0, 0.0]) - axis * axis[0]
    front = front / np.linalg.norm(front)
    return np.stack([front, np.cross(axis, front), axis])


def tube(start, end, radius, material, grain=0.0):
    """Return one straight cylinder between two points."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    half = np.linalg.norm(end - start) / 2
    middle = (start + end) / 2
    return ScenePart(
        "cylinder", middle, frame(end - start), (radius, half), material, grain
    )


def band(place, axis, radius, half, material, grain=0.0):
    """Return a short cylinder round a pipe."""
    return ScenePart("cylinder", place, frame(axis), (radius, half), material, grain)


def bead(place, axis, radius, thickness, material):
    """Return a rounded rim round a pipe."""
    return ScenePart(
        "ring", place, frame(axis), (radius, thickness), material, casts=False
    )


def elbow(corner, before, after, bend, radius, material, grain=0.0):
    """Return a quarter bend; `before` and `after` are the directions of flow."""
    centre = corner - before * bend + after * bend
    axes = np.stack([-after, before, np.cross(-after, before)])
    return ScenePart("elbow", centre, axes, (bend, radius), material, grain)


def coupling(place, axis, radius, material, grain=0.0):
    """Return a threaded socket: a sleeve with a rim at each end."""
    half = 1.25 * radius
    rims = [
        bead(place + axis * side * half, axis, 1.2 * radius, 0.13 * radius, material)
        for side in (-1, 1)
    ]
    return [band(place, axis, 1.22 * radius, half, material, grain), *rims]


def union(place, axis, radius, material, grain=0.0):
    """Return a pipe union: a hexagonal nut between two collars."""
    nut = (1.45 * radius, 0.55 * radius)
    return [
        ScenePart("hexagon", place, frame(axis), nut, material, grain),
        band(place + axis * 0.9 * radius, axis, 1.2 * radius, 0.5 * radius, material),
        band(place - axis * 0.9 * radius, axis, 1.2 * radius, 0.5 * radius, material),
    ]


def socket(place, axis, radius, material, grain=0.0):
    """Return a glued or soldered sleeve, slightly wider than the pipe."""
    return [band(place, axis, 1.16 * radius, 1.3 * radius, material, grain)]


def flange(place, axis, radius, material, grain=0.0):
    """Return two bolted discs with a gasket between them."""
    thick, wide = max(0.22 * radius, 0.006), 1.85 * radius
    gap = 0.05 * radius
    parts = [band(place, axis, wide * 0.93, gap, stuff.RUBBER)]
    for side in (-1, 1):
        disc = place + axis * side * (thick / 2 + gap)
        parts.append(band(disc, axis, wide, thick / 2, material, grain))
        neck = place + axis * side * (thick + gap + 0.2 * radius)
        parts.append(band(neck, axis, 1.2 * radius, 0.25 * radius, material, grain))
    return parts + _bolts(place, axis, radius, thick + gap, material)


def _bolts(place, axis, radius, reach, material):
    """Return eight bolts through a flange."""
    axes = frame(axis)
    parts = []
    for turn in (np.arange(8) + 0.5) * np.pi / 4:
        out = np.cos(turn) * axes[0] + np.sin(turn) * axes[1]
        centre = place + out * 1.52 * radius
        size = 0.17 * radius, reach + 0.14 * radius
        bolt = stuff.STEEL.rusted(0.35)
        parts.append(ScenePart("hexagon", centre, axes, size, bolt, turn, casts=False))
    return parts


def wheel_valve(place, axis, radius, material, paint, towards=TOWARDS):
    """Return a gate valve: body, bonnet, stem and a spoked hand wheel."""
    up = _square_to(axis, towards)
    bulge = 1.6 * radius, 1.6 * radius, 1.7 * radius
    return [
        ScenePart("ball", place, frame(axis), bulge, material),
        band(place + axis * 1.7 * radius, axis, 1.4 * radius, 0.4 * radius, material),
        band(place - axis * 1.7 * radius, axis, 1.4 * radius, 0.4 * radius, material),
        band(place + up * 1.7 * radius, up, 0.85 * radius, 0.7 * radius, material),
        band(place + up * 2.35 * radius, up, 1.15 * radius, 0.16 * radius, material),
        band(place + up * 3.1 * radius, up, 0.25 * radius, 1.0 * radius, stuff.STEEL),
        *_wheel(place + up * 3.7 * radius, up, 2.0 * radius, paint),
    ]


def _square_to(axis, towards):
    """Return the unit direction nearest to `towards` at a right angle to `axis`."""
    across = towards - axis * (axis @ towards)
    return across / np.linalg.norm(across)


def _wheel(centre, axis, reach, paint):
    """Return a hand wheel: rim, four spokes and a hub."""
    axes = frame(axis, np.array([0.3, 0.9, 0.3]))
    parts = [
        ScenePart("ring", centre, axes, (reach, 0.11 * reach), paint),
        band(centre, axis, 0.22 * reach, 0.12 * reach, paint),
    ]
    for spoke in axes[:2]:
        ends = centre - spoke * reach, centre + spoke * reach
        parts.append(tube(*ends, 0.075 * reach, paint))
    return parts


def lever_valve(place, axis, radius, paint, towards=TOWARDS):
    """Return a ball valve: brass body, hexagonal ends and a flat lever."""
    up = _square_to(axis, towards)
    nut = 1.35 * radius, 0.5 * radius
    lever = 0.13 * radius, 0.45 * radius, 2.2 * radius
    axes = np.stack([up, np.cross(axis, up), axis])
    grip = place + up * 1.9 * radius + axis * 1.7 * radius
    return [
        ScenePart("ball", place, frame(axis), (1.4 * radius,) * 3, stuff.BRASS),
        ScenePart(
            "hexagon", place + axis * 1.5 * radius, frame(axis), nut, stuff.BRASS
        ),
        ScenePart(
            "hexagon", place - axis * 1.5 * radius, frame(axis), nut, stuff.BRASS
        ),
        band(place + up * 1.4 * radius, up, 0.45 * radius, 0.6 * radius, stuff.BRASS),
        ScenePart("box", grip, axes, lever, paint),
    ]


def clamp(place, axis, radius, material=stuff.STEEL):
    """Return a pipe clip: a ring, its ears and the arm to the wall at z = 0."""
    across = np.cross(axis, TOWARDS)
    ear = 0.14 * radius, 0.2 * radius, 0.3 * radius
    foot = place * np.array([1, 1, 0])
    plate = 0.006, 0.8 * radius, 0.5 * radius
    return [
        band(place, axis, 1.08 * radius, 0.35 * radius, material),
        ScenePart("box", place + across * 1.2 * radius, frame(axis), ear, material),
        ScenePart("box", place - across * 1.2 * radius, frame(axis), ear, material),
        tube(foot, place, 0.25 * radius, material),
        ScenePart("box", foot, frame(axis), plate, material),
    ]


def gauge(place, axis, radius, turn):
    """Return a pressure gauge on a short stem above or beside the pipe."""
    level = abs(axis[1]) < 0.5
    up = np.array([0.0, 1.0, 0.0] if level else [0.8, 0.6, 0.0])
    centre = place + up * (radius + 0.075)
    face = np.array([0.0, 0.12, 1.0]) / np.hypot(0.12, 1)
    across = frame(face, np.array([1.0, 0.0, 0.0]))
    dial = centre + face * 0.0125
    nut = place + up * (radius + 0.012)
    return [
        tube(place, centre, 0.007, stuff.BRASS),
        ScenePart("hexagon", nut, frame(up), (0.011, 0.01), stuff.BRASS),
        band(centre, face, 0.04, 0.012, stuff.CHROME),
        ScenePart(
            "cylinder", dial, across, (0.035, 0.0006), stuff.DIAL, turn, casts=False
        ),
    ]


def tee(place, axis, branch, radius, thin, material, grain=0.0):
    """Return a tee: a sleeve on the run and a collar where the branch leaves."""
    sleeve = coupling(place, axis, radius, material, grain)
    return [
        *sleeve,
        band(
            place + branch * 1.5 * radius, branch, 1.22 * thin, 0.6 * radius, material
        ),
    ]


def cable(start, end, sag, radius, material):
    """Return a cable that hangs between two points."""
    share = np.linspace(0, 1, 13)[:, None]
    points = start + share * (end - start)
    points[:, 1] -= sag * 4 * (share * (1 - share))[:, 0]
    return [tube(a, b, radius, material) for a, b in pairwise(points)]
