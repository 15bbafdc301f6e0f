"""Walls and floors of the leak scenes: linear colour textures with baked relief.

A sheet is a rectangle in metres: s runs from left to right, t upwards on a wall, away
from the wall on the floor.  It has a colour [rows, columns, 3], a relief in metres and
a shade that multiplies the colour when all is drawn.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from inspection.synthetic.noise import fractal, mix, step


@dataclass
class Sheet:
    """A texture over the rectangle left..right, low..high in metres."""

    left: float
    right: float
    low: float
    high: float
    pixels: float  # texels per metre
    color: np.ndarray = None
    relief: np.ndarray = None
    shade: np.ndarray = None

    @property
    def shape(self):
        """Return (rows, columns) of the texture."""
        if self.color is not None:
            return self.color.shape[:2]
        rows = round((self.high - self.low) * self.pixels)
        return rows, round((self.right - self.left) * self.pixels)

    def place(self):
        """Return the s (row vector) and t (column vector) of the texels in metres."""
        rows, columns = self.shape
        s = self.left + (np.arange(columns, dtype=np.float32) + 0.5) / self.pixels
        t = self.high - (np.arange(rows, dtype=np.float32) + 0.5) / self.pixels
        return s[None, :], t[:, None]

    def part(self, left, right, low, high):
        """Return the Sheet of a rectangle, which shares the texture of this one.

        None if it lies outside.
        """
        first = max(0, int((left - self.left) * self.pixels))
        last = min(self.shape[1], int((right - self.left) * self.pixels) + 1)
        top = max(0, int((self.high - high) * self.pixels))
        bottom = min(self.shape[0], int((self.high - low) * self.pixels) + 1)
        if last - first < 2 or bottom - top < 2:
            return None
        area = np.s_[top:bottom, first:last]
        edges = [self.left + k / self.pixels for k in (first, last)]
        rises = [self.high - k / self.pixels for k in (bottom, top)]
        layers = (layer[area] for layer in (self.color, self.relief, self.shade))
        return Sheet(*edges, *rises, self.pixels, *layers)

    def noise(self, rng, cell, octaves=4):
        """Return fractal noise whose largest feature is `cell` metres."""
        return fractal(rng, self.shape, np.asarray(cell) * self.pixels, octaves)

    def bake(self, light):
        """Put shade and relief into the colour, lit from a direction (s, t)."""
        across = cv2.Sobel(self.relief, cv2.CV_32F, 1, 0, scale=self.pixels / 8)
        down = cv2.Sobel(self.relief, cv2.CV_32F, 0, 1, scale=self.pixels / 8)
        slope = -across * light[0] + down * light[1]
        self.color *= (self.shade * np.clip(1 + slope, 0.35, 1.8))[..., None]


def _fill(sheet, color):
    sheet.color = np.empty((*sheet.shape, 3), np.float32)
    sheet.color[:] = color
    sheet.relief = np.zeros(sheet.shape, np.float32)
    sheet.shade = np.ones(sheet.shape, np.float32)


def _grid(sheet, wide, tall, shift, wobble):
    """Return cell numbers and the distance to the next joint of a brick or tile grid.

    `shift` moves every second row by that share of a cell.
    """
    s, t = sheet.place()
    s, t = (s + wobble[0]).astype(np.float32), (t + wobble[1]).astype(np.float32)
    row = np.floor(t / tall)
    s = s + (row % 2) * shift * wide
    column = np.floor(s / wide)
    edge = np.minimum(
        np.minimum(s - column * wide, (column + 1) * wide - s),
        np.minimum(t - row * tall, (row + 1) * tall - t),
    )
    return (row * 131 + column * 17).astype(np.int32), edge


def brick(sheet, rng):
    """Lay bricks in running bond with rough mortar."""
    palette = [
        (0.2, 0.062, 0.035),
        (0.16, 0.07, 0.045),
        (0.28, 0.16, 0.1),
        (0.13, 0.1, 0.085),
        (0.34, 0.32, 0.29),
    ]
    base = np.array(palette[rng.integers(len(palette))], np.float32)
    mortar = np.array([0.24, 0.22, 0.2], np.float32) * rng.uniform(0.5, 1.2)
    wobble = [0.003 * sheet.noise(rng, 0.03, 3) for _ in range(2)]
    cell, edge = _grid(sheet, 0.225, 0.075, 0.5, wobble)
    tones = rng.normal(1, 0.16, (997, 1)) * (1 + rng.normal(0, 0.05, (997, 3)))
    _fill(sheet, base)
    sheet.color *= tones.astype(np.float32)[cell % 997]
    grain = sheet.noise(rng, 0.02, 4)
    sheet.shade *= np.clip(1 + 0.13 * grain, 0.4, 1.6)
    body = step(0.003, 0.009, edge + 0.0015 * grain)
    sheet.color[:] = mix(
        mortar * (1 + 0.12 * grain)[..., None], sheet.color, body[..., None]
    )
    sheet.relief[:] = 0.006 * body + 0.0011 * grain
    if rng.random() < 0.25:
        sheet.color[:] = mix(sheet.color, rng.uniform(0.2, 0.42), 0.8)


def concrete(sheet, rng):
    """Cast concrete: clouds, pores, shutter joints and tie holes."""
    tone = rng.uniform(0.13, 0.32)
    _fill(sheet, np.array([1.02, 1.0, 0.96], np.float32) * tone)
    cloud = sheet.noise(rng, 0.7, 6)
    sand = sheet.noise(rng, 0.012, 2)
    pores = step(1.9, 2.4, sheet.noise(rng, 0.015, 2))
    sheet.shade *= np.clip(1 + 0.13 * cloud + 0.05 * sand, 0.4, 1.7)
    sheet.shade *= 1 - 0.5 * pores
    sheet.relief[:] = 0.0002 * sand + 0.001 * cloud - 0.0015 * pores
    if rng.random() < 0.6:
        _, edge = _grid(sheet, 1.25, 0.62, 0.0, (0.3, 0.2))
        seam = step(0.005, 0.001, edge)
        sheet.relief[:] -= 0.003 * seam
        sheet.shade *= 1 - 0.3 * seam


def plaster(sheet, rng):
    """Painted plaster: faint trowel waves, cracks, a two-colour dado at times."""
    paints = [
        (0.46, 0.43, 0.36),
        (0.3, 0.36, 0.33),
        (0.34, 0.37, 0.4),
        (0.42, 0.34, 0.22),
        (0.25, 0.28, 0.3),
    ]
    base = np.array(paints[rng.integers(len(paints))]) * rng.uniform(0.7, 1.1)
    _fill(sheet, base)
    _, t = sheet.place()
    if rng.random() < 0.45:
        lower = np.array([(0.1, 0.17, 0.14), (0.13, 0.16, 0.2), (0.2, 0.13, 0.09)])
        edge = rng.uniform(0.7, 1.3) + 0.002 * sheet.noise(rng, 0.05, 2)
        under = step(0.002, -0.002, t - edge)[..., None]
        sheet.color[:] = mix(sheet.color, lower[rng.integers(3)], under)
    waves = sheet.noise(rng, 0.25, 5)
    sheet.shade *= np.clip(1 + 0.06 * waves, 0.6, 1.4)
    sheet.relief[:] = 0.0009 * waves + 0.0001 * sheet.noise(rng, 0.012, 2)
    crack = np.abs(sheet.noise(rng, 0.6, 6)) + 0.3 * step(
        -0.4, 1, sheet.noise(rng, 0.8, 2)
    )
    sheet.shade *= 1 - 0.45 * step(0.014, 0.004, crack)


def tiles(sheet, rng):
    """Glazed tiles with grout, some of them slightly tilted in shade."""
    palette = [(0.5, 0.51, 0.5), (0.2, 0.3, 0.32), (0.36, 0.4, 0.32), (0.4, 0.35, 0.26)]
    side = rng.choice([0.1, 0.15, 0.2])
    shift = rng.choice([0.0, 0.5])
    cell, edge = _grid(sheet, side * rng.choice([1, 2]), side, shift, (0.0, 0.0))
    base = np.array(palette[rng.integers(len(palette))]) * rng.uniform(0.6, 0.95)
    _fill(sheet, base)
    sheet.shade *= rng.normal(1, 0.035, 997).astype(np.float32)[cell % 997]
    body = step(0.0015, 0.003, edge)
    grout = np.float32(rng.uniform(0.08, 0.25))
    dirt = sheet.noise(rng, 0.4, 5)
    sheet.color[:] = mix(grout, sheet.color, body[..., None])
    sheet.shade *= np.clip(1 + 0.05 * dirt, 0.6, 1.3)
    sheet.relief[:] = 0.0022 * step(0.001, 0.006, edge)


def corrugated(sheet, rng):
    """Corrugated sheet metal: upright waves, lap joints, screws, rust runs."""
    s, t = sheet.place()
    tones = [
        (0.3, 0.32, 0.33),
        (0.12, 0.2, 0.26),
        (0.16, 0.22, 0.17),
        (0.34, 0.3, 0.24),
    ]
    _fill(sheet, np.array(tones[rng.integers(len(tones))]))
    pitch = rng.uniform(0.07, 0.1)
    phase = 2 * np.pi * s / pitch
    wave = np.sin(phase) + 0.18 * np.sin(3 * phase)
    dirt = sheet.noise(rng, (0.9, 0.1), 5)
    run = step(0.6, 2.2, dirt) * step(0.2, 1.5, sheet.noise(rng, 0.5, 3))
    sheet.shade *= np.clip(1 + 0.1 * dirt, 0.5, 1.5)
    rust = np.array([0.17, 0.06, 0.02], np.float32)
    sheet.color[:] = mix(sheet.color, rust, (0.8 * run)[..., None])
    sheet.relief[:] = 0.012 * wave * np.ones_like(t)


def slab(sheet, rng):
    """Floor of worn concrete with stains and hairline cracks."""
    tone = rng.uniform(0.1, 0.26)
    _fill(sheet, np.array([1.03, 1.0, 0.95], np.float32) * tone)
    cloud, sand = sheet.noise(rng, 0.6, 6), sheet.noise(rng, 0.01, 2)
    sheet.shade *= np.clip(1 + 0.16 * cloud + 0.07 * sand, 0.35, 1.7)
    crack = np.abs(sheet.noise(rng, 0.8, 6)) + step(-0.5, 1, sheet.noise(rng, 1.0, 2))
    sheet.shade *= 1 - 0.5 * step(0.012, 0.003, crack)
    sheet.relief[:] = 0.0002 * sand


def paving(sheet, rng):
    """Floor of square quarry tiles."""
    side = rng.choice([0.15, 0.2, 0.3])
    wobble = [0.0012 * sheet.noise(rng, 0.05, 2) for _ in range(2)]
    cell, edge = _grid(sheet, side, side, 0.0, wobble)
    palette = [(0.19, 0.085, 0.055), (0.2, 0.19, 0.17), (0.12, 0.12, 0.12)]
    _fill(sheet, np.array(palette[rng.integers(3)]) * rng.uniform(0.8, 1.3))
    sheet.shade *= rng.normal(1, 0.09, 997).astype(np.float32)[cell % 997]
    body = step(0.002, 0.005, edge)
    sheet.color[:] = mix(np.float32(0.07), sheet.color, body[..., None])
    dirt = sheet.noise(rng, 0.3, 6)
    sheet.shade *= np.clip(1 + 0.13 * dirt, 0.4, 1.5)
    sheet.relief[:] = 0.0015 * body


def resin(sheet, rng):
    """Floor of painted screed, with scuffs and at times a yellow line."""
    palette = [
        (0.1, 0.13, 0.13),
        (0.14, 0.15, 0.16),
        (0.07, 0.13, 0.1),
        (0.16, 0.08, 0.06),
    ]
    _fill(sheet, np.array(palette[rng.integers(4)]) * rng.uniform(0.8, 1.3))
    dirt = sheet.noise(rng, 0.5, 6)
    sheet.shade *= np.clip(1 + 0.11 * dirt, 0.5, 1.5)
    scuff = step(1.2, 2.4, sheet.noise(rng, (0.03, 0.5), 3))
    sheet.color[:] = mix(sheet.color, np.float32(0.25), 0.25 * scuff[..., None])
    _, t = sheet.place()
    if rng.random() < 0.4:
        worn = step(1.5, 0.5, sheet.noise(rng, 0.06, 4))
        line = worn * (np.abs(t - rng.uniform(0.45, 0.9)) < 0.04)
        sheet.color[:] = mix(sheet.color, (0.5, 0.32, 0.02), 0.85 * line[..., None])


WALLS = {brick: 3, concrete: 3, plaster: 2.5, tiles: 1.5, corrugated: 1.2}
FLOORS = {slab: 3, paving: 1.5, resin: 2}


def draw_surface(kinds, sheet, rng):
    """Fill a sheet with a random kind of WALLS or FLOORS."""
    weights = np.array(list(kinds.values()), float)
    kind = list(kinds)[rng.choice(len(kinds), p=weights / weights.sum())]
    kind(sheet, rng)
