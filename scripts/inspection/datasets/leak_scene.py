"""Compose leak scenes: a room, pipes, lamps, a camera, and what leaks."""

from dataclasses import dataclass, field

import numpy as np

from inspection.datasets.leak_camera import look_at
from inspection.datasets.leak_light import Lamp, Light
from inspection.datasets.leak_pipes import draw_run
from inspection.datasets.leak_puddle import Puddle, dampen
from inspection.datasets.leak_surfaces import FLOORS, WALLS, Sheet, draw_surface
from inspection.datasets.leak_view import Plane
from inspection.datasets.leak_water import make_drip, make_jet, make_pour

WIDTH, HEIGHT = 640, 480


@dataclass
class Scene:
    """Everything that one picture shows; places in metres."""

    camera: object
    planes: list
    parts: list
    joints: list
    light: Light
    leaks: list = field(default_factory=list)
    puddles: list = field(default_factory=list)


def compose(rng):
    """Return a random scene."""
    camera = _draw_camera(rng)
    light = _draw_light(rng)
    planes = _draw_planes(rng, camera)
    parts, joints = _draw_pipes(rng, camera)
    scene = Scene(camera, planes, parts, joints, light)
    _add_water(rng, scene)
    _bake(planes, light)
    for lamp in light.lamps:
        lamp.cast(parts)
    return scene


def _draw_camera(rng):
    """Return a hand-held view of the foot of a wall."""
    away = rng.uniform(1.0, 2.1)
    target = np.array([0.0, rng.uniform(0.35, 0.7), 0.1])
    turn = rng.uniform(-0.5, 0.5)
    height = target[1] + rng.uniform(0.15, 0.8)
    origin = np.array([away * np.sin(turn), height, away * np.cos(turn)])
    angle = rng.uniform(0.85, 1.1)
    return look_at(origin, target, WIDTH, HEIGHT, angle, rng.normal(0, 0.025))


def _draw_light(rng):
    """Return one lamp with hard shadows, one soft one, and the light of the room."""
    warm, cool = np.array([1.0, 0.82, 0.6]), np.array([0.85, 0.95, 1.0])
    tint = warm + (cool - warm) * rng.random()
    side = rng.choice([-1, 1])
    place = np.array(
        [side * rng.uniform(0.3, 1.6), rng.uniform(1.6, 2.5), rng.uniform(0.6, 1.6)]
    )
    target = np.array([rng.uniform(-0.3, 0.3), 0.5, 0.0])
    cone = rng.choice([0.0, 0.7, 0.8])
    key = Lamp(
        place, tint * rng.uniform(2.5, 5.0), rng.uniform(0.05, 0.3), target, cone
    )
    back = np.array([-side * 1.5, 2.0, 2.0])
    fill = Lamp(back, (cool + 0.3) * rng.uniform(0.5, 1.5), 0.9, target)
    level = rng.uniform(0.15, 0.4)
    window = np.array([side, 0.0, 0.3]) / np.hypot(1, 0.3)
    strips = [
        (np.array([0.0, 1.0, 0.0]), (rng.uniform(0.5, 0.8), 0.06), tint * 3 * level),
        (window, (0.8, 0.06), cool * 2.5 * level),
    ]
    below = np.array([0.5, 0.45, 0.4]) * level * 0.6
    return Light([key, fill], tint * level, cool * level * 0.6, below, strips)


def _draw_planes(rng, camera):
    """Return the back wall and the floor."""
    pixels = min(camera.focal / np.linalg.norm(camera.origin) * 1.1, 420)
    wall = Sheet(-2.2, 2.2, 0.0, 2.2, pixels)
    draw_surface(WALLS, wall, rng)
    floor = Sheet(-2.0, 2.0, 0.0, 1.8, pixels)
    draw_surface(FLOORS, floor, rng)
    x, y, z = np.eye(3)
    corner = np.zeros(3)
    return [Plane(corner, x, y, z, wall), Plane(corner, x, z, y, floor)]


def _bake(planes, light):
    """Shade the relief of wall and floor by the first lamp."""
    to_lamp = light.lamps[0].place - light.lamps[0].target
    planes[0].sheet.bake(to_lamp[[0, 1]] / to_lamp[2])
    planes[1].sheet.bake(to_lamp[[0, 2]] / to_lamp[1])


def _draw_pipes(rng, camera):
    """Return parts and joints of one to three runs, with at least one joint in view."""
    while True:
        parts, joints, gap = [], [], rng.uniform(0.02, 0.06)
        for _ in range(rng.choice([1, 2, 3], p=[0.3, 0.45, 0.25])):
            more, places, front = draw_run(rng, (0.3, 1.1), gap, 0.0)
            parts += more
            joints += places
            gap = front + rng.uniform(0.02, 0.05)
        joints = [joint for joint in joints if _in_view(joint.place, camera)]
        if joints:
            return parts, joints


def _in_view(place, camera, margin=50):
    x, y, _ = camera.project(place)
    return (
        margin < x < camera.width - margin and margin < y < camera.height - 2 * margin
    )


def _add_water(rng, scene):
    """Choose joints that leak, and put puddles and damp where the water goes."""
    count = min(rng.choice([0, 1, 2], p=[0.2, 0.62, 0.18]), len(scene.joints))
    wall = scene.planes[0].sheet
    for k in rng.permutation(len(scene.joints))[:count]:
        leak = _spring(rng, scene.joints[k])
        scene.leaks.append(leak)
        if rng.random() < 0.7:
            scene.puddles.append(_pool(rng, leak.source))
    for _ in range(rng.choice([0, 1, 2], p=[0.5, 0.35, 0.15])):
        place = rng.uniform(-0.7, 0.7), rng.uniform(0.2, 1.2)
        dampen(wall, rng, *place, rng.uniform(0.08, 0.25), rng.uniform(0.15, 0.5))


def _spring(rng, joint):
    """Return a leak at a joint: drips and pours only below level pipes."""
    level = abs(joint.axis[1]) < 0.5
    kind = rng.choice(["jet", "pour", "drip"], p=[0.45, 0.25, 0.3]) if level else "jet"
    front = np.array([0.0, 0.0, 1.0])
    across = np.cross(joint.axis, front)
    if kind == "jet":
        turn = rng.uniform(-1.5, 1.5)
        normal = np.cos(turn) * front + np.sin(turn) * across
        return make_jet(rng, joint.place + normal * joint.radius, normal, joint.axis)
    source = joint.place - np.array([0.0, joint.radius, 0.0])
    make = make_pour if kind == "pour" else make_drip
    return make(rng, source, joint.axis, joint.half)


def _pool(rng, source):
    """Return a puddle below a leak."""
    wide = rng.uniform(0.15, 0.45)
    deep = wide * rng.uniform(0.45, 0.8)
    z = source[2] + rng.uniform(0.0, 0.25)
    x = source[0] + rng.uniform(-0.1, 0.1)
    return Puddle(
        x,
        max(z, 0.6 * deep),
        (wide, deep),
        rng.uniform(0.1, 0.3),
        int(rng.integers(1 << 30)),
        [(source[0], z)],
    )
