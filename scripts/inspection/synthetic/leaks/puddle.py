"""Puddles on the floor of the leak scenes, which mirror wall, pipes and jets."""

from dataclasses import dataclass

import cv2
import numpy as np

from inspection.synthetic.noise import fractal, mix, step

SHORE = 0.03  # half width of the edge of the water, in puddle radii


@dataclass
class Puddle:
    """Water on the floor round (x, z), with radii in metres and a ragged shore."""

    x: float
    z: float
    radii: tuple
    ragged: float
    seed: int
    drops: list  # (x, z) of places where water falls in

    def window(self, camera):
        """Return the pixel window of the puddle, which may go beyond the picture."""
        rx, rz = 1.7 * self.radii[0], 1.7 * self.radii[1]
        near, far = self.z + rz, max(self.z - rz, 0.0)
        corners = [(self.x + sx * rx, 0.0, z) for sx in (-1, 1) for z in (near, far)]
        x, y, depth = camera.project(np.array(corners))
        if depth.min() < 0.15:
            return 0, 0, camera.width, camera.height
        limits = np.array([camera.width, camera.height])
        low = np.clip([x.min(), y.min()], -limits, limits).astype(int)
        high = np.clip([x.max() + 1, y.max() + 1], -limits, 2 * limits).astype(int)
        return *low, *np.maximum(high, low + 1)

    def shore(self, x, z, grown=1.0):
        """Return a field that is positive inside the puddle and 0 on its shore."""
        u, v = (x - self.x) / self.radii[0], (z - self.z) / self.radii[1]
        rng = np.random.default_rng(self.seed)
        rough = fractal(rng, (256, 256), 70, 4)
        places = [((w + 2) * 64).astype(np.float32) for w in (u, v)]
        noise = cv2.remap(
            rough, *places, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
        )
        return grown - np.sqrt(u * u + v * v) + self.ragged * noise


def floor_places(camera, planes):
    """Return depth, x, z and visibility of the floor (planes[1]) at each pixel."""
    floor = planes[1].depth(camera)
    others = [plane.depth(camera) for k, plane in enumerate(planes) if k != 1]
    shown = (floor < 50) & (floor <= np.min(others, axis=0))
    rays = camera.rays()
    depth = np.minimum(floor, 50)
    x = camera.origin[0] + depth * rays[0]
    z = camera.origin[2] + depth * rays[2]
    return depth, x.astype(np.float32), z.astype(np.float32), shown


def cover_of(puddles, places, grown=1.0):
    """Return the shore field of all puddles and the share of each pixel they cover."""
    _, x, z, shown = places
    field = np.max([puddle.shore(x, z, grown) for puddle in puddles], axis=0)
    return field, step(-SHORE, SHORE, field) * shown


def draw_puddles(color, scene, camera, places, mirror, time=0.0, grown=1.0):
    """Return (colour, cover): a floor `colour` under puddles that show `mirror`."""
    depth, x, z, shown = places
    field, cover = cover_of(scene.puddles, places, grown)
    slope = _ripples(scene.puddles, x, z, time)
    columns, rows = np.meshgrid(np.arange(camera.width), np.arange(camera.height))
    bend = (0.5 * camera.focal / depth)[..., None] * slope
    seen = cv2.remap(
        mirror,
        (columns + bend[..., 0]).astype(np.float32),
        (rows + bend[..., 1]).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    length = np.sqrt(sum(ray * ray for ray in camera.rays()))
    cosine = np.clip(camera.origin[1] / depth / length, 0, 1)
    shine = (0.26 + 0.74 * (1 - cosine) ** 2)[..., None]
    water = color * 0.35 * (1 - shine) + seen * shine
    rim = np.exp(-np.square((field - 0.02) / 0.025)) * cover
    water += (0.1 * rim)[..., None] * scene.light.above
    wet = step(-0.3, -0.03, field) * shown
    return mix(color * (1 - 0.4 * wet)[..., None], water, cover[..., None]), cover


def _ripples(puddles, x, z, time):
    """Return the slopes (across, away) of the water: rings round each falling drop."""
    rng = np.random.default_rng(puddles[0].seed + 1)
    slope = np.stack([fractal(rng, x.shape, (6, 30), 2) for _ in range(2)], -1) * 0.006
    for puddle in puddles:
        for px, pz in puddle.drops:
            away = np.hypot(x - px, z - pz) + 1e-3
            wave = 0.07 * np.sin(away * 170 - time * 25) * np.exp(-away * 10)
            slope[..., 0] += wave * (x - px) / away
            slope[..., 1] += wave * (z - pz) / away
    return slope
