"""Draw a dry leak scene: walls and floor, then pipes over them, as linear light."""

from dataclasses import dataclass

import cv2
import numpy as np

from inspection.synthetic.leaks.light import gleam
from inspection.synthetic.leaks.materials import skins
from inspection.synthetic.leaks.shapes import FAR, raster, skin_places
from inspection.synthetic.noise import step

OVERSAMPLE = 2  # pipe pixels a side for each picture pixel


@dataclass
class Plane:
    """A flat surface: corner + s * along + t * across, painted by a Sheet of (s, t)."""

    corner: np.ndarray
    along: np.ndarray
    across: np.ndarray
    normal: np.ndarray  # towards the room
    sheet: object = None

    def depth(self, camera):
        """Return the depth of each pixel of a camera on this plane, FAR from behind."""
        u, v = camera.slopes()
        tilt = (camera.axes @ self.normal).astype(np.float32)
        speed = tilt[0] * u[None, :] + (tilt[1] * v[:, None] + tilt[2])
        gap = np.float32(self.normal @ (self.corner - camera.origin))
        if gap >= 0:
            return np.full_like(speed, FAR)
        return gap / np.minimum(speed, gap / FAR)

    def extent(self, camera):
        """Return left, right, low, high of what the camera sees, with a margin."""
        coarse = camera.scaled(0.05)
        depth = self.depth(coarse)
        points = (
            camera.origin + (np.stack(coarse.rays(), -1) * depth[..., None])[depth < 8]
        )
        s, t = (points - self.corner) @ self.along, (points - self.corner) @ self.across
        near = (t > -0.1) & (np.abs(s) < 3) & (t < 3)
        if not near.any():
            return -0.2, 0.2, 0.0, 0.2
        s, t = s[near], t[near]
        low = max(t.min() - 0.15, 0.0)
        edges = s.min() - 0.15, s.max() + 0.15, low, t.max() + 0.15
        return tuple(float(edge) for edge in edges)

    def paint(self, camera):
        """Return the texture as the camera sees it, [height, width, 3]."""
        sheet, (cx, cy), focal = self.sheet, camera.centre, camera.focal
        lens = np.array([[focal, 0, cx - 0.5], [0, focal, cy - 0.5], [0, 0, 1]])
        move = np.stack([self.along, self.across, self.corner - camera.origin], 1)
        pitch = 1 / sheet.pixels
        metres = np.array([[pitch, 0, sheet.left], [0, -pitch, sheet.high], [0, 0, 1]])
        return cv2.warpPerspective(
            sheet.color,
            lens @ camera.axes @ move @ metres,
            (camera.width, camera.height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )


@dataclass
class View:
    """A drawn picture: linear colour, depth of the nearest thing, share of pipe."""

    color: np.ndarray
    depth: np.ndarray
    cover: np.ndarray


def draw_view(scene, camera, oversample=OVERSAMPLE):
    """Return the View of a scene without its water."""
    color, depth = _draw_planes(scene, camera)
    pipes, cover, depth = _draw_parts(scene, camera, depth, oversample)
    color = color * (1 - cover[..., None]) + pipes
    return View(color, depth, cover)


def _draw_planes(scene, camera):
    """Return the lit colour and depth of walls and floor."""
    depths = np.stack([plane.depth(camera) for plane in scene.planes])
    nearest = np.argmin(depths, axis=0)
    color = np.zeros((camera.height, camera.width, 3), np.float32)
    for number, plane in enumerate(scene.planes):
        seen = nearest == number
        if seen.any():
            cv2.copyTo(plane.paint(camera), seen.view(np.uint8), color)
    color *= _light_planes(scene, camera)
    return color, depths.min(axis=0)


def _light_planes(scene, camera):
    """Return the light on walls and floor, worked out at half size."""
    small = camera.scaled(0.5)
    rays = np.stack([ray.ravel() for ray in small.rays()], -1)
    depths = np.stack([plane.depth(small).ravel() for plane in scene.planes])
    nearest = np.argmin(depths, axis=0)
    points = camera.origin.astype(np.float32) + rays * depths.min(axis=0)[:, None]
    normals = np.stack([p.normal for p in scene.planes]).astype(np.float32)[nearest]
    light = scene.light.fall(points, normals, 5, stir=True)
    for plane in scene.planes:
        gap = (points - plane.corner.astype(np.float32)) @ plane.normal.astype(
            np.float32
        )
        light *= np.where(gap > 1e-3, 0.55 + 0.45 * step(0, 0.25, gap), 1)[:, None]
    light = cv2.GaussianBlur(light.reshape(small.height, small.width, 3), (0, 0), 1.2)
    return cv2.resize(light, (camera.width, camera.height))


def _draw_parts(scene, camera, limit, block):
    """Return the premultiplied colour and cover of the parts, and the depth of all.

    A pixel is `block` x `block` samples; where all show the same part, one is enough.
    """
    fine = camera.scaled(block)
    size = fine.width, fine.height
    limit = cv2.resize(limit, size, interpolation=cv2.INTER_NEAREST)
    depth, owner = raster(scene.parts, fine, limit)
    samples = np.stack(
        [owner[y::block, x::block] for y in range(block) for x in range(block)]
    )
    same = (samples == samples[0]).all(axis=0)
    color = np.zeros((camera.height, camera.width, 3), np.float32)
    rows, columns = np.nonzero(same & (samples[0] >= 0))
    color[rows, columns] = _shade(
        scene, fine, depth, owner, rows * block, columns * block
    )
    rows, columns = np.nonzero(~same)
    y = (rows * block)[:, None] + np.arange(block * block) // block
    x = (columns * block)[:, None] + np.arange(block * block) % block
    seen = owner[y, x] >= 0
    shades = np.zeros((*seen.shape, 3), np.float32)
    shades[seen] = _shade(scene, fine, depth, owner, y[seen], x[seen])
    color[rows, columns] = shades.mean(axis=1)
    return (
        color,
        (samples >= 0).mean(axis=0, dtype=np.float32),
        depth[::block, ::block],
    )


def _shade(scene, camera, depth, owner, rows, columns):
    """Return the colour [n, 3] of chosen pixels, all on parts."""
    u, v = camera.slopes()
    axes = camera.axes.astype(np.float32)
    rays = u[columns, None] * axes[0] + v[rows, None] * axes[1] + axes[2]
    points = camera.origin.astype(np.float32) + rays * depth[rows, columns, None]
    views = rays / np.sqrt(np.einsum("ij,ij->i", rays, rays))[:, None]
    numbers = owner[rows, columns]
    normals, places = skin_places(scene.parts, numbers, points)
    skin = skins(scene.parts, numbers, places)
    return np.minimum(gleam(scene.light, skin, normals, views, points), 4)
