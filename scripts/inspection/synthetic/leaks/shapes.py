"""Solids of the leak scenes, hit by camera rays in closed form.

`raster` finds which part each pixel sees first, `skin_places` where on that part.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from inspection.synthetic.leaks.camera import NEAR

FAR = np.float32(1e9)
SLICE = 0.3  # metres; longer parts are drawn in pieces, which keeps the windows tight
_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])


@dataclass
class ScenePart:
    """One solid: rows of `frame` are its local axes; `size` depends on the shape.

    cylinder (radius, half length) along local z; ball (three radii); box (three half
    sides); hexagon (half width, half length) along z; ring (major, minor radius) in
    the local xy plane; elbow: the quarter x > 0, y > 0 of a ring.  `grain` shifts the
    texture; small parts can do without a shadow (`casts`).
    """

    shape: str
    centre: np.ndarray
    frame: np.ndarray
    size: tuple
    material: object
    grain: float = 0.0
    casts: bool = True

    @cached_property
    def boxes(self):
        """World corners [n, 8, 3] of bounding boxes, n > 1 if the part is long."""
        low, high = np.array(_EXTENTS[self.shape](*self.size))
        count = int(np.ceil((high[2] - low[2]) / SLICE))
        edges = np.linspace(low[2], high[2], count + 1)
        local = np.tile(low + _CORNERS * (high - low), (count, 1, 1))
        local[..., 2] = np.where(_CORNERS[:, 2] > 0, edges[1:, None], edges[:-1, None])
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


def raster(parts, camera, limit=None):
    """Return what each pixel sees first: depth (FAR: nothing) and part number or -1.

    `limit` is the depth beyond which parts are hidden, by default nowhere.
    """
    shape = camera.height, camera.width
    depth = np.full(shape, FAR, np.float32) if limit is None else limit.copy()
    owner = np.full(shape, -1, np.int16)
    if not parts:
        return depth, owner
    pieces = [part.boxes for part in parts]
    numbers = np.repeat(np.arange(len(parts)), [len(piece) for piece in pieces])
    windows, seen = camera.windows(np.concatenate(pieces))
    for k in np.flatnonzero(seen):
        left, top, right, bottom = windows[k]
        area = np.s_[top:bottom, left:right]
        found = _hit(parts[numbers[k]], camera.cropped(windows[k]))
        nearer = (found > NEAR) & (found < depth[area])
        np.copyto(depth[area], found, where=nearer)
        np.copyto(owner[area], numbers[k], where=nearer, casting="unsafe")
    return depth, owner


def _hit(part, camera):
    """Return the depth of each pixel of a camera on one part, FAR where missed."""
    origin = (part.frame @ (camera.origin - part.centre)).astype(np.float32)
    return _HITS[part.shape](origin, camera.rays(part.frame @ camera.axes.T), part)


def grouped(values):
    """Yield each value of an array with the indices where it stands."""
    order = np.argsort(values, kind="stable")
    found, starts = np.unique(values[order], return_index=True)
    ends = [*starts[1:], len(values)]
    for value, start, end in zip(found, starts, ends, strict=False):
        yield value, order[start:end]


def skin_places(parts, owner, points):
    """Return normals [n, 3] and texture places [n, 2] in metres of points on parts."""
    normals = np.zeros((len(points), 3), np.float32)
    places = np.zeros((len(points), 2), np.float32)
    for number, chosen in grouped(owner):
        part = parts[number]
        axes = part.frame.astype(np.float32)
        local = (points[chosen] - part.centre.astype(np.float32)) @ axes.T
        normal, places[chosen] = _SKINS[part.shape](local, part)
        normals[chosen] = normal @ axes
    return normals, places


def _hit_cylinder(origin, rays, part):
    """Meet the side or the near cap of a cylinder."""
    radius, half = part.size
    x, y, z = rays
    square = x * x + y * y + np.float32(1e-12)
    slope = origin[0] * x + origin[1] * y
    gap = origin[0] ** 2 + origin[1] ** 2 - np.float32(radius**2)
    under = slope * slope - square * gap
    depth = (-slope - np.sqrt(np.maximum(under, 0))) / square
    depth[(under < 0) | (np.abs(origin[2] + depth * z) > half)] = FAR
    if abs(origin[2]) > half:
        cap = (np.copysign(half, origin[2]) - origin[2]) / np.where(z == 0, 1e-9, z)
        inside = (origin[0] + cap * x) ** 2 + (origin[1] + cap * y) ** 2 < radius**2
        depth = np.where(inside & (cap > 0), cap, depth)
    return depth


def _skin_cylinder(point, part):
    """Unroll a cylinder: along and around it; a cap by its own x and y."""
    radius, half = part.size
    on_cap = np.abs(point[:, 2]) > half - 1e-4
    on_cap &= np.hypot(point[:, 0], point[:, 1]) < 0.995 * radius
    normal = point / np.float32(radius)
    normal[:, 2] = 0
    normal[on_cap] = 0
    normal[on_cap, 2] = np.sign(point[on_cap, 2])
    place = np.stack([point[:, 2], radius * np.arctan2(point[:, 1], point[:, 0])], -1)
    place[on_cap] = point[on_cap, :2]
    return normal, place


def _hit_ball(origin, rays, part):
    """Meet an ellipsoid."""
    scale = 1 / np.asarray(part.size, np.float32)
    start = origin * scale
    rays = [ray * s for ray, s in zip(rays, scale, strict=True)]
    square = sum(ray * ray for ray in rays)
    slope = sum(start[k] * rays[k] for k in range(3))
    under = slope * slope - square * (start @ start - 1)
    depth = (-slope - np.sqrt(np.maximum(under, 0))) / square
    return np.where(under < 0, FAR, depth)


def _skin_ball(point, part):
    """Place an ellipsoid's texture by its local axes."""
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
    for face, a, b in zip(faces, low, high, strict=True):
        speed = sum(face[k] * rays[k] for k in range(3) if face[k])
        inverse = 1 / np.where(np.abs(speed) < 1e-9, np.float32(1e-9), speed)
        first, second = (a - face @ origin) * inverse, (b - face @ origin) * inverse
        enter = np.maximum(enter, np.minimum(first, second))
        leave = np.minimum(leave, np.maximum(first, second))
    return enter, leave


def _hit_prism(origin, rays, part):
    """Meet a box or hexagonal prism."""
    faces, half = _slabs(part)
    enter, leave = _through(origin, rays, faces, -half, half)
    return np.where(enter < leave, enter, FAR)


def _skin_prism(point, part):
    """Place the texture of each face by the two axes that lie in it."""
    faces, half = _slabs(part)
    height = point @ faces.T
    side = np.argmax(np.abs(height) / half, axis=-1)
    normal = faces[side] * np.sign(np.take_along_axis(height, side[:, None], 1))
    u = np.where(np.abs(normal[:, 0]) > 0.9, point[:, 1], point[:, 0])
    v = np.where(np.abs(normal[:, 2]) > 0.9, point[:, 1], point[:, 2])
    return normal, np.stack([u, v], -1)


def _hit_ring(origin, rays, part):
    """Meet a torus or elbow, by stepping along its distance field."""
    major, minor = part.size
    low, high = np.array(_EXTENTS[part.shape](major, minor), np.float32)
    enter, leave = _through(origin, rays, np.eye(3, dtype=np.float32), low, high)
    found = np.full(enter.shape, FAR, np.float32)
    inside = np.flatnonzero(enter < leave)
    rays = [ray.ravel()[inside] for ray in rays]
    depth, leave = np.maximum(enter.ravel()[inside], 0), leave.ravel()[inside]
    pace = 1 / np.sqrt(sum(ray * ray for ray in rays))
    for _ in range(16):
        x, y, z = (origin[k] + depth * rays[k] for k in range(3))
        reach = np.sqrt(x * x + y * y) - np.float32(major)
        gap = np.sqrt(reach * reach + z * z) - np.float32(minor)
        depth += gap * pace
    met = (gap < 0.05 * minor) & (depth < leave + 0.02 * minor)
    found.ravel()[inside[met]] = depth[met]
    return found


def _skin_ring(point, part):
    """Unroll a torus: along and around it."""
    major, minor = part.size
    reach = np.hypot(point[:, 0], point[:, 1])
    normal = point.copy()
    normal[:, :2] *= (1 - major / np.maximum(reach, 1e-6))[:, None]
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9
    along = major * np.arctan2(point[:, 1], point[:, 0])
    around = minor * np.arctan2(point[:, 2], reach - major)
    return normal, np.stack([along, around], -1)


_HITS = {
    "cylinder": _hit_cylinder,
    "ball": _hit_ball,
    "box": _hit_prism,
    "hexagon": _hit_prism,
    "ring": _hit_ring,
    "elbow": _hit_ring,
}
_SKINS = {
    "cylinder": _skin_cylinder,
    "ball": _skin_ball,
    "box": _skin_prism,
    "hexagon": _skin_prism,
    "ring": _skin_ring,
    "elbow": _skin_ring,
}
