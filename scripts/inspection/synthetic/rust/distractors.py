"""What is brown or red and is no rust: paint, wood, dirt, labels, tape, brass."""

import cv2
import numpy as np

from inspection.synthetic.noise import mix, step
from inspection.synthetic.rust.canvas import SIDE, band, blob, blur, grid, turned

BROWNS = (
    (0.36, 0.20, 0.12),
    (0.50, 0.24, 0.14),
    (0.44, 0.29, 0.17),
    (0.62, 0.33, 0.14),
)
REDS = ((0.72, 0.12, 0.10), (0.80, 0.30, 0.08), (0.62, 0.10, 0.12))
WORDS = ("DANGER", "PUMP 3", "NO. 17", "HOT", "STOP", "V-204", "CHECK", "DN 80")


def brown_paint(canvas):
    """Paint a stripe, a frame or a corner brown: even, straight edges, some gloss."""
    rng = canvas.rng
    across, along = turned(rng.choice([0, np.pi / 2]) + rng.normal(0, 0.05))
    centre, half = rng.uniform(-200, 200), rng.uniform(26, 80)
    where = band(across - centre, half)
    if rng.random() < 0.35:
        where = where * step(-2, 2, along - rng.uniform(-100, 100))
    tone = np.array(BROWNS[rng.integers(len(BROWNS))]) * rng.uniform(0.85, 1.15)
    fading = (
        1 + 0.04 * canvas.noise(160)[..., None] + 0.015 * canvas.noise(6)[..., None]
    )
    canvas.cover(where, np.clip(tone * fading, 0, 1), gloss=0.4, relief=0.8)


def wood(canvas):
    """Lay a plank over the sheet: grain, a knot or two, its shadow."""
    rng = canvas.rng
    angle = rng.choice([0, np.pi / 2]) + rng.normal(0, 0.1)
    across, along = turned(angle, rng.uniform(0.1, 0.9, 2) * SIDE)
    half = rng.uniform(36, 75)
    where = band(across, half, 1)
    knot = np.exp(-(((along - rng.uniform(-150, 150)) / 60) ** 2)) * np.exp(
        -((across / (half * 0.5)) ** 2)
    )
    wander = 10 * canvas.noise(200, 2) + 26 * knot
    rings = np.sin((across + wander) * 2 * np.pi / rng.uniform(7, 13))
    fibre = canvas.noise(3, 2, 0.8)
    tone = np.array([0.60, 0.42, 0.25]) * rng.uniform(0.65, 1.15)
    shade = 1 + 0.13 * rings + 0.05 * fibre - 0.35 * step(0.6, 1, knot)
    shadow = band(across - 7, half + 4, 10) * (1 - where)
    canvas.color = canvas.color * (1 - 0.45 * shadow[..., None])
    canvas.cover(where, np.clip(tone * shade[..., None], 0, 1), gloss=0.05)
    canvas.height = mix(canvas.height, canvas.height.mean() + 10 + rings * 0.5, where)


def dirt(canvas):
    """Splash mud: dull, soft edges, finer drops around."""
    rng = canvas.rng
    tone = np.array([0.33, 0.28, 0.21]) * rng.uniform(0.7, 1.3)
    for _ in range(rng.integers(1, 4)):
        centre, radius = rng.uniform(0, 1, 2) * SIDE, rng.uniform(20, 75)
        where = blur(blob(canvas, centre, radius, 1.2), 2.5)
        where = where * np.clip(0.8 + 0.3 * canvas.noise(14, 3), 0, 1)
        shade = 1 + 0.12 * canvas.noise(9, 3)[..., None]
        canvas.cover(0.9 * where, np.clip(tone * shade, 0, 1), gloss=0.02, relief=0.6)
    drops = step(2.1, 2.5, canvas.noise(9, 2))
    canvas.cover(0.8 * drops, tone, gloss=0.02)


def red_label(canvas):
    """Stick a red or orange label on, with a word on it."""
    rng = canvas.rng
    wide, tall = int(rng.uniform(110, 230)), int(rng.uniform(60, 110))
    tone = np.array(REDS[rng.integers(len(REDS))]) * rng.uniform(0.85, 1.1)
    card = np.full((tall, wide, 3), np.round(255 * tone), np.uint8)
    white = (235, 232, 224)
    cv2.rectangle(card, (5, 5), (wide - 6, tall - 6), white, 2, cv2.LINE_AA)
    word = WORDS[rng.integers(len(WORDS))]
    size = 0.62 * wide / cv2.getTextSize(word, cv2.FONT_HERSHEY_DUPLEX, 1, 2)[0][0]
    place = (int(0.17 * wide), int(0.5 * tall + 11 * size))
    cv2.putText(card, word, place, cv2.FONT_HERSHEY_DUPLEX, size, white, 2, cv2.LINE_AA)
    color, where = _stick(card.astype("f4") / 255, rng)
    canvas.cover(where, color, gloss=0.5)
    canvas.height = mix(canvas.height, blur(canvas.height, 3) + 1, where)


def _stick(card, rng):
    """Return a card turned and placed on the sheet, and where it lies."""
    tall, wide = card.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), rng.normal(0, 9), 1.0)
    turn[:, 2] += rng.uniform(0.22, 0.78, 2) * SIDE - [wide / 2, tall / 2]
    kind = {"flags": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_REPLICATE}
    color = cv2.warpAffine(card, turn, (SIDE, SIDE), **kind)
    where = cv2.warpAffine(np.ones((tall, wide), "f4"), turn, (SIDE, SIDE))
    return color, where


def hazard_tape(canvas):
    """Stick a yellow and black tape along an edge."""
    rng = canvas.rng
    across, along = turned(rng.choice([0, np.pi / 2]) + rng.normal(0, 0.06))
    where = band(across - rng.choice([-1, 1]) * rng.uniform(120, 210), 26)
    stripe = step(-0.08, 0.08, np.sin((across + along) * 2 * np.pi / 62))
    yellow, black = np.float32([0.88, 0.68, 0.10]), np.float32([0.10, 0.10, 0.10])
    canvas.cover(where, mix(yellow, black, stripe[..., None]), gloss=0.4)


def brass(canvas):
    """Screw in a brass or copper nut, orange and shiny."""
    rng = canvas.rng
    centre, radius = rng.uniform(0.2, 0.8, 2) * SIDE, rng.uniform(24, 44)
    rows, columns = grid()
    y, x = rows - centre[0], columns - centre[1]
    angles = np.deg2rad([0, 60, 120])[:, None, None] + rng.uniform(0, 1)
    edge = np.abs(x * np.cos(angles) + y * np.sin(angles)).max(axis=0)
    where = step(radius, radius - 2, edge)
    tone = np.array([0.70, 0.46, 0.22]) * rng.uniform(0.85, 1.1)
    shadow = blur(where, 8) * (1 - where)
    canvas.color = canvas.color * (1 - 0.5 * shadow[..., None])
    canvas.cover(where, tone, gloss=0.9)
    hole = step(radius * 0.5, radius * 0.45, np.hypot(y, x))
    top = 16 - 6 * hole + 0.08 * np.clip(radius - edge, 0, 12)
    canvas.height = mix(canvas.height, canvas.height.mean() + top, where)
    canvas.color = canvas.color * (1 - 0.35 * hole[..., None])


BELOW = {brown_paint: 0.6, dirt: 0.3, hazard_tape: 0.1}  # rust may break through
ABOVE = {brown_paint: 0.1, wood: 0.3, dirt: 0.2, red_label: 0.25, brass: 0.15}
