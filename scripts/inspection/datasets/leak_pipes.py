"""Pipe runs of the leak scenes: where pipes go, and what sits on them."""

from dataclasses import dataclass

import numpy as np

from inspection.datasets import leak_fittings as fit
from inspection.datasets import leak_materials as stuff


@dataclass
class Joint:
    """A place where a pipe can leak: centre, axis, outer radius and half length."""

    place: np.ndarray
    axis: np.ndarray
    radius: float
    half: float


@dataclass
class Style:
    """A kind of pipe: material, radius range in metres, and which joints it takes."""

    material: stuff.Material
    radii: tuple
    joints: tuple
    weight: float
    rust: float = 0.0


STYLES = [
    Style(stuff.GALVANISED, (0.022, 0.045), ("coupling", "union", "wheel"), 3, 0.35),
    Style(stuff.COPPER, (0.014, 0.024), ("socket", "lever", "union"), 2.5),
    Style(stuff.CAST_IRON, (0.055, 0.085), ("flange", "wheel"), 2, 0.55),
    Style(stuff.painted("green"), (0.035, 0.07), ("flange", "wheel"), 1, 0.35),
    Style(stuff.painted("blue"), (0.035, 0.07), ("flange", "wheel"), 1.2, 0.3),
    Style(stuff.painted("red"), (0.03, 0.05), ("coupling", "flange", "wheel"), 1, 0.3),
    Style(stuff.painted("grey"), (0.035, 0.07), ("flange", "coupling"), 1, 0.35),
    Style(stuff.painted("yellow"), (0.02, 0.035), ("coupling", "lever"), 0.7, 0.2),
    Style(stuff.painted("cream"), (0.025, 0.05), ("coupling", "union"), 0.6, 0.4),
    Style(stuff.PVC_GREY, (0.025, 0.05), ("socket", "union"), 1.5),
    Style(stuff.PVC_WHITE, (0.02, 0.045), ("socket", "union"), 1.2),
    Style(stuff.FOIL, (0.05, 0.075), ("flange",), 0.8),
    Style(stuff.WRAP, (0.045, 0.07), ("flange",), 0.4),
    Style(stuff.FOAM, (0.03, 0.045), ("socket",), 0.5),
]


def draw_run(rng, height, gap, focus):
    """Return (parts, joints, front) of one random pipe run.

    `height` is the range of heights, `gap` the distance of its back from the wall,
    `focus` the x that the camera looks at; `front` is the z of its foremost side.
    """
    weights = np.array([style.weight for style in STYLES])
    style = STYLES[rng.choice(len(STYLES), p=weights / weights.sum())]
    radius = rng.uniform(*style.radii)
    material = style.material
    if style.rust:
        material = material.rusted(max(0, rng.uniform(-0.25, 1) * style.rust))
    z = gap + radius
    path = _draw_path(rng, height, focus, z)
    parts, joints = _lay(rng, path, radius, material, style)
    return parts, joints, z + radius


def _draw_path(rng, height, focus, z):
    """Return the corner points of a run: straight, or with one or two bends."""
    x = focus + rng.uniform(-0.45, 0.45)
    low, high = height
    y = rng.uniform(low + 0.3 * (high - low), high)
    side = rng.choice([-1, 1])
    far = focus + side * 4
    shapes = {
        "level": [(-far + 2 * focus, y), (far, y)],
        "upright": [(x, 4.0), (x, -0.2)],
        "down": [(far, y), (x, y), (x, -0.2)],
        "up": [(far, y), (x, y), (x, 4.0)],
        "step": [(far, y), (x, y), (x, y - rng.uniform(0.35, 0.6)), None],
    }
    kind = rng.choice(list(shapes), p=[0.36, 0.18, 0.16, 0.14, 0.16])
    points = shapes[kind]
    if kind == "step":
        points[3] = (-far + 2 * focus, points[2][1])
    return [np.array([px, py, z]) for px, py in points]


def _lay(rng, path, radius, material, style):
    """Return parts and joints of a pipe along a path."""
    bend = radius * rng.uniform(1.5, 2.2)
    grain = rng.random()
    parts, joints = [], []
    for k, (start, end) in enumerate(zip(path, path[1:])):
        axis = (end - start) / np.linalg.norm(end - start)
        first = start + axis * bend * (k > 0)
        last = end - axis * bend * (k < len(path) - 2)
        parts.append(fit.tube(first, last, radius, material, grain))
        more, places = _dress(rng, first, last, axis, radius, material, style)
        parts += more
        joints += places
    for corner in range(1, len(path) - 1):
        more, places = _turn(path, corner, bend, radius, material, style, grain)
        parts += more
        joints += places
    return parts, joints


def _turn(path, corner, bend, radius, material, style, grain):
    """Return parts and joints of the elbow at a corner."""
    before, after = (path[corner + k] - path[corner + k - 1] for k in (0, 1))
    before, after = before / np.linalg.norm(before), after / np.linalg.norm(after)
    thick = 1.0 if "flange" in style.joints else 1.12
    parts = [
        fit.elbow(path[corner], before, after, bend, radius * thick, material, grain)
    ]
    joints = []
    for axis, side in ((before, -1), (after, 1)):
        place = path[corner] + axis * side * (bend + 0.2 * radius)
        if "flange" in style.joints:
            parts += fit.flange(place, axis, radius, material, grain)
            joints.append(Joint(place, axis, 1.5 * radius, 0.2 * radius))
        else:
            parts.append(fit.band(place, axis, 1.22 * radius, 0.4 * radius, material))
            joints.append(Joint(place, axis, 1.22 * radius, 0.4 * radius))
    return parts, joints


def _dress(rng, start, end, axis, radius, material, style):
    """Return the fittings and joints along one straight piece."""
    length = np.linalg.norm(end - start)
    parts, joints = [], []
    position = rng.uniform(0.1, 0.5)
    while position < length - 6 * radius:
        place = start + axis * position
        if rng.random() < 0.28:
            parts += fit.clamp(place, axis, radius)
        elif rng.random() < 0.16 and radius < 0.06:
            parts += fit.gauge(place, axis, radius, rng.random())
        else:
            more, joint = _joint(rng, place, axis, radius, material, style)
            parts += more
            joints.append(joint)
        position += rng.uniform(0.28, 0.75) + 4 * radius
    return parts, joints


def _joint(rng, place, axis, radius, material, style):
    """Return the parts of one random joint of a style, and the Joint."""
    kind = rng.choice(style.joints)
    joint = Joint(place, axis, 1.25 * radius, 0.9 * radius)
    metal = stuff.CAST_IRON if style.material.grain in ("foil", "wrap") else material
    grain = rng.random()
    if kind == "wheel":
        paint = stuff.painted(rng.choice(["red", "blue", "yellow", "black"]))
        towards = [fit.TOWARDS, np.array([0, 0.8, 0.6])][rng.integers(2)]
        parts = fit.wheel_valve(place, axis, radius, metal, paint, towards)
        return parts, Joint(
            place + axis * 1.7 * radius, axis, 1.4 * radius, 0.4 * radius
        )
    if kind == "lever":
        paint = stuff.painted(rng.choice(["red", "blue", "yellow"]))
        parts = fit.lever_valve(place, axis, radius, paint)
        return parts, Joint(
            place + axis * 1.5 * radius, axis, 1.3 * radius, 0.5 * radius
        )
    if kind == "union" and style.material.grain == "tarnish":
        metal = stuff.BRASS
    if kind == "flange":
        joint = Joint(place, axis, 1.6 * radius, 0.15 * radius)
    return getattr(fit, kind)(place, axis, radius, metal, grain), joint
