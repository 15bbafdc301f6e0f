"""A flange of turned steel, seen from above: what differs from one good part to the next."""

from dataclasses import dataclass, field

import numpy as np

from inspection.synthetic.noise import fractal, mix, step

SIDE = 384  # pixels of the drawing; the picture has half of them, with smooth edges
RADIUS = 0.40 * SIDE  # of the flange, on average
BORE, HUB, BOLTS = 0.34, 0.50, 0.74  # radii, in radii of the flange
HOLE = 0.085
HOLES = 6
EDGE = 0.012  # width of a smooth border
STEEL = np.float32([0.60, 0.61, 0.62])
MAT = np.float32([0.13, 0.15, 0.16])


@dataclass
class Flange:
    """One part on its mat, before light falls on it.

    color: float32 [SIDE, SIDE, 3]. height: float32 [SIDE, SIDE], in pixels.
    metal, mask: float32 [SIDE, SIDE], 0..1: where steel is, and where a defect.
    across, along: coordinates in radii of the flange, turned with it; 0 in its centre.
    """

    rng: np.random.Generator
    across: np.ndarray
    along: np.ndarray
    color: np.ndarray = field(default_factory=lambda: np.zeros((SIDE, SIDE, 3), "f4"))
    height: np.ndarray = field(default_factory=lambda: np.zeros((SIDE, SIDE), "f4"))
    metal: np.ndarray = field(default_factory=lambda: np.zeros((SIDE, SIDE), "f4"))
    mask: np.ndarray = field(default_factory=lambda: np.zeros((SIDE, SIDE), "f4"))

    @property
    def radius(self):
        """Return how far each pixel is from the centre, in radii of the flange."""
        return np.hypot(self.across, self.along)

    def noise(self, cell, octaves=4, gain=0.5):
        """Return smooth noise over the picture, of mean 0 and about unit spread."""
        return fractal(self.rng, (SIDE, SIDE), cell, octaves, gain)

    def paint(self, where, color):
        """Cover with a color where `where`, 0..1, says."""
        self.color = mix(self.color, np.asarray(color, "f4"), where[..., None])


def lay_down(rng):
    """Return an empty Flange: a pin holds it in place, with a little play."""
    rows, columns = np.mgrid[:SIDE, :SIDE].astype("f4")
    centre = SIDE / 2 + rng.uniform(-0.008, 0.008, 2) * SIDE
    radius = RADIUS * rng.uniform(0.99, 1.01)
    angle = rng.uniform(-0.03, 0.03)
    y, x = (rows - centre[0]) / radius, (columns - centre[1]) / radius
    turned = (
        x * np.cos(angle) + y * np.sin(angle),
        y * np.cos(angle) - x * np.sin(angle),
    )
    return Flange(rng, *turned)


def hole_centres():
    """Return (across, along) of the bolt holes."""
    angles = np.arange(HOLES) * 2 * np.pi / HOLES
    return BOLTS * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def inside(distance, radius, soft=EDGE):
    """Return 1 within a radius, falling smoothly to 0."""
    return step(radius + soft / 2, radius - soft / 2, distance)


def turn_on_lathe(part, missing=()):
    """Draw mat and flange: steel, hub, bore, bolt holes but for those `missing`."""
    part.color[:] = MAT * (1 + 0.10 * part.noise(9)[..., None])
    radius = part.radius
    part.metal = inside(radius, 1.0) * (1 - inside(radius, BORE))
    for number, (across, along) in enumerate(hole_centres()):
        if number not in missing:
            far = np.hypot(part.across - across, part.along - along)
            part.metal *= 1 - inside(far, HOLE)
    part.paint(part.metal, _steel(part))
    hub = inside(radius, HUB, 0.05)
    part.height = RADIUS * (0.06 * part.metal + 0.05 * hub * part.metal)
    rim = np.exp(-(((radius - 0.975) / 0.012) ** 2)) * part.metal  # a chamfer
    part.paint(0.5 * rim, STEEL * 1.25)


def _steel(part):
    """Return the color of turned steel: rings of the tool, clouds, here and there dust."""
    rng, radius = part.rng, part.radius
    rings = np.interp(radius, np.linspace(0, 1.2, 400), rng.normal(0, 1, 400))
    feed = np.sin(radius * rng.uniform(260, 300))
    shade = 1 + 0.030 * rings + 0.025 * feed + 0.03 * part.noise(120)
    shade = shade + 0.012 * part.noise(3, 2)
    return STEEL * rng.uniform(0.92, 1.06) * shade[..., None].astype("f4")
