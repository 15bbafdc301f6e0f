"""Pipe runs of the leak scenes: where pipes go, and what sits on them."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from inspection.synthetic.leaks import fittings as fit
from inspection.synthetic.leaks import materials as stuff

REACH = 2.2  # metres to the left, right and top that a run goes on


@dataclass
class Joint:
    """A place where a pipe can leak: centre, axis, outer radius and half length."""

    place: np.ndarray
    axis: np.ndarray
    radius: float
    half: float


@dataclass(frozen=True)
class Style:
    """A kind of pipe: material, radii in metres, joints, elbow, share, rust."""

    material: stuff.Material
    radii: tuple
    joints: tuple
    elbow: str
    weight: float
    rust: float = 0.0


THREADED = ("coupling", "union", "wheel")
BOLTED = ("flange", "flange", "wheel")
STYLES = [
    Style(stuff.GALVANISED, (0.02, 0.04), THREADED, "collar", 3, 0.5),
    Style(stuff.COPPER, (0.014, 0.022), ("socket", "lever", "union"), "socket", 2.5),
    Style(stuff.CAST_IRON, (0.05, 0.075), BOLTED, "flange", 2, 0.6),
    Style(stuff.painted("green"), (0.03, 0.055), BOLTED, "flange", 1, 0.4),
    Style(stuff.painted("blue"), (0.03, 0.055), BOLTED, "flange", 1.2, 0.35),
    Style(stuff.painted("red"), (0.025, 0.045), THREADED, "collar", 1, 0.35),
    Style(stuff.painted("grey"), (0.03, 0.06), BOLTED, "flange", 1, 0.4),
    Style(
        stuff.painted("yellow"),
        (0.018, 0.03),
        ("coupling", "lever"),
        "collar",
        0.7,
        0.3,
    ),
    Style(
        stuff.painted("cream"),
        (0.02, 0.045),
        ("coupling", "union"),
        "collar",
        0.6,
        0.45,
    ),
    Style(stuff.PVC_GREY, (0.022, 0.045), ("socket", "union"), "socket", 1.5),
    Style(stuff.PVC_WHITE, (0.018, 0.04), ("socket", "union"), "socket", 1.2),
    Style(stuff.FOIL, (0.045, 0.07), ("flange",), "plain", 0.8),
    Style(stuff.WRAP, (0.04, 0.065), ("flange",), "plain", 0.5),
    Style(stuff.FOAM, (0.028, 0.04), ("socket",), "plain", 0.5),
]
SLEEVES = {
    "collar": (1.22, 0.4),
    "socket": (1.14, 0.6),
    "flange": (1.6, 0.2),
    "plain": (1.0, 0.3),
}


class PipeRun:
    """One pipe from end to end: its parts and its joints, laid by `draw_run`."""

    def __init__(self, rng, style, first):
        self.rng, self.style, self.first = rng, style, first
        self.radius = rng.uniform(*style.radii)
        rust = max(0.0, rng.uniform(-0.35, 1.0)) * style.rust
        self.material = style.material.rusted(rust) if rust else style.material
        lagged = style.material.grain in ("foil", "wrap")
        self.metal = stuff.CAST_IRON.rusted(0.3) if lagged else self.material
        self.grain = rng.random()
        self.parts, self.joints = [], []

    @property
    def girth(self):
        """Return the largest radius of a fitting on this run."""
        return self.radius * (1.9 if "flange" in self.style.joints else 1.5)

    def add_joint(self, place, axis, wide, half):
        """Remember a place that can leak; sizes are in pipe radii."""
        self.joints.append(Joint(place, axis, wide * self.radius, half * self.radius))


def draw_run(rng, back, first):
    """Return (parts, joints, front) of a random run in front of the depth `back`.

    The `first` run is the one that is clipped to the wall; `front` is the z of its
    foremost fitting.
    """
    weights = np.array([style.weight for style in STYLES])
    style = STYLES[rng.choice(len(STYLES), p=weights / weights.sum())]
    run = PipeRun(rng, style, first)
    z = back + run.girth
    path = _draw_path(rng, z)
    bend = run.radius * rng.uniform(1.5, 2.2)
    for k, (start, end) in enumerate(pairwise(path)):
        axis = (end - start) / np.linalg.norm(end - start)
        start = start + axis * bend * (k > 0)
        end = end - axis * bend * (k < len(path) - 2)
        _lay(run, start, end, axis)
    for corner in range(1, len(path) - 1):
        _turn(run, *path[corner - 1 : corner + 2], bend)
    return run.parts, run.joints, z + run.girth


def _draw_path(rng, z):
    """Return the corners of a run: straight, or with one or two bends."""
    x, y = rng.uniform(-0.7, 0.7), rng.uniform(0.25, 1.0)
    far = rng.choice([-1, 1]) * REACH
    low = max(0.12, y - rng.uniform(0.3, 0.55))
    shapes = {
        "level": [(-far, y), (far, y)],
        "upright": [(x, REACH), (x, -0.05)],
        "down": [(far, y), (x, y), (x, -0.05)],
        "up": [(far, y), (x, y), (x, REACH)],
        "step": [(far, y), (x, y), (x, low), (-far, low)],
    }
    kind = rng.choice(list(shapes), p=[0.4, 0.14, 0.16, 0.12, 0.18])
    return [np.array([px, py, z]) for px, py in shapes[kind]]


def _lay(run, start, end, axis):
    """Lay one straight piece of pipe with its fittings."""
    rng, radius = run.rng, run.radius
    run.parts.append(fit.tube(start, end, radius, run.material, run.grain))
    if min(start[1], end[1]) < 0:
        collar = np.array([start[0], 0.004, start[2]])
        run.parts.append(fit.band(collar, axis, 1.5 * radius, 0.006, stuff.STEEL))
    length = np.linalg.norm(end - start)
    position = rng.uniform(0.08, 0.4)
    while position < length - 6 * radius:
        _fit(run, start + axis * position, axis)
        position += rng.uniform(0.22, 0.6) + 4 * radius


def _fit(run, place, axis):
    """Put a clip, a gauge, a colour band, a branch or a joint on the pipe."""
    rng, radius = run.rng, run.radius
    probability = rng.random()
    if probability < 0.24:
        if run.first:
            run.parts.extend(fit.clamp(place, axis, radius))
    elif probability < 0.34 and radius < 0.05:
        run.parts.extend(fit.gauge(place, axis, radius, rng.random()))
    elif probability < 0.42:
        paint = stuff.painted(rng.choice(["green", "blue", "yellow", "red"]))
        run.parts.append(fit.band(place, axis, 1.015 * radius, 0.05, paint))
    elif probability < 0.5 and abs(axis[1]) < 0.5:
        _branch(run, place, axis)
    else:
        _join(run, place, axis)


def _branch(run, place, axis):
    """Let a thinner pipe leave up or down."""
    down = np.array([0.0, run.rng.choice([-1.0, 1.0]), 0.0])
    thin = run.radius * run.rng.uniform(0.6, 1.0)
    end = np.array([place[0], -0.05 if down[1] < 0 else REACH, place[2]])
    run.parts.append(fit.tube(place, end, thin, run.material, run.grain))
    run.parts.extend(fit.tee(place, axis, down, run.radius, thin, run.metal, run.grain))
    run.add_joint(place, axis, 1.25, 1.1)


def _join(run, place, axis):
    """Put a random joint of the run's style on the pipe."""
    rng, radius, metal = run.rng, run.radius, run.metal
    kind = rng.choice(run.style.joints)
    grain = rng.random()
    if kind == "wheel":
        paint = stuff.painted(rng.choice(["red", "blue", "yellow", "black"]))
        towards = [fit.TOWARDS, np.array([0, 0.8, 0.6])][rng.integers(2)]
        run.parts.extend(fit.wheel_valve(place, axis, radius, metal, paint, towards))
        run.add_joint(place + axis * 1.7 * radius, axis, 1.4, 0.4)
    elif kind == "lever":
        paint = stuff.painted(rng.choice(["red", "blue", "yellow"]))
        run.parts.extend(fit.lever_valve(place, axis, radius, paint))
        run.add_joint(place + axis * 1.5 * radius, axis, 1.35, 0.5)
    else:
        if kind == "union" and run.material.grain == "tarnish":
            metal = stuff.BRASS
        run.parts.extend(getattr(fit, kind)(place, axis, radius, metal, grain))
        sizes = {"flange": (1.7, 0.3), "union": (1.4, 0.9)}
        run.add_joint(place, axis, *sizes.get(kind, (1.2, 1.1)))


def _turn(run, before, corner, after, bend):
    """Put the elbow at a corner."""
    radius, kind = run.radius, run.style.elbow
    inward = (corner - before) / np.linalg.norm(corner - before)
    outward = (after - corner) / np.linalg.norm(after - corner)
    thick = radius * (1.1 if kind in ("collar", "socket") else 1.0)
    run.parts.append(
        fit.elbow(corner, inward, outward, bend, thick, run.material, run.grain)
    )
    wide, half = SLEEVES[kind]
    for axis, side in ((inward, -1), (outward, 1)):
        place = corner + axis * side * (bend + half * radius)
        if kind == "flange":
            run.parts.extend(fit.flange(place, axis, radius, run.metal, run.grain))
        elif kind != "plain":
            run.parts.append(
                fit.band(place, axis, wide * radius, half * radius, run.material)
            )
        run.add_joint(place, axis, wide, half)
