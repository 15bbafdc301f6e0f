"""Puddles on the floor and damp on the wall of the leak scenes."""

from dataclasses import dataclass

import cv2
import numpy as np

from inspection.datasets.leak_noise import fractal, mix, step


@dataclass
class Puddle:
    """Water on the floor round (x, z), with radii in metres and a ragged shore."""

    x: float
    z: float
    radii: tuple
    ragged: float
    seed: int
    drops: list  # (x, z) of places where drops fall


def draw_puddle(colour, scene, puddle, mirror):
    """Return (colour, alpha): the floor with a puddle that shows the `mirror` picture."""
    camera = scene.camera
    depth, x, z = _floor_places(camera)
    field = _shore(puddle, x, z)
    floor = (depth > 0) & (depth < 50)
    alpha = step(-0.03, 0.03, field) * floor
    wet = step(-0.32, -0.02, field) * floor
    slope = _ripples(puddle, x, z, field)
    columns, rows = np.meshgrid(np.arange(camera.width), np.arange(camera.height))
    shift = (slope * camera.focal * 0.6).astype(np.float32)
    seen = cv2.remap(
        mirror,
        (columns + shift[..., 0]).astype(np.float32),
        (rows + shift[..., 1]).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    cosine = camera.origin[1] / depth / np.linalg.norm(np.stack(camera.rays()), axis=0)
    mirrored = 0.18 + 0.75 * (1 - np.clip(cosine, 0, 1)) ** 2
    water = colour * 0.42 * (1 - mirrored[..., None]) + seen * mirrored[..., None]
    rim = np.exp(-np.square((field - 0.05) / 0.035)) * step(0.0, 0.5, slope[..., 2])
    water += (0.12 * rim)[..., None] * scene.light.above
    colour = colour * (1 - 0.45 * wet)[..., None]
    return mix(colour, water, alpha[..., None]).astype(np.float32), alpha


def _floor_places(camera):
    """Return depth, x and z of each pixel on the floor; depth <= 0 above the horizon."""
    rays = camera.rays()
    speed = np.where(np.abs(rays[1]) < 1e-6, 1e-6, rays[1])
    depth = -camera.origin[1] / speed
    return depth, camera.origin[0] + depth * rays[0], camera.origin[2] + depth * rays[2]


def _shore(puddle, x, z):
    """Return a field that is positive inside the puddle and 0 on its shore."""
    u, v = (x - puddle.x) / puddle.radii[0], (z - puddle.z) / puddle.radii[1]
    rng = np.random.default_rng(puddle.seed)
    map_ = fractal(rng, (256, 256), 70, 4)
    noise = cv2.remap(
        map_,
        ((u + 2) * 64).astype(np.float32),
        ((v + 2) * 64).astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return 1 - np.sqrt(u * u + v * v) + puddle.ragged * noise


def _ripples(puddle, x, z, field):
    """Return slopes (across, away) of the water, and how much the shore faces light."""
    slope = np.zeros((*x.shape, 3), np.float32)
    rng = np.random.default_rng(puddle.seed + 1)
    slope[..., 0] = 0.004 * fractal(rng, x.shape, (8, 30), 2)
    slope[..., 1] = 0.006 * fractal(rng, x.shape, (8, 30), 2)
    for px, pz in puddle.drops:
        away = np.hypot(x - px, z - pz)
        wave = 0.05 * np.sin(away * 160) * np.exp(-away * 9)
        slope[..., 0] += wave * (x - px) / (away + 1e-3)
        slope[..., 1] += wave * (z - pz) / (away + 1e-3)
    slope[..., 2] = np.clip(0.6 - (z - puddle.z) / puddle.radii[1], 0, 1)
    return slope


def dampen(sheet, rng, x, y, wide, tall):
    """Darken the wall sheet in a ragged stain that runs down from (x, y)."""
    s, t = sheet.place()
    u = (s - x) / wide
    v = (t - (y - 0.4 * tall)) / tall
    noise = sheet.noise(rng, (0.5, 0.16), 5)
    field = 1 - np.sqrt(u * u + v * v) + 0.28 * noise
    wet = step(0.0, 0.35, field)
    rim = np.exp(-np.square(field / 0.06))
    sheet.colour *= (1 - 0.42 * wet - 0.1 * rim)[..., None]
