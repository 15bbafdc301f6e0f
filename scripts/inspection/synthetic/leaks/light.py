"""Light in the leak scenes: lamps with soft shadows, and the room seen in metal."""

from dataclasses import dataclass, field

import numpy as np

from inspection.synthetic.leaks.camera import look_at
from inspection.synthetic.leaks.shapes import raster
from inspection.synthetic.noise import mix, step, tile

MAP_SIZE = 400  # pixels of a shadow map; a large lamp needs fewer
TAPS = np.random.default_rng(3).normal(0, 1, (7, 2)).astype(np.float32)
TAPS -= TAPS.mean(axis=0)


@dataclass
class Lamp:
    """A lamp: place, linear colour at 1 m, size in metres, cone (cosine, 0: bare)."""

    place: np.ndarray
    color: np.ndarray
    size: float
    target: np.ndarray
    cone: float = 0.0
    shadow: object = None

    def __post_init__(self):
        # all that meets pixels is single precision, or the arrays would be widened
        self.place, self.color, self.target = (
            np.asarray(x, np.float32) for x in (self.place, self.color, self.target)
        )

    def cast(self, parts):
        """Record which surfaces this lamp sees first."""
        size = round(MAP_SIZE * (0.5 if self.size > 0.5 else 1))
        view = look_at(self.place, self.target, size, size, 1.9)
        casters = [part for part in parts if part.casts]
        self.shadow = view, raster(casters, view)[0]

    def shine(self, points, normals, taps, stir=False):
        """Return the light [n, 3] that falls on points [n, 3] with unit normals."""
        to_lamp = self.place - points
        square = np.einsum("ij,ij->i", to_lamp, to_lamp)
        distance = np.sqrt(square)
        facing = np.einsum("ij,ij->i", to_lamp, normals) / distance
        power = np.maximum(facing, 0) / square
        if self.cone:
            aim = self.target - self.place
            along = -(to_lamp @ aim) / (distance * np.linalg.norm(aim))
            power *= step(self.cone - 0.12, self.cone + 0.12, along)
        power *= self.unshaded(points + np.float32(0.008) * normals, taps, stir)
        return power[:, None] * self.color

    def unshaded(self, points, taps, stir):
        """Return the share of the lamp that points see, by sampling its shadow map.

        `stir` turns the samples at each point, which trades bands for fine noise.
        """
        view, depth = self.shadow
        axes, origin = (x.astype(np.float32) for x in (view.axes, view.origin))
        local = (points - origin) @ axes.T
        away = np.maximum(local[:, 2], 1e-3)
        x = view.width / 2 + view.focal * local[:, 0] / away
        y = view.height / 2 + view.focal * local[:, 1] / away
        spread = 0.12 * self.size * view.focal / away
        away -= 0.006 + 0.006 * self.size
        wave_x, wave_y = spread, 0
        if stir:
            turn = tile()[1].ravel()[: len(points)] * np.float32(9)
            wave_x, wave_y = np.cos(turn) * spread, np.sin(turn) * spread
        lit = np.zeros(len(points), np.float32)
        for across, down in TAPS[:taps]:
            column = x + across * wave_x - down * wave_y
            row = y + across * wave_y + down * wave_x
            column = np.clip(column, 0, view.width - 1).astype(np.int32)
            row = np.clip(row, 0, view.height - 1).astype(np.int32)
            lit += depth.ravel()[row * view.width + column] > away
        return lit / np.float32(taps)


@dataclass
class Light:
    """All light of a scene: lamps, and what comes from ceiling, room and floor."""

    lamps: list
    above: np.ndarray
    around: np.ndarray
    below: np.ndarray
    strips: list = field(default_factory=list)

    def __post_init__(self):
        self.above, self.around, self.below = (
            np.asarray(x, np.float32) for x in (self.above, self.around, self.below)
        )

    def fall(self, points, normals, taps, stir=False):
        """Return the light [n, 3] falling on surface points."""
        up = (0.5 + 0.5 * normals[:, 1])[:, None]
        ambient = mix(self.below, mix(self.around, self.above, up), 0.25 + 0.75 * up)
        for lamp in self.lamps:
            ambient += lamp.shine(points, normals, taps, stir)
        return ambient

    def reflect(self, directions, rough):
        """Return what is seen along mirrored directions, the blurrier the rougher."""
        height, soft = directions[:, 1], 0.1 + 0.9 * rough
        up = step(-soft, soft, height - 0.02)[:, None]
        top = step(0.55 - soft, 0.55 + soft, height)[:, None]
        seen = mix(mix(self.below, self.around, up), self.above, top)
        for towards, wide, color in self.strips:
            reach = np.abs(directions @ towards.astype(np.float32) - wide[0])
            blur = wide[1] + 0.3 * rough
            glow = np.exp(-np.square(reach / blur)) * (wide[1] / blur)
            seen += glow[:, None] * color.astype(np.float32)
        return seen


def gleam(light, skin, normals, views, points):
    """Return the colour [n, 3] of surfaces: diffuse, mirrored room, lamp glints."""
    cosine = np.maximum(np.einsum("ij,ij->i", normals, -views), 0.02)
    mirrored = views + 2 * cosine[:, None] * normals
    edge = (1 - cosine) ** 5 * (1 - 0.7 * skin.rough)
    metal = skin.metal[:, None]
    base = mix(np.float32(0.04), skin.color, metal)
    shine = base + (1 - base) * edge[:, None]
    close = step(-0.02, 0.25, points[:, 2] + 0.25 * normals[:, 2])
    falling = light.fall(points, normals, 7) * (0.45 + 0.55 * close)[:, None]
    color = skin.color * (1 - metal) * falling
    room = light.reflect(mirrored, skin.rough) * (0.4 + 0.6 * close)[:, None]
    tone = 0.35 + 0.65 * np.minimum(falling / (light.around + 1e-3), 2.5)
    color += shine * room * mix(1.0, tone, 0.6)
    for lamp in light.lamps:
        color += shine * _glint(lamp, points, mirrored, skin.rough)
    return color


def _glint(lamp, points, mirrored, rough):
    """Return the highlight of one lamp on glossy surfaces."""
    to_lamp = lamp.place.astype(np.float32) - points
    distance = np.linalg.norm(to_lamp, axis=1)
    match = np.einsum("ij,ij->i", to_lamp, mirrored) / distance
    wide = np.square(rough) * 0.4 + 0.01
    lobe = np.exp((match - 1) / wide) * 0.12 / wide
    return np.minimum(lobe / np.square(distance), 40)[:, None] * lamp.color
