"""Solids of the leak scenes, hit by camera rays in closed form.

A part is a cylinder, an ellipsoid, a prism (box or hexagon) or a ring (a torus or its
quarter) in its own frame.  `raster` finds the nearest hit of each pixel.
"""

from dataclasses import dataclass, field

import numpy as np

from inspection.datasets.leak_camera import NEAR

FAR = np.float32(1e9)


@dataclass
class Part:
    """One solid: rows of `frame` are its local axes; `size` depends on the shape.

    cylinder (radius, half length) along local z; ball (three radii); box (three half
    sides); hexagon (half width, half length) along z; ring (major, minor radius) in
    the local xy plane; elbow: the quarter x > 0, y > 0 of a ring.
    """

    shape: str
    centre: np.ndarray
    frame: np.ndarray
    size: tuple
    material: object
    grain: float = 0.0
    casts: bool = True
    extent: np.ndarray = field(init=False)

    def __post_init__(self):
        self.centre = np.asarray(self.centre, float)
        self.extent = np.array(_EXTENTS[self.shape](*self.size))

    def corners(self):
        """Return the eight world corners of the bounding box."""
        signs = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, 8).T
        local = self.extent[0] + signs * (self.extent[1] - self.extent[0])
        return self.centre + local @ self.frame


def _sym(x, y, z):
    return (-x, -y, -z), (x, y, z)


_EXTENTS = {
    "cylinder": lambda r, h: _sym(r, r, h),
    "ball": _sym,
    "box": _sym,
    "hexagon": lambda r, h: _sym(r * 1.155, r * 1.155, h),
    "ring": lambda major, r: _sym(major + r, major + r, r),
    "elbow": lambda major, r: ((0, 0, -r), (major + r, major + r, r)),
}


@dataclass
class Hits:
    """What each pixel sees first: depth, part number (-1: none), normal, texture place."""

    depth: np.ndarray
    part: np.ndarray
    normal: np.ndarray
    place: np.ndarray


def raster(parts, camera, depth_only=False):
    """Return the Hits of a camera on a list of parts."""
    shape = camera.height, camera.width
    channels = 0 if depth_only else 1
    hits = Hits(
        np.full(shape, FAR, np.float32),
        np.full(shape, -1, np.int16),
        np.zeros((*shape, 3 * channels), np.float32),
        np.zeros((*shape, 2 * channels), np.float32),
    )
    for number, part in enumerate(parts):
        window = camera.window(part.corners())
        if window is not None:
            _draw(hits, number, part, camera, window, depth_only)
    return hits


def _draw(hits, number, part, camera, window, depth_only):
    """Enter one part into the hits of a window."""
    left, top, right, bottom = window
    area = np.s_[top:bottom, left:right]
    origin = (part.frame @ (camera.origin - part.centre)).astype(np.float32)
    rays = camera.rays(window, part.frame @ camera.axes.T)
    depth = _SHAPES[part.shape][0](origin, rays, part)
    seen = (depth > NEAR) & (depth < hits.depth[area])
    if not seen.any():
        return
    depth = depth[seen]
    hits.depth[area][seen] = depth
    if depth_only:
        return
    point = np.stack([origin[k] + depth * rays[k][seen] for k in range(3)], -1)
    normal, place = _SHAPES[part.shape][1](point, part)
    hits.part[area][seen] = number
    hits.normal[area][seen] = normal @ part.frame.astype(np.float32)
    hits.place[area][seen] = place


def _hit_cylinder(origin, rays, part):
    """Return the depth on the side or the near cap of a cylinder, FAR where missed."""
    radius, half = part.size
    x, y, z = rays
    square = x * x + y * y + 1e-12
    slope = origin[0] * x + origin[1] * y
    gap = origin[0] ** 2 + origin[1] ** 2 - radius**2
    under = slope * slope - square * gap
    depth = (-slope - np.sqrt(np.maximum(under, 0))) / square
    depth[(under < 0) | (np.abs(origin[2] + depth * z) > half)] = FAR
    if abs(origin[2]) > half:
        cap = (np.copysign(half, origin[2]) - origin[2]) / np.where(z == 0, 1e-9, z)
        inside = (origin[0] + cap * x) ** 2 + (origin[1] + cap * y) ** 2 < radius**2
        depth = np.where(inside & (cap > 0), cap, depth)
    return depth


def _skin_cylinder(point, part):
    """Return normals and texture places (along, around; metres) on a cylinder."""
    radius, half = part.size
    on_cap = np.abs(point[:, 2]) > half * (1 - 1e-4)
    normal = point / np.float32(radius)
    normal[:, 2] = 0
    normal[on_cap] = [0, 0, 1]
    normal[on_cap, 2] *= np.sign(point[on_cap, 2])
    around = radius * np.arctan2(point[:, 1], point[:, 0])
    place = np.stack([point[:, 2], around], -1)
    place[on_cap] = point[on_cap, :2]
    return normal, place


def _hit_ball(origin, rays, part):
    """Return the depth on an ellipsoid."""
    scale = 1 / np.asarray(part.size, np.float32)
    start = origin * scale
    rays = [ray * s for ray, s in zip(rays, scale)]
    square = sum(ray * ray for ray in rays)
    slope = sum(start[k] * rays[k] for k in range(3))
    under = slope * slope - square * (start @ start - 1)
    depth = (-slope - np.sqrt(np.maximum(under, 0))) / square
    return np.where(under < 0, FAR, depth)


def _skin_ball(point, part):
    """Return normals and texture places on an ellipsoid."""
    normal = point / np.square(np.asarray(part.size, np.float32))
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9
    return normal, np.stack([point[:, 2], point[:, 0] + point[:, 1]], -1)


def _slabs(part):
    """Return the facing directions [n, 3] and half widths [n] of a box or hexagon."""
    if part.shape == "box":
        return np.eye(3, dtype=np.float32), np.asarray(part.size, np.float32)
    width, half = part.size
    turns = np.arange(3) * np.pi / 3
    faces = [[np.cos(a), np.sin(a), 0] for a in turns] + [[0, 0, 1]]
    return np.array(faces, np.float32), np.array([width] * 3 + [half], np.float32)


def _through(origin, rays, faces, low, high):
    """Return entry and exit depth of rays through slabs low <= face . p <= high."""
    enter, leave = np.float32(-1e9), np.float32(1e9)
    for face, a, b in zip(faces, low, high):
        speed = sum(face[k] * rays[k] for k in range(3))
        speed = np.where(np.abs(speed) < 1e-9, np.float32(1e-9), speed)
        start = face @ origin
        first, second = (a - start) / speed, (b - start) / speed
        enter = np.maximum(enter, np.minimum(first, second))
        leave = np.minimum(leave, np.maximum(first, second))
    return enter, leave


def _hit_prism(origin, rays, part):
    """Return the depth on a box or hexagonal prism."""
    faces, half = _slabs(part)
    enter, leave = _through(origin, rays, faces, -half, half)
    return np.where(enter < leave, enter, FAR)


def _skin_prism(point, part):
    """Return normals and texture places on a box or hexagonal prism."""
    faces, half = _slabs(part)
    height = point @ faces.T
    side = np.argmax(np.abs(height) / half, axis=-1)
    sign = np.sign(np.take_along_axis(height, side[:, None], 1))
    return faces[side] * sign, np.stack([point[:, 2], point[:, 0] + point[:, 1]], -1)


def _hit_ring(origin, rays, part):
    """Return the depth on a torus or elbow, by stepping along its distance field."""
    major, minor = part.size
    low, high = np.asarray(part.extent, np.float32)
    enter, leave = _through(origin, rays, np.eye(3, dtype=np.float32), low, high)
    depth = np.maximum(enter, 0)
    pace = 1 / np.sqrt(sum(ray * ray for ray in rays))
    for _ in range(18):
        x, y, z = (origin[k] + depth * rays[k] for k in range(3))
        gap = np.sqrt((np.sqrt(x * x + y * y) - major) ** 2 + z * z) - minor
        depth = depth + gap * pace
    missed = (gap > 0.04 * minor) | (enter > leave) | (depth > leave + 0.02 * minor)
    return np.where(missed, FAR, depth)


def _skin_ring(point, part):
    """Return normals and texture places (along, around; metres) on a torus."""
    major, minor = part.size
    reach = np.hypot(point[:, 0], point[:, 1])
    normal = point.copy()
    normal[:, :2] *= (1 - major / np.maximum(reach, 1e-6))[:, None]
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9
    along = major * np.arctan2(point[:, 1], point[:, 0])
    around = minor * np.arctan2(point[:, 2], reach - major)
    return normal, np.stack([along, around], -1)


_SHAPES = {
    "cylinder": (_hit_cylinder, _skin_cylinder),
    "ball": (_hit_ball, _skin_ball),
    "box": (_hit_prism, _skin_prism),
    "hexagon": (_hit_prism, _skin_prism),
    "ring": (_hit_ring, _skin_ring),
    "elbow": (_hit_ring, _skin_ring),
}
