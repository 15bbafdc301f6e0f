"""Draw single drops and the threads they fall from, as clear water with a glint."""

import cv2
import numpy as np

from inspection.synthetic.noise import step

SHIFT = 4  # binary digits of sub-pixel places given to OpenCV
FINE = 4  # canvas pixels a side for each picture pixel
PROFILE = np.sqrt(1 - np.square(np.linspace(-1, 1, 13)))  # of a drop, tip to tip


def frame_points(points, camera, margin):
    """Return the pixel window round projected points [..., 2], inside the picture."""
    size = np.array([camera.width, camera.height])
    points = points.reshape(-1, 2)
    low = np.clip(points.min(0) - margin, 0, size - 1).astype(int)
    high = np.clip(points.max(0) + margin, low + 1, size).astype(int)
    return *low, *high


def draw_drops(leak, ends, widths, camera):
    """Return window, alpha and tone of the drops [n, 2, 3] and threads of a leak."""
    shapes = [_thread(points, width, camera) for points, width in leak.threads]
    shapes += [
        _drop(end, width, camera) for end, width in zip(ends, widths, strict=True)
    ]
    window = frame_points(np.concatenate([line for line, _ in shapes]), camera, 8)
    size = window[2] - window[0], window[3] - window[1]
    canvas = np.zeros((size[1] * FINE, size[0] * FINE), np.uint8)
    for line, thick in shapes:
        _fill(canvas, (line - window[:2]) * FINE, thick * FINE)
    across = np.median(leak.width) * camera.focal / np.median(ends[..., 2])
    return window, *_glass(canvas.astype(np.float32) / 255, size, across * FINE)


def _thread(points, width, camera):
    """Return the projected centre line [m, 2] and thickness [m] of a thread."""
    x, y, depth = camera.project(points)
    return np.stack([x, y], -1), width * camera.focal / depth


def _drop(ends, width, camera):
    """Return the centre line and thickness of a drop, drawn out by the exposure."""
    thick = width * camera.focal / ends[0, 2]
    fall = ends[1, :2] - ends[0, :2]
    reach = np.linalg.norm(fall) + 1e-6
    share = np.linspace(0, 1, len(PROFILE))[:, None]
    line = ends[0, :2] + fall / reach * (share * (reach + 1.15 * thick) - 0.5 * thick)
    return line, thick * PROFILE


def _fill(canvas, line, thick):
    """Fill the outline of a centre line with a thickness."""
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    aside = np.stack([-along[:, 1], along[:, 0]], -1) * thick[:, None] / 2
    outline = np.concatenate([line + aside, (line - aside)[::-1]])
    outline = np.round(outline * 2**SHIFT).astype(np.int32)
    cv2.fillPoly(canvas, [outline], 255, cv2.LINE_AA, SHIFT)


def _glass(shape, size, across):
    """Return alpha and tone of clear water: dark rim, bright core, a glint."""
    soft = cv2.GaussianBlur(shape, (0, 0), max(0.22 * across, 0.8))
    slope = np.stack([cv2.Sobel(soft, cv2.CV_32F, *way) for way in ((1, 0), (0, 1))])
    steep = np.sqrt(np.square(slope).sum(0)) + 1e-6
    glint = step(0.3, 0.95, (slope[0] * 0.8 + slope[1] * 0.6) / steep) * step(
        0.45, 0.75, soft
    )
    core = step(0.6, 0.95, soft)
    tone = 0.22 + 0.38 * core + 1.0 * glint
    alpha = shape * np.clip(0.55 + 0.15 * core + 0.35 * glint, 0, 0.95)
    light = cv2.resize(alpha * tone, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    return alpha, light / np.maximum(alpha, 1e-4)
