"""How rust grows on the sheet: patches, pits, runs, scratches that rust.

A pixel counts as rust where more than half of its colour is. Faint stains around a
patch are there, and are not rust: the metal below them is sound.
"""

import numpy as np

from inspection.synthetic.noise import mix, step
from inspection.synthetic.rust.canvas import SIDE, blob, blur, stroke

# from old and thick to young and thin
TONES = np.array(
    [
        (0.16, 0.09, 0.07),
        (0.28, 0.13, 0.08),
        (0.42, 0.19, 0.09),
        (0.57, 0.28, 0.11),
        (0.70, 0.41, 0.17),
        (0.78, 0.55, 0.29),
    ],
    "f4",
)


def rust_color(canvas, age):
    """Return rust [SIDE, SIDE, 3]: dark where old (age 1), ochre where young (0)."""
    grain = 0.45 * canvas.noise(26, 4, 0.6) + 0.35 * canvas.noise(4, 2, 0.8)
    place = np.clip((1 - age) * 4.0 + 0.6 + grain, 0, len(TONES) - 1.001)
    low = place.astype(int)
    color = mix(TONES[low], TONES[low + 1], (place - low)[..., None])
    speckle = 1 + 0.10 * canvas.noise(3, 2, 0.9)[..., None]
    return np.clip(color * speckle * canvas.rng.uniform(0.85, 1.15), 0, 1)


def spread(canvas, amount):
    """Let rust break out over the share `amount` of the sheet, at weak places first."""
    field = 0.9 * canvas.noise(150, 6, 0.62) + 0.3 * canvas.noise(20, 4, 0.6)
    field += 1.6 * np.clip(canvas.weak, 0, 1.2)
    limit = np.quantile(field, 1 - amount)
    where = step(limit - 0.05, limit + 0.05, field)
    inner = np.clip((field - limit) / 1.6, 0, 1)
    _lay(canvas, where, age=0.25 + 0.75 * inner)


def patch(canvas, centre=None, radius=None):
    """Set one patch of rust, flaking, with a rim of lifted paint."""
    rng = canvas.rng
    centre = rng.uniform(0.1, 0.9, 2) * SIDE if centre is None else centre
    radius = rng.uniform(22, 85) if radius is None else radius
    where = blob(canvas, centre, radius, rng.uniform(0.5, 1.1))
    _lay(canvas, where, age=np.clip(blur(where, radius / 3), 0, 1) * 0.95)
    return centre, radius


def _lay(canvas, where, age):
    """Put rust on: stain, lifted rim of paint, loss of it, and the rough metal."""
    rim = np.clip(blur(where, 4) - where, 0, 1)
    stain = np.clip(blur(where, 13) - where, 0, 1)
    canvas.color = mix(
        canvas.color, np.float32([0.62, 0.42, 0.22]), (0.5 * stain)[..., None]
    )
    canvas.height += 5 * rim - 1.6 * where
    canvas.height += where * (0.9 * canvas.noise(7, 3, 0.7) + 0.7 * canvas.noise(22))
    canvas.corrode(0.97 * where, rust_color(canvas, age))


def pit(canvas):
    """Scatter pits over a region: dark holes with a brown rim."""
    rng = canvas.rng
    region = rng.uniform(0.15, 0.85, 2) * SIDE
    extent = rng.uniform(40, 130)
    holes, rims = np.zeros((2, SIDE, SIDE), "f4")
    for _ in range(rng.integers(15, 70)):
        centre = rng.normal(region, extent)
        radius = rng.gamma(2.5, 1.5) + 2
        hole, rim = _pit_at(centre, radius)
        holes, rims = np.maximum(holes, hole), np.maximum(rims, rim)
    ragged = 1 + 0.35 * canvas.noise(8, 2)
    canvas.corrode(
        np.clip(0.95 * step(0.3, 0.7, rims * ragged), 0, 1),
        rust_color(canvas, 0.35 + 0.6 * holes),
    )
    canvas.height -= 4 * holes


def _pit_at(centre, radius):
    y, x = np.ogrid[:SIDE, :SIDE]
    distance = np.hypot(y - centre[0], x - centre[1]).astype("f4") / radius
    return step(0.9, 0.5, distance), step(1.9, 1.2, distance)


def run_down(canvas):
    """Let water carry rust down from where it is: runs that thin out below."""
    rng = canvas.rng
    source = (canvas.rust > 0.5).astype("f4") * step(-0.3, 0.6, canvas.noise(16, 2))
    length = rng.uniform(40, 130) * np.exp(0.8 * _row_of_noise(canvas, 5))
    keep = np.exp(-1 / length).astype("f4")
    keep = keep * (_row_of_noise(canvas, 11) > 0.2)  # gaps between the runs
    runs, carried = np.zeros((SIDE, SIDE), "f4"), np.zeros(SIDE, "f4")
    for row in range(SIDE):
        carried = np.maximum(carried * keep, source[row])
        runs[row] = carried
    # pulled towards 0 and 1, so that a run has an edge a person would draw
    where = 0.9 * step(0.12, 0.6, blur(runs, 1.3) * (1 + 0.2 * canvas.noise((50, 6))))
    fresh = where * (1 - 0.85 * canvas.rust)
    canvas.corrode(fresh, rust_color(canvas, np.float32(0.25)))


def _row_of_noise(canvas, cell):
    return canvas.noise((SIDE, cell), 2)[SIDE // 2]


def scratch(canvas, rusty):
    """Draw a scratch down to the metal, bright and new or rusted through."""
    rng = canvas.rng
    start = rng.uniform(0.05, 0.95, 2) * SIDE
    heading, length = rng.uniform(0, 2 * np.pi), rng.uniform(80, 330)
    steps = np.linspace(0, 1, 12)[:, None]
    bow = np.cumsum(rng.normal(0, 2.5, (12, 2)), axis=0)
    points = start + steps * length * [np.cos(heading), np.sin(heading)] + bow
    line = stroke(points, int(rng.integers(1, 4)))
    canvas.cover(0.9 * line, (0.78, 0.79, 0.80), gloss=0.7, relief=-1.2)
    if rusty:
        wide = step(0.18, 0.4, blur(line, 2.2) * (1 + 0.5 * canvas.noise(16, 3)))
        canvas.corrode(0.95 * wide, rust_color(canvas, np.float32(0.35)))
