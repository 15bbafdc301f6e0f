"""What time leaves on walls and floors of the leak scenes: all of it unlabelled.

Damp stains, rust runs, dirt, paint spots, lettering, dry blots: some tell of water,
some only look like it, and a detector must learn to leave them alone.
"""

import cv2
import numpy as np

from inspection.synthetic.noise import mix, step

WORDS = (
    "P-01",
    "P-02",
    "DN 50",
    "DN 80",
    "WATER",
    "HEATING",
    "RETURN",
    "B 12",
    "SUPPLY",
    "ZONE 3",
    "L-104",
    "PUMP 2",
)


def weather_wall(sheet, rng):
    """Age a wall: dirt towards the floor, grey runs, rust runs, spots, lettering."""
    s, t = sheet.place()
    cloud = sheet.noise(rng, 0.35, 5)
    foot = np.exp(-np.maximum(t + 0.05 * cloud, 0) / rng.uniform(0.05, 0.25))
    sheet.shade *= 1 - rng.uniform(0.1, 0.5) * foot
    runs = step(0.7, 2.3, sheet.noise(rng, (0.8, 0.07), 4)) * step(-0.5, 1, cloud)
    sheet.shade *= 1 - rng.uniform(0.0, 0.35) * runs
    middle = (sheet.left + sheet.right) / 2
    for _ in range(rng.integers(0, 3)):
        place = middle + rng.uniform(-0.8, 0.8), rng.uniform(0.4, 1.2)
        run_rust(sheet, rng, *place, rng.uniform(0.01, 0.05), rng.uniform(0.1, 0.5))
    for _ in range(rng.choice([0, 1, 2], p=[0.55, 0.3, 0.15])):
        place = middle + rng.uniform(-0.8, 0.8), rng.uniform(0.2, 1.2)
        dampen(sheet, rng, *place, rng.uniform(0.08, 0.25), rng.uniform(0.15, 0.5))
    if rng.random() < 0.3:
        spatter(sheet, rng)
    if rng.random() < 0.3:
        place = middle + rng.uniform(-0.6, 0.4), rng.uniform(0.5, 1.1)
        letter(sheet, rng, *place)


def weather_floor(sheet, rng):
    """Age a floor: dirt towards the wall, dry blots that mirror nothing, spots."""
    _, t = sheet.place()
    foot = np.exp(-t / rng.uniform(0.05, 0.2))
    sheet.shade *= 1 - rng.uniform(0.2, 0.5) * foot
    for _ in range(rng.choice([0, 1, 2], p=[0.5, 0.35, 0.15])):
        blot(sheet, rng)
    if rng.random() < 0.25:
        spatter(sheet, rng)


def run_rust(sheet, rng, x, y, wide, tall):
    """Let rust run down the wall from (x, y)."""
    sheet = sheet.part(x - 3 * wide, x + 3 * wide, y - tall, y + 0.02)
    if sheet is None:
        return
    s, t = sheet.place()
    along = (y - t) / tall
    wander = 0.4 * sheet.noise(rng, (0.3, 0.02), 3)
    thread = np.exp(-np.square((s - x) / wide + 0.3 * wander)) * (0.6 + 0.4 * wander)
    fade = step(-0.01, 0.02, along) * step(1.0, 0.2, along)
    rust = np.array([0.16, 0.06, 0.02], np.float32)
    cover = np.clip(0.75 * thread * fade, 0, 1)[..., None]
    sheet.color[:] = mix(sheet.color, rust * (0.4 + sheet.color), cover)


def dampen(sheet, rng, x, y, wide, tall):
    """Darken the wall in a ragged stain that runs down from (x, y)."""
    sheet = sheet.part(x - 2 * wide, x + 2 * wide, y - 2.4 * tall, y + 1.6 * tall)
    if sheet is None:
        return
    s, t = sheet.place()
    u = (s - x) / wide
    v = (t - (y - 0.4 * tall)) / tall
    noise = sheet.noise(rng, (0.5, 0.16), 5)
    field = 1 - np.sqrt(u * u + v * v) + 0.28 * noise
    wet = step(0.0, 0.35, field)
    rim = np.exp(-np.square(field / 0.06))
    sheet.shade *= 1 - 0.42 * wet - 0.1 * rim


def blot(sheet, rng):
    """Leave a dry stain of oil or paint on the floor: matt, so no puddle."""
    x, z = rng.uniform(sheet.left, sheet.right), rng.uniform(0.05, 1.0)
    wide, deep = rng.uniform(0.05, 0.3, 2)
    soft, dark = rng.uniform(0.25, 0.8), rng.uniform(0.5, 0.75)
    paint = rng.random() < 0.2
    if paint:
        wide, deep, soft = wide / 7, deep / 7, 0.05
    sheet = sheet.part(x - 2 * wide, x + 2 * wide, z - 2 * deep, z + 2 * deep)
    if sheet is None:
        return
    s, t = sheet.place()
    reach = np.sqrt(np.square((s - x) / wide) + np.square((t - z) / deep))
    cover = step(0.0, soft, 1 - reach + 0.2 * sheet.noise(rng, wide, 4))[..., None]
    tone = (
        np.float32(rng.uniform(0.4, 0.6)) if paint else sheet.color * np.float32(dark)
    )
    sheet.color[:] = mix(sheet.color, tone, np.float32(0.85) * cover)


def spatter(sheet, rng):
    """Drop white paint in round spots."""
    rows, columns = sheet.shape
    tone = np.full(3, rng.uniform(0.35, 0.6)).tolist()
    for _ in range(rng.integers(5, 40)):
        x, y = rng.uniform(0, columns), rng.uniform(0, rows)
        radius = max(8, round(16 * rng.lognormal(-5.6, 0.5) * sheet.pixels))
        centre = round(x * 16), round(y * 16)
        cv2.circle(sheet.color, centre, radius, tone, -1, cv2.LINE_8, 4)


def letter(sheet, rng, x, y):
    """Stencil a pipe number on the wall."""
    sheet = sheet.part(x - 0.05, x + 0.7, y - 0.05, y + 0.15)
    if sheet is None:
        return
    rows, columns = sheet.shape
    ink = np.zeros((rows, columns), np.uint8)
    word = WORDS[rng.integers(len(WORDS))]
    place = int((x - sheet.left) * sheet.pixels), int((sheet.high - y) * sheet.pixels)
    size = rng.uniform(0.0016, 0.003) * sheet.pixels
    cv2.putText(
        ink,
        word,
        place,
        cv2.FONT_HERSHEY_DUPLEX,
        size,
        255,
        max(1, round(size * 2)),
        cv2.LINE_AA,
    )
    worn = step(1.4, 0.2, sheet.noise(rng, 0.03, 4))
    cover = (0.8 * worn * ink.astype(np.float32) / 255)[..., None]
    tone = np.array(
        [(0.02, 0.02, 0.02), (0.3, 0.02, 0.02), (0.5, 0.5, 0.48)], np.float32
    )
    sheet.color[:] = mix(sheet.color, tone[rng.integers(3)], cover)
