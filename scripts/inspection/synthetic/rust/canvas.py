"""The sheet that a rust picture is painted on, before light falls on it."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from inspection.synthetic.noise import fractal, mix, step

SIDE = 512  # pixels of the drawing; the picture has half of them, with smooth edges


@dataclass
class Canvas:
    """A square of surface: its colour, relief, gloss, and how much of it is rust.

    colour: float32 [SIDE, SIDE, 3], 0..1 as it is stored in a picture.
    height: float32 [SIDE, SIDE] in pixels towards the viewer.
    gloss: float32 [SIDE, SIDE], 0 matt to 1.
    rust: float32 [SIDE, SIDE], the share of a pixel's colour that is rust.
    weak: float32 [SIDE, SIDE], where water stays and rust likes to begin.
    """

    rng: np.random.Generator
    color: np.ndarray = field(default_factory=lambda: np.zeros((SIDE, SIDE, 3), "f4"))
    height: np.ndarray = field(default_factory=lambda: np.zeros((SIDE, SIDE), "f4"))
    gloss: np.ndarray = field(default_factory=lambda: np.zeros((SIDE, SIDE), "f4"))
    rust: np.ndarray = field(default_factory=lambda: np.zeros((SIDE, SIDE), "f4"))
    weak: np.ndarray = field(default_factory=lambda: np.zeros((SIDE, SIDE), "f4"))

    def noise(self, cell, octaves=4, gain=0.5):
        """Return smooth noise over the sheet, of mean 0 and about unit spread."""
        return fractal(self.rng, (SIDE, SIDE), cell, octaves, gain)

    def cover(self, where, color, gloss=None, relief=0.0):
        """Lay a coat over the sheet where `where` (0..1) says; it hides rust, too."""
        self.color = mix(self.color, np.asarray(color, "f4"), where[..., None])
        self.height = self.height + relief * where
        self.rust = self.rust * (1 - where)
        if gloss is not None:
            self.gloss = mix(self.gloss, gloss, where)

    def corrode(self, where, color):
        """Let rust of a colour [SIDE, SIDE, 3] take the share `where` of each pixel."""
        self.color = mix(self.color, np.asarray(color, "f4"), where[..., None])
        self.rust = self.rust + (1 - self.rust) * where
        self.gloss = self.gloss * (1 - 0.9 * where)


def grid():
    """Return the rows and columns of all pixels as two float32 maps."""
    rows, columns = np.mgrid[:SIDE, :SIDE].astype("f4")
    return rows, columns


def turned(angle, centre=(SIDE / 2, SIDE / 2)):
    """Return coordinates (across, along) of axes turned by an angle in radians."""
    rows, columns = grid()
    y, x = rows - centre[0], columns - centre[1]
    return (
        x * np.cos(angle) + y * np.sin(angle),
        -x * np.sin(angle) + y * np.cos(angle),
    )


def blob(canvas, centre, radius, ragged=0.5):
    """Return a soft-edged patch, 0..1: a disc with a border of noise."""
    rows, columns = grid()
    distance = np.hypot(rows - centre[0], columns - centre[1]) / radius
    border = distance + ragged * 0.4 * canvas.noise(radius * 0.9, 5, 0.6)
    return step(1.05, 0.95, border)


def band(distance, half_width, soft=1.5):
    """Return 1 within half_width of a line, falling to 0 over `soft` pixels."""
    return step(half_width + soft, half_width, np.abs(distance))


def stroke(points, thickness):
    """Return an anti-aliased line through points [N, 2] (x, y), 0..1."""
    image = np.zeros((SIDE, SIDE), np.uint8)
    scaled = np.round(np.asarray(points) * 16).astype(np.int32)
    cv2.polylines(image, [scaled], False, 255, thickness, cv2.LINE_AA, shift=4)
    return image.astype("f4") / 255


def blur(image, sigma):
    """Return an image blurred by a Gaussian of `sigma` pixels."""
    return cv2.GaussianBlur(image, (0, 0), sigma)
