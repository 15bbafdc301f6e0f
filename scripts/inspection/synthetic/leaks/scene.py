"""Compose leak scenes: a room, pipes, lamps, a camera, and what leaks."""

from dataclasses import dataclass, field

import numpy as np

from inspection.synthetic.leaks import fittings as fit
from inspection.synthetic.leaks import materials as stuff
from inspection.synthetic.leaks.camera import look_at
from inspection.synthetic.leaks.grime import dampen, weather_floor, weather_wall
from inspection.synthetic.leaks.light import Lamp, Light
from inspection.synthetic.leaks.pipes import draw_run
from inspection.synthetic.leaks.puddle import Puddle
from inspection.synthetic.leaks.shapes import ScenePart
from inspection.synthetic.leaks.surfaces import FLOORS, WALLS, Sheet, draw_surface
from inspection.synthetic.leaks.view import Plane
from inspection.synthetic.leaks.water import make_drip, make_jet, make_pour

WIDTH, HEIGHT = 640, 480
TEXELS = 360_000  # of a wall or floor
REACHES = {"jet": (0.9, 2.1), "pour": (0.9, 1.9), "drip": (0.5, 1.1)}  # metres to it
APART = 130  # pixels between two leaks of one picture


@dataclass
class Scene:
    """Everything that one picture shows; places in metres."""

    camera: object
    planes: list
    parts: list
    light: Light
    leaks: list = field(default_factory=list)
    puddles: list = field(default_factory=list)


def compose(rng, width=WIDTH, height=HEIGHT):
    """Return a random scene."""
    parts, joints = _draw_pipes(rng)
    parts += _draw_clutter(rng)
    hero = joints[rng.integers(len(joints))]
    kind = _choose_kind(rng, hero)
    near, far = REACHES[kind]
    camera = _draw_camera(rng, hero.place, rng.uniform(near, far), width, height)
    scene = Scene(camera, [], parts, _draw_light(rng, hero.place, camera))
    _add_water(rng, scene, hero, kind, joints)
    scene.planes = _draw_planes(rng, scene)
    for lamp in scene.light.lamps:
        lamp.cast(parts)
    return scene


def _draw_pipes(rng):
    """Return parts and joints of one to four runs, with a joint near the middle."""
    while True:
        parts, joints, back = [], [], rng.uniform(0.01, 0.05)
        for number in range(rng.choice([1, 2, 3, 4], p=[0.14, 0.38, 0.34, 0.14])):
            more, places, front = draw_run(rng, back, number == 0)
            parts, joints = parts + more, joints + places
            back = front + rng.uniform(0.0, 0.04)
        near = [j for j in joints if abs(j.place[0]) < 1.1 and 0.12 < j.place[1] < 1.35]
        if near:
            return parts, near


def _draw_clutter(rng):
    """Return things that carry no water: a conduit, a box, a cable, a kerb."""
    parts = []
    if rng.random() < 0.45:
        x = rng.uniform(-0.9, 0.9)
        y = rng.uniform(0.5, 1.2)
        grey = stuff.PLASTIC
        parts.append(
            fit.tube(np.array([x, y, 0.012]), np.array([x, 2.2, 0.012]), 0.01, grey)
        )
        size = rng.uniform(0.035, 0.08), rng.uniform(0.04, 0.11), 0.03
        parts.append(ScenePart("box", np.array([x, y, 0.03]), np.eye(3), size, grey))
    if rng.random() < 0.4:
        start = np.array([rng.uniform(-1.8, -0.4), rng.uniform(0.7, 1.4), 0.02])
        end = np.array([rng.uniform(0.4, 1.8), rng.uniform(0.7, 1.4), 0.02])
        shade = [stuff.RUBBER, stuff.PLASTIC, stuff.painted("blue")][rng.integers(3)]
        parts += fit.cable(start, end, rng.uniform(0.05, 0.3), 0.006, shade)
    if rng.random() < 0.35:
        tone = tuple(np.array([1.0, 0.98, 0.94]) * rng.uniform(0.05, 0.3))
        kerb = stuff.Material(tone, 0.0, 0.8, "stone")
        size = 2.6, rng.uniform(0.03, 0.08), rng.uniform(0.01, 0.04)
        parts.append(ScenePart("box", np.zeros(3), np.eye(3), size, kerb))
    return parts


def _draw_camera(rng, hero, away, width, height):
    """Return a hand-held view that has the hero joint in its upper middle."""
    target = hero + [rng.uniform(-0.24, 0.24) * away, rng.uniform(-0.3, 0.0) * away, 0]
    target[1] = max(target[1], 0.18 * away)  # not all of it floor
    turn, rise = rng.uniform(-0.55, 0.55), rng.uniform(0.05, 0.6)
    towards = np.array(
        [np.sin(turn) * np.cos(rise), np.sin(rise), np.cos(turn) * np.cos(rise)]
    )
    angle = rng.uniform(0.85, 1.1)
    return look_at(
        target + away * towards, target, width, height, angle, rng.normal(0, 0.03)
    )


def _draw_light(rng, hero, camera):
    """Return one lamp with hard shadows, one soft one, and the light of the room."""
    warm, cool = np.array([1.0, 0.82, 0.6]), np.array([0.85, 0.95, 1.0])
    tint = warm + (cool - warm) * rng.random()
    side = rng.choice([-1, 1])
    middle = hero * [1, 1, 0]
    reach = [side * rng.uniform(0.2, 1.4), rng.uniform(0.5, 1.5), rng.uniform(0.6, 1.6)]
    place, cone = middle + reach, rng.choice([0.0, 0.7, 0.8])
    level = rng.uniform(0.15, 0.4)
    if rng.random() < 0.15:  # a torch in the hand, little light else
        place, cone = camera.origin + [0.15 * side, 0.15, 0.05], 0.85
        level = rng.uniform(0.05, 0.12)
    power = np.square(place - middle).sum()
    key = Lamp(
        place,
        tint * power * rng.uniform(0.6, 1.5),
        rng.uniform(0.04, 0.3),
        middle,
        cone,
    )
    back = middle + [-side * 1.5, 1.5, 2.0]
    fill = Lamp(back, (cool + 0.3) * level * rng.uniform(2, 5), 0.9, middle)
    window = np.array([side, 0.0, 0.3]) / np.hypot(1, 0.3)
    strips = [
        (np.array([0.0, 1.0, 0.0]), (rng.uniform(0.5, 0.8), 0.06), tint * 3 * level),
        (window, (0.8, 0.06), cool * 2.5 * level),
    ]
    below = np.array([0.5, 0.45, 0.4]) * level * 0.6
    return Light([key, fill], tint * level, cool * level * 0.6, below, strips)


def _draw_planes(rng, scene):
    """Return back wall, floor and at times a side wall, painted where they are seen."""
    x, y, z = np.eye(3)
    planes = [Plane(np.zeros(3), x, y, z), Plane(np.zeros(3), x, z, y)]
    if rng.random() < 0.2:
        side = rng.choice([-1, 1])
        planes.append(Plane(side * rng.uniform(0.6, 1.2) * x, z, y, -side * x))
    seeds = rng.integers(1 << 30, size=5)
    for number, plane in enumerate(planes):
        gap = plane.normal @ (scene.camera.origin - plane.corner)
        extent = plane.extent(scene.camera)
        plane.sheet = _cut_sheet(extent, scene.camera.focal / max(gap, 0.4))
        floor = number == 1
        kinds, weather = (FLOORS, weather_floor) if floor else (WALLS, weather_wall)
        # the walls of a room are of one kind
        draw_surface(kinds, plane.sheet, np.random.default_rng(seeds[int(floor)]))
        weather(plane.sheet, np.random.default_rng(seeds[2 + number]))
    _wet(rng, planes[0].sheet, scene.leaks)
    _bake(planes, scene.light.lamps[0])
    return planes


def _wet(rng, wall, leaks):
    """Darken the wall where the water of a leak has run down."""
    for leak in leaks:
        if rng.random() < 0.6:
            x, y, _ = leak.source
            dampen(wall, rng, x, y, rng.uniform(0.08, 0.22), rng.uniform(0.25, 0.5))


def _bake(planes, lamp):
    """Shade the relief of walls and floor by a lamp."""
    towards = lamp.place - lamp.target
    for plane in planes:
        rise = max(towards @ plane.normal, 0.3)
        plane.sheet.bake((towards @ plane.along / rise, towards @ plane.across / rise))


def _cut_sheet(extent, pixels):
    """Return an empty Sheet, as fine as is seen and can be afforded."""
    left, right, low, high = extent
    affordable = np.sqrt(TEXELS / (right - left) / (high - low))
    return Sheet(left, right, low, high, float(min(pixels, affordable)))


def _choose_kind(rng, joint):
    """Return what comes out of a joint: drips and pours only below level pipes."""
    if abs(joint.axis[1]) > 0.5:
        return "jet"
    return rng.choice(["jet", "pour", "drip"], p=[0.46, 0.27, 0.27])


def _add_water(rng, scene, hero, kind, joints):
    """Choose what leaks, and put puddles where the water goes."""
    leaking = []
    if rng.random() < 0.86:
        leaking = [(hero, kind)]
        others = [joint for joint in joints if _far(joint, hero, scene.camera)]
        if others and rng.random() < 0.28:
            joint = others[rng.integers(len(others))]
            other = _choose_kind(rng, joint)
            # drops far away are too small to see
            leaking.append((joint, "pour" if other == "drip" else other))
    for joint, kind in leaking:
        scene.leaks.append(_spring(rng, joint, kind))
        if rng.random() < 0.85:
            scene.puddles.append(_pool(rng, scene.leaks[-1].source))
    if not leaking and rng.random() < 0.4:  # the leak is out of the picture
        scene.puddles.append(_pool(rng, hero.place))


def _far(joint, hero, camera):
    """Tell whether a joint is well in view and not near another one."""
    x, y, depth = camera.project(np.stack([joint.place, hero.place]))
    inside = 40 < x[0] < camera.width - 40 and 30 < y[0] < camera.height - 80
    return inside and depth.min() > 0.3 and np.hypot(x[0] - x[1], y[0] - y[1]) > APART


def _spring(rng, joint, kind):
    """Return a leak of a kind at a joint."""
    if kind == "jet":
        front = np.array([0.0, 0.0, 1.0])
        turn = rng.uniform(-1.4, 1.4)
        normal = np.cos(turn) * front + np.sin(turn) * np.cross(joint.axis, front)
        return make_jet(rng, joint.place + normal * joint.radius, normal, joint.axis)
    source = joint.place - np.array([0.0, joint.radius, 0.0])
    make = make_pour if kind == "pour" else make_drip
    return make(rng, source, joint.axis, joint.half)


def _pool(rng, source):
    """Return a puddle below a leak."""
    wide = rng.uniform(0.14, 0.42)
    deep = wide * rng.uniform(0.45, 0.85)
    x = source[0] + rng.uniform(-0.1, 0.1)
    z = max(source[2] + rng.uniform(0.0, 0.25), 0.5 * deep)
    seed = int(rng.integers(1 << 30))
    return Puddle(x, z, (wide, deep), rng.uniform(0.08, 0.26), seed, [(source[0], z)])
