"""Draw a dry leak scene: surfaces, then pipes over them, as linear light."""

from dataclasses import dataclass

import cv2
import numpy as np

from inspection.datasets.leak_light import gleam
from inspection.datasets.leak_materials import skins
from inspection.datasets.leak_noise import step
from inspection.datasets.leak_shapes import FAR, raster

OVERSAMPLE = 2  # pipe pixels a side for each picture pixel


@dataclass
class Plane:
    """A flat surface: corner + s * along + t * across, painted by a Sheet of (s, t)."""

    corner: np.ndarray
    along: np.ndarray
    across: np.ndarray
    normal: np.ndarray  # towards the room
    sheet: object

    def depth(self, camera):
        """Return the depth of each pixel of a camera on this plane."""
        rays = camera.rays()
        speed = sum(np.float32(self.normal[k]) * rays[k] for k in range(3))
        speed = np.minimum(speed, np.float32(-1e-9))  # surfaces have no back
        depth = np.float32(self.normal @ (self.corner - camera.origin)) / speed
        return np.where(depth > 0, depth, FAR)

    def paint(self, camera):
        """Return the texture as the camera sees it, [height, width, 3]."""
        sheet, (cx, cy) = self.sheet, camera.centre
        lens = np.array(
            [[camera.focal, 0, cx - 0.5], [0, camera.focal, cy - 0.5], [0, 0, 1]]
        )
        move = np.stack([self.along, self.across, self.corner - camera.origin], 1)
        metres = np.array(
            [
                [1 / sheet.pixels, 0, sheet.left],
                [0, -1 / sheet.pixels, sheet.high],
                [0, 0, 1],
            ]
        )
        return cv2.warpPerspective(
            sheet.colour,
            lens @ camera.axes @ move @ metres,
            (camera.width, camera.height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT_101,
        )


@dataclass
class View:
    """A drawn picture: linear colour, depth of the nearest thing, share of pipe."""

    colour: np.ndarray
    depth: np.ndarray
    cover: np.ndarray


def draw_view(scene, camera):
    """Return the View of a scene without its water."""
    colour, depth = _draw_planes(scene, camera)
    fine = camera.scaled(OVERSAMPLE)
    hits = raster(scene.parts, fine)
    pipes, cover = _draw_parts(scene, fine, hits)
    size = camera.width, camera.height
    pipes = cv2.resize(pipes, size, interpolation=cv2.INTER_AREA)
    cover = cv2.resize(cover, size, interpolation=cv2.INTER_AREA)
    colour = colour * (1 - cover[..., None]) + pipes
    near = hits.depth[::OVERSAMPLE, ::OVERSAMPLE]
    return View(colour, np.minimum(depth, near), cover)


def _draw_planes(scene, camera):
    """Return the lit colour and depth of walls and floor."""
    depths = np.stack([plane.depth(camera) for plane in scene.planes])
    nearest = np.argmin(depths, axis=0)
    colour = np.zeros((camera.height, camera.width, 3), np.float32)
    for number, plane in enumerate(scene.planes):
        seen = (nearest == number).astype(np.float32)
        if seen.any():
            colour += plane.paint(camera) * seen[..., None]
    return colour * _light_planes(scene, camera), depths.min(axis=0)


def _light_planes(scene, camera):
    """Return the light on walls and floor, worked out at half size."""
    small = camera.scaled(0.5)
    rays = np.stack([ray.ravel() for ray in small.rays()], -1)
    depths = np.stack([plane.depth(small).ravel() for plane in scene.planes])
    nearest = np.argmin(depths, axis=0)
    points = camera.origin.astype(np.float32) + rays * depths.min(axis=0)[:, None]
    normals = np.stack([p.normal for p in scene.planes]).astype(np.float32)[nearest]
    light = scene.light.fall(points, normals)
    for plane in scene.planes:
        gap = (points - plane.corner) @ plane.normal
        light *= np.where(gap > 1e-3, 0.55 + 0.45 * step(0, 0.25, gap), 1)[:, None]
    light = light.reshape(small.height, small.width, 3).astype(np.float32)
    return cv2.resize(light, (camera.width, camera.height))


def _draw_parts(scene, camera, hits):
    """Return the premultiplied colour and the cover of all parts."""
    rows, columns = np.nonzero(hits.part >= 0)
    colour = np.zeros((camera.height, camera.width, 3), np.float32)
    cover = (hits.part >= 0).astype(np.float32)
    if len(rows):
        u, v = camera.slopes()
        axes = camera.axes.astype(np.float32)
        rays = u[columns, None] * axes[0] + v[rows, None] * axes[1] + axes[2]
        points = (
            camera.origin.astype(np.float32) + rays * hits.depth[rows, columns, None]
        )
        views = rays / np.linalg.norm(rays, axis=1, keepdims=True)
        skin = skins(scene.parts, hits.part[rows, columns], hits.place[rows, columns])
        normals = hits.normal[rows, columns]
        colour[rows, columns] = gleam(scene.light, skin, normals, views, points)
    return np.minimum(colour, 4), cover
