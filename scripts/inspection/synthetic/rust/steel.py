"""Steel before it rusts: its skin (paint or bare metal) and its form."""

import cv2
import numpy as np

from inspection.synthetic.noise import mix, step
from inspection.synthetic.rust.canvas import SIDE, band, blur, grid, turned

PAINTS = {
    "light grey": (0.72, 0.73, 0.72),
    "dark grey": (0.36, 0.38, 0.40),
    "white": (0.87, 0.87, 0.84),
    "blue": (0.18, 0.36, 0.58),
    "sky": (0.45, 0.63, 0.74),
    "green": (0.22, 0.42, 0.32),
    "mint": (0.55, 0.68, 0.60),
    "yellow": (0.85, 0.67, 0.16),
    "cream": (0.80, 0.74, 0.60),
    "red oxide": (0.45, 0.20, 0.15),
}
COMMONNESS = (4, 2, 3, 3, 2, 3, 2, 2, 2, 1)


def paint_over(canvas):
    """Give the sheet a coat of paint: orange peel, faded places, a few brush marks."""
    rng = canvas.rng
    probabilities = np.array(COMMONNESS) / sum(COMMONNESS)
    name = list(PAINTS)[rng.choice(len(PAINTS), p=probabilities)]
    tone = np.array(PAINTS[name]) * rng.uniform(0.85, 1.1)
    fading = (
        1 + 0.05 * canvas.noise(200)[..., None] + 0.015 * canvas.noise(6)[..., None]
    )
    canvas.color = np.clip(tone * fading, 0, 1).astype("f4")
    canvas.height = canvas.height + 0.25 * canvas.noise(10, 2)
    canvas.gloss[:] = rng.uniform(0.15, 0.6)
    return name


def brush(canvas):
    """Make bare steel with the marks of grinding in one direction."""
    rng = canvas.rng
    lines = canvas.noise((260, 1.6), 3, 0.7)
    if rng.random() < 0.5:
        lines = lines.T.copy()
    tone = np.array([0.56, 0.57, 0.59]) * rng.uniform(0.8, 1.15)
    clouds = 0.05 * canvas.noise(150) + 0.035 * lines
    canvas.color = np.clip(tone * (1 + clouds[..., None]), 0, 1).astype("f4")
    canvas.height = canvas.height + 0.12 * lines
    canvas.gloss[:] = rng.uniform(0.5, 0.9)


def galvanise(canvas):
    """Make zinc with its spangle: crystals, each with a grey of its own."""
    rng = canvas.rng
    count = rng.integers(120, 420)
    seeds = np.ones((SIDE, SIDE), np.uint8)
    places = rng.integers(0, SIDE, (count, 2))
    seeds[places[:, 0], places[:, 1]] = 0
    _, labels = cv2.distanceTransformWithLabels(
        seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    greys = rng.normal(0, 0.06, labels.max() + 1).astype("f4")[labels]
    veins = 0.03 * canvas.noise((8, 60), 3)
    tone = np.array([0.60, 0.63, 0.65]) * rng.uniform(0.85, 1.1)
    shade = 1 + blur(greys, 1.5) + veins + 0.05 * canvas.noise(180)
    canvas.color = np.clip(tone * shade[..., None], 0, 1).astype("f4")
    canvas.gloss[:] = rng.uniform(0.3, 0.6)


def scale_over(canvas):
    """Make hot-rolled steel: dark blue-grey mill scale with lighter scuffs."""
    rng = canvas.rng
    tone = np.array([0.29, 0.31, 0.34]) * rng.uniform(0.8, 1.25)
    shade = 1 + 0.12 * canvas.noise(120) + 0.05 * canvas.noise(12)
    canvas.color = (tone * shade[..., None]).astype("f4")
    scuffs = step(1.1, 2.2, canvas.noise((18, 90), 4, 0.6))
    canvas.cover(0.4 * scuffs, (0.52, 0.53, 0.54))
    canvas.height = canvas.height + 0.3 * canvas.noise(14, 3)
    canvas.gloss[:] = rng.uniform(0.2, 0.5)


SKINS = (paint_over, brush, galvanise, scale_over)
SKIN_PROBABILITIES = (0.6, 0.14, 0.14, 0.12)


def form(canvas):
    """Give the sheet one form: flat, riveted, welded, corrugated, tread plate, pipe."""
    choice = canvas.rng.choice(len(FORMS), p=FORM_PROBABILITIES)
    FORMS[choice](canvas)
    return FORMS[choice].__name__


def stay_flat(canvas):
    """Leave it a flat sheet, slightly dented."""
    canvas.height += 6 * canvas.noise(240, 2)


def rivet(canvas):
    """Lay two plates over each other, with a row of rivets or bolts along the seam."""
    rng = canvas.rng
    angle = rng.choice([0, np.pi / 2]) + rng.normal(0, 0.06)
    across, along = turned(angle, rng.uniform(0.3, 0.7, 2) * SIDE)
    canvas.height += 5 * step(-1.5, 1.5, across)
    canvas.weak += np.exp(-np.abs(across) / 14)
    pitch, radius = rng.uniform(60, 105), rng.uniform(11, 17)
    offset = rng.uniform(26, 40)
    nearest = (along + pitch / 2) % pitch - pitch / 2
    hexagon = rng.random() < 0.4
    _heads(canvas, nearest, across - offset, radius, hexagon)
    if rng.random() < 0.5:
        _heads(canvas, nearest, across + offset, radius, hexagon)


def _heads(canvas, x, y, radius, hexagon):
    distance = np.hypot(x, y)
    if hexagon:
        angles = np.deg2rad([0, 60, 120])[:, None, None]
        distance = np.abs(x * np.cos(angles) + y * np.sin(angles)).max(axis=0) * 1.05
    dome = np.sqrt(np.clip(1 - (distance / radius) ** 2, 0, 1))
    flat = step(radius + 1, radius - 1, distance)
    canvas.height += 8 * flat if hexagon else 12 * dome
    canvas.weak += 0.9 * np.exp(-(((distance - radius) / 7) ** 2))


def weld(canvas):
    """Run a weld bead across the sheet, scales and burnt edges included."""
    rng = canvas.rng
    across, along = turned(rng.uniform(0, np.pi), rng.uniform(0.35, 0.65, 2) * SIDE)
    across = across + 2.5 * canvas.noise(60, 2)
    half = rng.uniform(9, 15)
    bead = np.sqrt(np.clip(1 - (across / half) ** 2, 0, 1))
    ripple = np.cos((along + 0.05 * across**2) * 2 * np.pi / rng.uniform(7, 11))
    canvas.height += bead * (7 + 1.4 * ripple)
    canvas.weak += 0.8 * np.exp(-np.abs(np.abs(across) - half) / 10)


def corrugate(canvas):
    """Fold the sheet into waves or into trapezoids."""
    rng = canvas.rng
    across, _ = turned(rng.choice([0, np.pi / 2]) + rng.normal(0, 0.04))
    wave = np.sin(across * 2 * np.pi / rng.uniform(80, 150))
    if rng.random() < 0.5:
        wave = np.clip(wave * 2.2, -1, 1)
    canvas.height += 11 * wave
    canvas.weak += 0.5 * step(0.2, -0.8, wave)


def tread(canvas):
    """Raise the lozenges of a tread plate."""
    rng = canvas.rng
    across, along = turned(rng.normal(0, 0.25) + np.pi / 4)
    pitch = rng.uniform(48, 70)
    row = np.floor(across / pitch) + np.floor(along / pitch)
    x = (across % pitch) - pitch / 2
    y = (along % pitch) - pitch / 2
    even = row % 2 == 0
    long, short = np.where(even, x, y), np.where(even, y, x)
    lozenge = 1 - (long / (pitch * 0.42)) ** 2 - (short / (pitch * 0.11)) ** 2
    canvas.height += 4 * np.clip(lozenge * 2, 0, 1)
    canvas.weak += 0.25 * step(0, -1, lozenge)


def bend(canvas):
    """Show a pipe or a round post: the sides turn away, a dark room behind them."""
    rng = canvas.rng
    across, along = turned(rng.choice([0, np.pi / 2]) + rng.normal(0, 0.08))
    radius = rng.uniform(165, 300)
    canvas.height += np.sqrt(np.clip(radius**2 - across**2, 1, None)) * 0.9
    if rng.random() < 0.6:
        collar = band(along - rng.uniform(-120, 120), rng.uniform(12, 26))
        canvas.height += 7 * collar
        canvas.weak += np.exp(-np.abs(collar - 0.5) * 8)
    canvas.outside = step(radius - 1, radius + 2, np.abs(across))


FORMS = (stay_flat, rivet, weld, corrugate, tread, bend)
FORM_PROBABILITIES = (0.24, 0.24, 0.14, 0.12, 0.10, 0.16)


def hide_outside(canvas):
    """Put an out-of-focus background behind a pipe."""
    outside = getattr(canvas, "outside", None)
    if outside is None:
        return
    rng = canvas.rng
    rows, _ = grid()
    top, bottom = rng.uniform(0.12, 0.55, (2, 3)).astype("f4")
    grey = rng.uniform(0.4, 0.9)
    top, bottom = mix(top, top.mean(), grey), mix(bottom, bottom.mean(), grey)
    view = mix(top, bottom, (rows / SIDE)[..., None])
    view = view * (1 + 0.25 * canvas.noise(140, 2)[..., None])
    canvas.cover(outside, np.clip(view, 0, 1), gloss=0.0)
    inside = 1 - step(0, 0.5, outside)
    canvas.height = canvas.height * inside
