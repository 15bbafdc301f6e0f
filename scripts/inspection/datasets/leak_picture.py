"""Draw a leak scene with its water, and find the boxes of what is seen."""

import cv2
import numpy as np

from inspection.datasets.leak_noise import mix
from inspection.datasets.leak_puddle import draw_puddle
from inspection.datasets.leak_view import draw_view
from inspection.datasets.leak_water import draw_leak, lay_over
from inspection.datasets.voc import Box

LEAK_ALPHA = 0.25  # water in the air counts where it covers this share of a pixel
PUDDLE_ALPHA = 0.5  # a puddle ends where it covers half a pixel
SMALLEST = 10  # pixels; narrower water is not labelled


def draw_picture(scene, time=0.0):
    """Return (linear colour [480, 640, 3], boxes) of a scene at a time in seconds."""
    view = draw_view(scene, scene.camera)
    colour, boxes = view.colour, []
    if scene.puddles:
        colour = _add_puddles(scene, view, boxes)
    for leak in scene.leaks:
        water = draw_leak(leak, view, scene.camera, time)
        colour = lay_over(colour, water, _light_at(scene, leak.source))
        boxes += find_boxes(
            cv2.GaussianBlur(water.alpha, (0, 0), 1.5), LEAK_ALPHA, "leak"
        )
    return colour, boxes


def _add_puddles(scene, view, boxes):
    """Return the colour with all puddles; append their boxes."""
    camera = scene.camera
    mirror = draw_view(scene, camera.mirrored().scaled(0.5)).colour
    mirror = cv2.resize(mirror, (camera.width, camera.height))
    colour = view.colour
    covers = []
    for puddle in scene.puddles:
        wet, alpha = draw_puddle(colour, scene, puddle, mirror)
        colour = mix(wet, colour, view.cover[..., None])
        covers.append(alpha * (1 - view.cover))
    boxes += find_boxes(np.max(covers, axis=0), PUDDLE_ALPHA, "puddle")
    return colour


def _light_at(scene, place):
    """Return the light on water at a place: from the lamps, whichever way it faces."""
    place = place[None].astype(np.float32)
    up = np.array([[0.0, 1.0, 0.0]], np.float32)
    total = scene.light.fall(place, up)[0]
    for lamp in scene.light.lamps:
        towards = lamp.place[None] - place
        towards /= np.linalg.norm(towards)
        total = total + 0.7 * lamp.shine(place, towards.astype(np.float32))[0]
    return np.maximum(total, 0.45 * scene.light.above.mean() + 0.25)


def find_boxes(alpha, threshold, name):
    """Return the boxes of the connected regions where alpha reaches a threshold."""
    mask = (alpha >= threshold).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, _, regions, _ = cv2.connectedComponentsWithStats(mask)
    largest = max((area for *_, area in regions[1:]), default=0)
    boxes = []
    for left, top, wide, tall, area in regions[1:]:
        if min(wide, tall) < SMALLEST or area < max(100, 0.15 * largest):
            continue
        right, bottom = left + wide, top + tall
        edge = (
            left == 0 or top == 0 or right == alpha.shape[1] or bottom == alpha.shape[0]
        )
        boxes.append(
            Box(
                name,
                float(left),
                float(top),
                float(right),
                float(bottom),
                truncated=bool(edge),
            )
        )
    return boxes
