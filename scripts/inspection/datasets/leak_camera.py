"""The camera of the leak scenes: a pinhole at a place in the room.

World axes, in metres: x to the right along the back wall, y up, z from the wall
towards the viewer.  The back wall is the plane z = 0 and the floor y = 0.
"""

from dataclasses import dataclass, replace

import numpy as np

NEAR = 0.05  # metres; nothing nearer to the lens is drawn


@dataclass(frozen=True)
class Camera:
    """A pinhole camera; rows of `axes` are right, down and forward in the world."""

    width: int
    height: int
    focal: float
    origin: np.ndarray
    axes: np.ndarray

    @property
    def centre(self):
        """Return the principal point in pixels."""
        return self.width / 2, self.height / 2

    def scaled(self, factor):
        """Return the same view with `factor` times as many pixels a side."""
        return replace(
            self,
            width=round(self.width * factor),
            height=round(self.height * factor),
            focal=self.focal * factor,
        )

    def mirrored(self):
        """Return the camera seen in the floor: its picture is what a puddle shows."""
        flip = np.array([1.0, -1.0, 1.0])
        return replace(self, origin=self.origin * flip, axes=self.axes * flip)

    def slopes(self, window=None):
        """Return the ray slopes (u of each column, v of each row) of a pixel window."""
        left, top, right, bottom = window or (0, 0, self.width, self.height)
        cx, cy = self.centre
        u = (np.arange(left, right, dtype=np.float32) + 0.5 - cx) / self.focal
        v = (np.arange(top, bottom, dtype=np.float32) + 0.5 - cy) / self.focal
        return u, v

    def rays(self, window=None, axes=None):
        """Return the three components of the unnormalised rays of a pixel window.

        The ray parameter is the depth along the forward axis.  `axes` gives the rays
        in another frame: a 3x3 matrix whose columns are right, down and forward there.
        """
        axes = (self.axes.T if axes is None else axes).astype(np.float32)
        u, v = self.slopes(window)
        return [
            axes[k, 0] * u[None, :] + (axes[k, 1] * v[:, None] + axes[k, 2])
            for k in range(3)
        ]

    def project(self, points):
        """Return pixel x, pixel y and depth of world points [..., 3]."""
        local = (np.asarray(points, float) - self.origin) @ self.axes.T
        depth = np.maximum(local[..., 2], 1e-6)
        cx, cy = self.centre
        x = cx + self.focal * local[..., 0] / depth
        y = cy + self.focal * local[..., 1] / depth
        return x, y, local[..., 2]

    def window(self, points):
        """Return the pixel window (left, top, right, bottom) around points, or None."""
        x, y, depth = self.project(points)
        if depth.max() < NEAR:
            return None
        if depth.min() < NEAR:
            return 0, 0, self.width, self.height
        left, right = np.clip([x.min() - 1, x.max() + 2], 0, self.width).astype(int)
        top, bottom = np.clip([y.min() - 1, y.max() + 2], 0, self.height).astype(int)
        return (left, top, right, bottom) if right > left and bottom > top else None


def look_at(origin, target, width, height, view_angle, roll=0.0):
    """Return a camera at `origin` that looks at `target`; angles in radians."""
    origin = np.asarray(origin, float)
    forward = np.asarray(target, float) - origin
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    down = np.cross(forward, right)
    turn, lean = np.cos(roll), np.sin(roll)
    right, down = turn * right + lean * down, turn * down - lean * right
    focal = width / 2 / np.tan(view_angle / 2)
    return Camera(width, height, focal, origin, np.stack([right, down, forward]))
