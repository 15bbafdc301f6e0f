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
    centre: tuple
    origin: np.ndarray
    axes: np.ndarray

    def scaled(self, factor):
        """Return the same view with `factor` times as many pixels a side."""
        return replace(
            self,
            width=round(self.width * factor),
            height=round(self.height * factor),
            focal=self.focal * factor,
            centre=(self.centre[0] * factor, self.centre[1] * factor),
        )

    def cropped(self, window):
        """Return the camera of a pixel window (left, top, right, bottom)."""
        left, top, right, bottom = (int(edge) for edge in window)
        return replace(
            self,
            width=right - left,
            height=bottom - top,
            centre=(self.centre[0] - left, self.centre[1] - top),
        )

    def mirrored(self):
        """Return the camera seen in the floor: its picture is what a puddle shows."""
        flip = np.array([1.0, -1.0, 1.0])
        return replace(self, origin=self.origin * flip, axes=self.axes * flip)

    def slopes(self):
        """Return the ray slopes: u of each column and v of each row."""
        u = (
            np.arange(self.width, dtype=np.float32) + 0.5 - self.centre[0]
        ) / self.focal
        v = (
            np.arange(self.height, dtype=np.float32) + 0.5 - self.centre[1]
        ) / self.focal
        return u.astype(np.float32), v.astype(np.float32)

    def rays(self, axes=None):
        """Return the three components of the unnormalised rays of all pixels.

        The ray parameter is the depth along the forward axis.  `axes` gives the rays
        in another frame: a 3x3 matrix whose columns are right, down and forward there.
        """
        axes = (self.axes.T if axes is None else axes).astype(np.float32)
        u, v = self.slopes()
        return [
            axes[k, 0] * u[None, :] + (axes[k, 1] * v[:, None] + axes[k, 2])
            for k in range(3)
        ]

    def project(self, points):
        """Return pixel x, pixel y and depth of world points [..., 3].

        Points behind the lens land far outside, on the side where they are.
        """
        local = (np.asarray(points, float) - self.origin) @ self.axes.T
        depth = np.maximum(local[..., 2], NEAR)
        x = self.centre[0] + self.focal * local[..., 0] / depth
        y = self.centre[1] + self.focal * local[..., 1] / depth
        return x, y, local[..., 2]

    def windows(self, boxes):
        """Return the pixel windows [n, 4] (left, top, right, bottom) of point sets.

        `boxes` is [n, m, 3]; the second value says which of them are in view.
        """
        x, y, depth = self.project(boxes)
        left, right = (np.clip(e, 0, self.width) for e in (x.min(1) - 1, x.max(1) + 2))
        top, bottom = (np.clip(e, 0, self.height) for e in (y.min(1) - 1, y.max(1) + 2))
        windows = np.stack([left, top, right, bottom], 1).astype(int)
        wide, tall = windows[:, 2] - windows[:, 0], windows[:, 3] - windows[:, 1]
        return windows, (wide > 0) & (tall > 0) & (depth.max(1) > NEAR)


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
    focal = float(width / 2 / np.tan(view_angle / 2))
    axes = np.stack([right, down, forward])
    return Camera(width, height, focal, (width / 2, height / 2), origin, axes)
