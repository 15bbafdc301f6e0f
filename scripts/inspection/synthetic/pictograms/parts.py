"""The parts that pictograms are made of: filled outlines and strokes, each in a role.

Coordinates are those of the drawing: x to the right, y down, the thing within -1..1.
The role decides the colour: "body", "dark", "light", "accent", "black" or "white".
"""

from dataclasses import dataclass

import cv2
import numpy as np

FINE = 4  # sub-pixels that are drawn for a pixel of the picture
FRACTION = 4  # bits of a sub-pixel that OpenCV takes


@dataclass(frozen=True)
class PictogramPart:
    """An outline [N, 2] to fill, or with a width a line to draw along the points."""

    points: np.ndarray
    role: str
    width: float = 0.0


def fill(points, role="body"):
    """Return a filled outline."""
    return PictogramPart(np.array(points, float), role)


def stroke(points, width, role="body"):
    """Return a line through points."""
    return PictogramPart(np.array(points, float), role, width)


def ellipse(x, y, rx, ry, role="body", turn=0.0):
    """Return a filled ellipse; turn: degrees, clockwise."""
    angles = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    points = np.stack([rx * np.cos(angles), ry * np.sin(angles)], 1)
    return PictogramPart(points @ rotation(turn).T + (x, y), role)


def box(left, top, right, bottom, role="body"):
    """Return a filled rectangle."""
    return fill([(left, top), (right, top), (right, bottom), (left, bottom)], role)


def curve(start, bend, end, count=8):
    """Return points on the curve from start to end that bends towards a point."""
    t = np.linspace(0, 1, count)[:, None]
    start, bend, end = np.array(start), np.array(bend), np.array(end)
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end


def rotation(degrees):
    """Return the matrix that turns points clockwise on a picture."""
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def paint(canvas, parts, matrix, offset, colors):
    """Draw parts on a canvas, uint8 [h, w, 3], in their order.

    matrix [2, 2] and offset [2] lead from drawing to canvas; colors: {role: RGB}.
    """
    scale = np.sqrt(abs(np.linalg.det(matrix)))
    for part in parts:
        points = part.points @ matrix.T + offset
        points = np.round(points * 2**FRACTION).astype(np.int32)
        color = [int(value) for value in colors[part.role]]
        if part.width:
            thick = max(1, round(part.width * scale))
            cv2.polylines(canvas, [points], False, color, thick, cv2.LINE_8, FRACTION)
        else:
            cv2.fillPoly(canvas, [points], color, cv2.LINE_8, FRACTION)
