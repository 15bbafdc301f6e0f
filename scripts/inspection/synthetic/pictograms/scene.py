"""Put a pictogram into a small picture: ground, light, things in the way, noise.

Nothing but the shape tells the class: colours, place, size, direction, background and
what covers it are drawn alike for all.
"""

import cv2
import numpy as np

from inspection.synthetic.pictograms.parts import FINE, paint, rotation

SIZE = 32
MIDDLE = SIZE * FINE / 2


def draw_image(parts, rng):
    """Return uint8 RGB [32, 32, 3] with the parts somewhere in a scene of their own."""
    canvas = draw_ground(rng)
    ground = canvas.reshape(-1, 3).mean(0)
    matrix, offset = draw_placing(rng)
    colors = draw_colors(rng, ground)
    paint(canvas, parts, matrix, offset, colors)
    cover(canvas, rng)
    return develop(canvas, rng)


def draw_placing(rng):
    """Return matrix and offset of a thing: turned, mirrored, seen from nearer or farther."""
    size = MIDDLE * rng.uniform(0.58, 0.98)
    stretch = np.diag([size * rng.choice([-1, 1]), size * rng.uniform(0.85, 1.15)])
    matrix = rotation(rng.normal(0, 9)) @ stretch
    room = 0.5 * (MIDDLE - 0.75 * size)
    return matrix, MIDDLE + rng.normal(0, room, 2).clip(-1.6 * room, 1.6 * room)


def draw_colors(rng, ground):
    """Return {role: RGB} whose body can be told from the ground."""
    body = random_color(rng)
    while np.abs(body - ground).max() < 45:
        body = random_color(rng)
    return {
        "body": body,
        "dark": body * rng.uniform(0.55, 0.8),
        "light": body + (255 - body) * rng.uniform(0.35, 0.65),
        "accent": random_color(rng),
        "black": np.full(3, rng.uniform(5, 45)),
        "white": np.full(3, rng.uniform(205, 250)),
    }


def random_color(rng):
    """Return RGB of any hue, more often dull than bright."""
    hsv = rng.integers(0, 180), 255 * rng.beta(1.4, 1.8), rng.uniform(40, 250)
    pixel = np.uint8([[hsv]])
    return cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0].astype(float)


def draw_ground(rng):
    """Return a background, uint8 [128, 128, 3]: two colours, a texture, some clutter."""
    side = SIZE * FINE
    first, second = random_color(rng), random_color(rng)
    share = rng.choice([_horizon, _slope, _blotches, _stripes])(rng, side)[..., None]
    canvas = first + (second - first) * share
    canvas += rng.uniform(4, 22) * _clouds(rng, side, rng.integers(6, 24))[..., None]
    canvas = np.ascontiguousarray(canvas.clip(0, 255).astype(np.uint8))
    for _ in range(rng.integers(0, 5)):
        _draw_clutter(canvas, rng)
    return canvas


def _horizon(rng, side):
    height, blur = rng.uniform(0.35, 0.85) * side, rng.uniform(1, 12)
    rows = 1 / (1 + np.exp(-(np.arange(side) - height) / blur))
    return np.repeat(rows[:, None], side, 1)


def _slope(rng, side):
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[:side, :side] / side - 0.5
    return 0.5 + 0.7 * (x * np.cos(angle) + y * np.sin(angle))


def _blotches(rng, side):
    return 0.5 + 0.5 * _clouds(rng, side, rng.integers(3, 9))


def _stripes(rng, side):
    angle, waves = rng.uniform(0, np.pi), rng.uniform(2, 7)
    y, x = np.mgrid[:side, :side] / side
    phase = x * np.cos(angle) + y * np.sin(angle)
    return 0.5 + 0.35 * np.sin(2 * np.pi * waves * phase)


def _clouds(rng, side, cells):
    """Return smooth noise of spread 1, with so many cells across."""
    coarse = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    return cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)


def _draw_clutter(canvas, rng):
    """Draw a post, a box or a ball of any colour."""
    side = len(canvas)
    x, y = (int(v) for v in rng.integers(0, side, 2))
    color = [int(v) for v in random_color(rng)]
    width, height = (int(v) for v in rng.integers(4, 34, 2))
    kind = rng.integers(3)
    if kind == 0:
        cv2.ellipse(canvas, (x, y), (width // 2, height // 2), 0, 0, 360, color, -1)
    elif kind == 1:
        cv2.rectangle(canvas, (x, y), (x + width, y + height), color, -1)
    else:
        end = (int(x + rng.integers(-60, 60)), int(y + rng.integers(-60, 60)))
        cv2.line(canvas, (x, y), end, color, int(rng.integers(2, 9)))


def cover(canvas, rng):
    """Put something in front of a part of the scene, in a third of the pictures."""
    if rng.random() > 0.35:
        return
    side, color = len(canvas), [int(v) for v in random_color(rng)]
    if rng.random() < 0.5:
        x, width = int(rng.integers(0, side)), int(rng.integers(6, 18))
        lean = int(rng.integers(-30, 30))
        cv2.line(canvas, (x, 0), (x + lean, side), color, width)
    else:
        x, y = (int(v) for v in rng.integers(0, side, 2))
        axes = tuple(int(v) for v in rng.integers(10, 26, 2))
        cv2.ellipse(canvas, (x, y), axes, 0, 0, 360, color, -1)


def develop(canvas, rng):
    """Return the canvas as a camera gives it: blurred, lit by chance, with noise."""
    blur = rng.uniform(0.4, 0.9) * FINE
    soft = cv2.GaussianBlur(canvas, (0, 0), blur * 0.5)
    image = cv2.resize(soft, (SIZE, SIZE), interpolation=cv2.INTER_AREA).astype(float)
    mean = image.mean()
    image = mean + (image - mean) * rng.uniform(0.65, 1.15) + rng.normal(0, 16)
    image += rng.normal(0, rng.uniform(2, 12), image.shape)
    return image.clip(0, 255).round().astype(np.uint8)
