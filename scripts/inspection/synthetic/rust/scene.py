"""One picture of steel, drawn from a seed: its parts, its rust, and its mask."""

import cv2
import numpy as np

from inspection.synthetic.rust import distractors, growth, steel
from inspection.synthetic.rust.canvas import Canvas
from inspection.synthetic.rust.photo import PICTURE, light_up, photograph

RUSTY = 0.65  # share of the pictures with rust
LEAST = 0.004  # share of the picture; less than that would be a matter of opinion


def draw(seed, number):
    """Return (picture uint8 [256, 256, 3], mask uint8 [256, 256] of 0 and 255)."""
    rng = np.random.default_rng([seed, number])
    rusty = rng.random() < RUSTY
    while True:
        canvas = _compose(rng, rusty)
        mask = _mask(canvas)
        if not rusty or (mask > 0).mean() >= LEAST:
            return photograph(light_up(canvas), rng), mask


def _compose(rng, rusty):
    canvas = Canvas(rng)
    steel.form(canvas)
    skin = steel.SKINS[rng.choice(len(steel.SKINS), p=steel.SKIN_PROBABILITIES)]
    skin(canvas)
    below, above = _counts(rng, rusty)
    _distract(canvas, distractors.BELOW, below)
    if rng.random() < 0.3:
        growth.scratch(canvas, rusty=False)
    if rusty:
        _corrode(canvas)
    _distract(canvas, distractors.ABOVE, above)
    steel.hide_outside(canvas)
    return canvas


def _counts(rng, rusty):
    """Return how many distractors lie below the rust, and how many above it."""
    if rusty:
        return rng.choice(2, p=[0.7, 0.3]), rng.choice(3, p=[0.6, 0.3, 0.1])
    return rng.choice(2, p=[0.6, 0.4]), rng.choice(3, p=[0.25, 0.5, 0.25])


def _distract(canvas, probabilities, count):
    share = np.array([*probabilities.values()]) / sum(probabilities.values())
    drawn = canvas.rng.choice(len(share), size=count, replace=False, p=share)
    for i in drawn:
        list(probabilities)[i](canvas)


def _corrode(canvas):
    rng = canvas.rng
    kind = rng.choice(
        ["spread", "patches", "pits", "scratch"], p=[0.36, 0.34, 0.2, 0.1]
    )
    if kind == "spread":
        growth.spread(canvas, rng.beta(1.4, 4.5))
    if kind == "patches":
        for _ in range(rng.integers(1, 5)):
            growth.patch(canvas)
    if kind == "pits":
        for _ in range(rng.integers(1, 3)):
            growth.pit(canvas)
    if kind == "scratch" or rng.random() < 0.15:
        growth.scratch(canvas, rusty=True)
    if kind in ("spread", "patches") and rng.random() < 0.6:
        growth.run_down(canvas)


def _mask(canvas):
    share = cv2.resize(canvas.rust, (PICTURE, PICTURE), interpolation=cv2.INTER_AREA)
    return np.where(share > 0.5, 255, 0).astype(np.uint8)
