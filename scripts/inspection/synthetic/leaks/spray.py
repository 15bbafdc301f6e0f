"""Draw the water in the air: streaks of drops with mist between them."""

from dataclasses import dataclass

import cv2
import numpy as np

from inspection.synthetic.leaks.drops import SHIFT, draw_drops, frame_points
from inspection.synthetic.leaks.shapes import grouped
from inspection.synthetic.noise import fractal, step

FINE = 2  # canvas pixels a side for each picture pixel
LAYERS = 6  # canvases that overlay each other, so that dense water turns white
MARGIN = 28  # pixels of mist round the outermost drop


@dataclass
class Water:
    """Drawn water in a pixel window: how much it covers, how bright it is.

    `seen` is the share of the water that is in the picture and not behind a pipe.
    """

    window: tuple
    alpha: np.ndarray
    tone: np.ndarray
    seen: float


def draw_leak(leak, view, camera, time=0.0, since=np.inf):
    """Return the Water of a leak in a View, or None if all of it is hidden."""
    first, last, age = leak.fly(time, since)
    ends = np.stack([np.stack(camera.project(point), -1) for point in (first, last)], 1)
    alive = (age < 1) & (last[:, 1] > 0) & (last[:, 2] > 0)
    shown = alive & _in_sight(ends[:, 1], view)
    if not shown.any():
        return None
    share = shown.sum() / alive.sum()
    if leak.kind == "drip":
        return Water(*draw_drops(leak, ends[shown], leak.width[shown], camera), share)
    window = frame_points(ends[shown, :, :2], camera, MARGIN)
    shape = (window[3] - window[1]) * FINE, (window[2] - window[0]) * FINE
    layers = np.zeros((LAYERS, *shape), np.uint8)
    fade = leak.opacity * (
        step(1.0, 0.5, age) if leak.kind == "jet" else np.ones_like(age)
    )
    thick = leak.width * camera.focal * FINE / ends[:, 0, 2]
    _streaks(
        layers, (ends[shown, :, :2] - window[:2]) * FINE, thick[shown], fade[shown]
    )
    return Water(window, *_merge(leak, layers, camera), share)


def _in_sight(ends, view):
    """Return which projected places are in the picture and not behind a pipe."""
    height, width = view.depth.shape
    x, y, depth = ends.T
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height) & (depth > 0.05)
    columns = np.clip(x, 0, width - 1).astype(int)
    rows = np.clip(y, 0, height - 1).astype(int)
    return inside & (depth < view.depth[rows, columns] + 0.03)


def _streaks(layers, ends, thick, fade):
    """Draw the path of each drop during the exposure, thin ones fainter."""
    lines = np.round(ends * 2**SHIFT).astype(np.int32)
    strength = np.clip(fade * np.clip(thick, 0.45, 1.2), 0, 1)
    level = np.ceil(strength * 12).astype(int)
    pen = np.clip(np.round(thick), 1, 12).astype(int)
    bins = (level * 16 + pen) * LAYERS + np.arange(len(lines)) % LAYERS
    for value, chosen in grouped(bins):
        ink, (grade, width) = value % LAYERS, divmod(value // LAYERS, 16)
        cv2.polylines(
            layers[ink],
            list(lines[chosen]),
            False,
            int(grade * 255 / 12),
            int(width),
            cv2.LINE_AA,
            SHIFT,
        )


def _merge(leak, layers, camera):
    """Return alpha and tone of overlaid layers at picture size."""
    size = layers.shape[2] // FINE, layers.shape[1] // FINE
    clear = np.ones(layers.shape[1:], np.float32)
    for layer in layers:
        clear *= 1 - layer * np.float32(1 / 255)
    sharp = cv2.resize(1 - clear, size, interpolation=cv2.INTER_AREA)
    body = cv2.GaussianBlur(sharp, (0, 0), 2.5)
    mist = cv2.GaussianBlur(sharp, (0, 0), 9)
    alpha = 1 - (1 - 0.8 * sharp) * (1 - 0.5 * body) * (1 - 0.35 * mist)
    # a plume is brighter on top, as the lamps hang above it
    relief = cv2.Sobel(mist, cv2.CV_32F, 0, 1, ksize=3)
    ripple = fractal(np.random.default_rng(leak.seed), alpha.shape, 4, 2)
    tone = 0.5 + 0.28 * step(0.2, 0.95, alpha) + 0.08 * ripple + 2.0 * relief
    return alpha.astype(np.float32), np.clip(tone, 0.3, 1.1).astype(np.float32)


def lay_over(color, water, light):
    """Put water over linear `colour` in place, lit by `light` [3]."""
    left, top, right, bottom = water.window
    area = color[top:bottom, left:right]
    alpha = water.alpha[..., None]
    area *= 1 - alpha
    area += alpha * water.tone[..., None] * light
