"""Water in the air of the leak scenes: jets, pours and drips, at any moment.

Every drop has a birth time and flies a parabola, so the same leak can be drawn at any
`time`: a still picture and a video come from the same functions.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from inspection.datasets.leak_noise import fractal, step

GRAVITY = np.array([0.0, -9.81, 0.0])
FINE = 2  # canvas pixels a side for each picture pixel
SHIFT = 4  # binary digits of sub-pixel places given to OpenCV


@dataclass
class Leak:
    """Water that leaves `source`: kind (jet, pour, drip), drops and look."""

    kind: str
    source: np.ndarray
    velocity: np.ndarray  # [n, 3] start velocities in m/s
    start: np.ndarray  # [n, 3] start places
    birth: np.ndarray  # [n] seconds, repeated every `life`
    life: np.ndarray  # [n] seconds
    width: np.ndarray  # [n] drop size in metres
    exposure: float
    strength: float
    seed: int


@dataclass
class Water:
    """Drawn water: how much it covers (alpha) and how bright it is, per pixel."""

    alpha: np.ndarray
    tone: np.ndarray


def make_jet(rng, source, normal, axis):
    """Return a jet that sprays from a crack along `normal`."""
    count = 1100
    speed = rng.uniform(1.6, 3.4)
    plumes = rng.integers(1, 4)
    aims = (
        normal
        + rng.normal(0, 0.28, (plumes, 3))
        + axis * rng.normal(0, 0.2, (plumes, 1))
    )
    aims /= np.linalg.norm(aims, axis=1, keepdims=True)
    pick = rng.choice(plumes, count, p=rng.dirichlet(np.full(plumes, 3.0)))
    tight = rng.uniform(0.04, 0.12, plumes)[pick] * np.where(
        rng.random(count) < 0.2, 2.2, 1
    )
    turn = rng.normal(0, 1, (count, 3)) * tight[:, None]
    pace = speed * np.clip(rng.normal(1, 0.13, count), 0.4, 1.4)
    velocity = (aims[pick] + turn) * pace[:, None]
    life = rng.uniform(0.16, 0.3) * rng.uniform(0.5, 1.25, count)
    width = 0.0013 * rng.lognormal(0, 0.45, count)
    start = source + axis * rng.normal(0, 0.004, (count, 1))
    return Leak(
        "jet",
        source,
        velocity,
        start,
        rng.random(count),
        life,
        width,
        rng.uniform(0.008, 0.018),
        rng.uniform(0.75, 1.0),
        int(rng.integers(1 << 30)),
    )


def make_pour(rng, source, axis, half):
    """Return water that pours down from a joint in a few strands."""
    count = 900
    strands = rng.integers(2, 6)
    along = rng.uniform(-half, half, strands)
    pick = rng.integers(0, strands, count)
    start = source + axis * along[pick, None] + rng.normal(0, 0.0025, (count, 3))
    push = rng.normal(0, 0.1, (strands, 3)) + np.array(
        [0, -0.25, rng.uniform(0.0, 0.4)]
    )
    velocity = push[pick] + rng.normal(0, 0.055, (count, 3))
    life = rng.uniform(0.25, 0.42) * rng.uniform(0.7, 1.1, count)
    width = 0.0026 * rng.lognormal(0, 0.35, count)
    return Leak(
        "pour",
        source,
        velocity,
        start,
        rng.random(count),
        life,
        width,
        rng.uniform(0.012, 0.022),
        rng.uniform(0.8, 1.0),
        int(rng.integers(1 << 30)),
    )


def make_drip(rng, source, axis, half):
    """Return drops that swell under a joint and fall one after the other."""
    strands = rng.integers(1, 4)
    each = rng.integers(4, 7)
    along = rng.uniform(-half, half, strands)
    pick = np.repeat(np.arange(strands), each)
    count = len(pick)
    start = source + axis * along[pick, None]
    life = np.full(count, rng.uniform(0.17, 0.24))
    birth = np.tile(np.arange(each) / each, strands) + rng.random(strands)[pick]
    width = rng.uniform(0.006, 0.010) * rng.uniform(0.7, 1.2, count)
    velocity = np.tile([0.0, -0.12, 0.03], (count, 1))
    return Leak(
        "drip",
        source,
        velocity,
        start,
        birth,
        life,
        width,
        rng.uniform(0.006, 0.014),
        1.0,
        int(rng.integers(1 << 30)),
    )


def draw_leak(leak, view, camera, time=0.0):
    """Return the Water of a leak as the camera sees it behind the pipes of a View."""
    age = (time / leak.life + leak.birth) % 1.0 * leak.life
    first, last = _fly(leak, age), _fly(leak, age + leak.exposure)
    canvas = camera.scaled(FINE)
    ends = [canvas.project(point) for point in (first, last)]
    seen = _visible(ends[1], view, last)
    fade = leak.strength * step(1.0, 0.45, age / leak.life)
    thick = np.maximum(leak.width * canvas.focal / ends[0][2], 1.0)
    layers = np.zeros((5, canvas.height, canvas.width), np.uint8)
    for k in np.flatnonzero(seen):
        _streak(layers[k % 5], ends, k, thick[k], fade[k])
    return _merge(leak, layers, camera)


def _fly(leak, age):
    age = age[:, None]
    return leak.start + leak.velocity * age + 0.5 * GRAVITY * age**2


def _visible(ends, view, places):
    """Return which drops are inside the room and not behind a pipe."""
    x, y, depth = ends
    height, width = view.depth.shape
    inside = (x >= 0) & (y >= 0) & (x < width * FINE) & (y < height * FINE)
    columns = np.clip(x / FINE, 0, width - 1).astype(int)
    rows = np.clip(y / FINE, 0, height - 1).astype(int)
    ahead = depth < view.depth[rows, columns] + 0.03
    return inside & ahead & (places[:, 1] > 0) & (places[:, 2] > 0)


def _streak(layer, ends, k, thick, fade):
    """Draw the path of one drop during the exposure."""
    if fade < 0.03:
        return
    points = [(round(x[k] * 2**SHIFT), round(y[k] * 2**SHIFT)) for x, y, _ in ends]
    value = int(255 * min(1.0, fade * (0.75 if thick < 1.5 else 0.9)))
    cv2.line(layer, *points, value, max(1, round(thick)), cv2.LINE_AA, SHIFT)


def _merge(leak, layers, camera):
    """Return the Water of overlaid streaks with the mist between them."""
    clear = np.ones(layers.shape[1:], np.float32)
    for layer in layers:
        clear *= 1 - layer.astype(np.float32) / 255
    sharp = cv2.resize(
        1 - clear, (camera.width, camera.height), interpolation=cv2.INTER_AREA
    )
    body = cv2.GaussianBlur(sharp, (0, 0), 2.2)
    mist = cv2.GaussianBlur(sharp, (0, 0), 8)
    thin = 0.15 if leak.kind == "drip" else 1.0
    alpha = 1 - (1 - 0.9 * sharp) * (1 - 0.45 * thin * body) * (1 - 0.4 * thin * mist)
    rng = np.random.default_rng(leak.seed)
    flicker = fractal(rng, alpha.shape, 5, 2)
    tone = (
        0.72 + 0.22 * flicker * step(0.05, 0.5, alpha) + 0.25 * step(0.55, 0.95, alpha)
    )
    return Water(alpha.astype(np.float32), tone.astype(np.float32))


def lay_over(colour, water, light):
    """Return linear `colour` with water over it, lit by `light` [3]."""
    alpha = water.alpha[..., None]
    return colour * (1 - alpha) + alpha * water.tone[..., None] * light
