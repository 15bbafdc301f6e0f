"""Draw a leak scene with its water, and find the boxes of what is seen."""

from dataclasses import replace

import cv2
import numpy as np

from inspection.datasets.voc import Box
from inspection.synthetic.leaks.puddle import cover_of, draw_puddles, floor_places
from inspection.synthetic.leaks.spray import draw_leak, lay_over
from inspection.synthetic.leaks.view import draw_view
from inspection.synthetic.noise import mix

# water in the air counts where it covers this share of what lies within a radius in
# pixels: a spray scatters, drops are sharp
SPRAY, DROPS = (0.14, 4.0), (0.25, 0.7)
PUDDLE_ALPHA = 0.5  # a puddle ends where it covers half a pixel
SMALLEST = 9  # pixels; narrower water is not labelled
LEAST_SEEN = 0.45  # share of the water that must be in view, or it is left out
CLEAR = 0.25  # of a pixel; where water covers more, it must be seen:
FAINTEST = 0.25  # change of light there, in means of the picture, or it is left out


class Stage:
    """A scene with its dry view and its mirror picture, ready to draw at any time."""

    def __init__(self, scene):
        self.view = draw_view(scene, scene.camera)
        self.scene = scene = _in_sight(scene, self.view)
        self.window = _clip(scene)
        if self.window:
            camera = scene.camera.mirrored().cropped(self.window).scaled(0.5)
            self.mirror_camera, self.mirror = camera, draw_view(scene, camera, 1)
        self.lights = [light_at(scene, leak.source) for leak in scene.leaks]

    def draw(self, time=0.0, since=np.inf, grown=1.0):
        """Return (linear colour [height, width, 3], boxes) at a time in seconds.

        `since` is how long the leaks have been running, `grown` the size of puddles.
        """
        color, boxes = self.view.color.copy(), []
        if self.window and grown > 0:
            boxes += self._flood(color, time, since, grown)
        for leak, light in zip(self.scene.leaks, self.lights, strict=True):
            water = draw_leak(leak, self.view, self.scene.camera, time, since)
            if water is None:
                continue
            lay_over(color, water, light)
            box = _leak_box(leak.kind, water, color.shape)
            boxes += [box] if box else []
        return color, boxes

    def _flood(self, color, time, since, grown):
        """Put the puddles into `colour` and return their boxes."""
        scene, (left, top, right, bottom) = self.scene, self.window
        mirror = self.mirror.color.copy()
        for leak, light in zip(scene.leaks, self.lights, strict=True):
            water = draw_leak(leak, self.mirror, self.mirror_camera, time, since)
            if water is not None:
                lay_over(mirror, water, light)
        mirror = cv2.resize(mirror, (right - left, bottom - top))
        camera = scene.camera.cropped(self.window)
        places = floor_places(camera, scene.planes)
        area = np.s_[top:bottom, left:right]
        wet, cover = draw_puddles(
            color[area], scene, camera, places, mirror, time, grown
        )
        pipes = self.view.cover[area]
        color[area] = mix(wet, color[area], pipes[..., None])
        return _puddle_boxes(cover, pipes, self.window, scene.camera)


def _in_sight(scene, view):
    """Return the scene without water that would be hidden, cut off or too faint."""
    leaks = []
    for leak in scene.leaks:
        water = draw_leak(leak, view, scene.camera)
        if (
            water
            and water.seen >= LEAST_SEEN
            and _contrast(water, leak, scene, view) > FAINTEST
        ):
            leaks.append(leak)
    puddles = [p for p in scene.puddles if _share_seen(p, scene, view) >= LEAST_SEEN]
    return replace(scene, leaks=leaks, puddles=puddles)


def _contrast(water, leak, scene, view):
    """Return how much the water changes its part of the picture, in picture means."""
    left, top, right, bottom = water.window
    before = view.color[top:bottom, left:right]
    after = before.copy()
    lay_over(
        after,
        replace(water, window=(0, 0, right - left, bottom - top)),
        light_at(scene, leak.source),
    )
    mask = water.alpha >= CLEAR
    return (
        np.abs(after - before)[mask].mean() / view.color.mean() if mask.any() else 0.0
    )


def _share_seen(puddle, scene, view):
    """Return how much of a puddle lies inside the picture and not behind pipes."""
    whole = puddle.window(scene.camera)
    coarse = scene.camera.cropped(whole).scaled(0.25)
    _, cover = cover_of([puddle], floor_places(coarse, scene.planes))
    rows, columns = np.nonzero(cover >= PUDDLE_ALPHA)
    rows, columns = rows * 4 + whole[1], columns * 4 + whole[0]
    height, width = view.cover.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    clear = view.cover[rows[inside], columns[inside]] < 0.5
    return clear.sum() / max(len(rows), 1)


def _clip(scene):
    """Return the window of all puddles inside the picture, or None."""
    camera = scene.camera
    windows = np.array([puddle.window(camera) for puddle in scene.puddles])
    if not len(windows):
        return None
    left, top = np.maximum(windows[:, :2].min(0), 0)
    right, bottom = np.minimum(windows[:, 2:].max(0), (camera.width, camera.height))
    inside = right - left > 4 and bottom - top > 4
    return (int(left), int(top), int(right), int(bottom)) if inside else None


def light_at(scene, place):
    """Return the light on water at a place, whichever way the lamps strike it."""
    place = place[None].astype(np.float32)
    total = scene.light.fall(place, np.array([[0.0, 1.0, 0.0]], np.float32), 5)[0]
    for lamp in scene.light.lamps:
        towards = (lamp.place[None] - place) / np.linalg.norm(lamp.place[None] - place)
        total = total + 0.4 * lamp.shine(place, towards.astype(np.float32), 5)[0]
    return np.maximum(0.85 * total, 1.1 * scene.light.above)


def _leak_box(kind, water, shape):
    """Return the box of one leak, or None: bounds of all of it but stray specks."""
    share, radius = DROPS if kind == "drip" else SPRAY
    mask = (cv2.GaussianBlur(water.alpha, (0, 0), radius) >= share).astype(np.uint8)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, labels, regions, _ = cv2.connectedComponentsWithStats(joined)
    areas = regions[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    # the drops of a drip are few and all count, those of a spray scatter
    least = 5 if kind == "drip" else 0.06 * areas.sum()
    kept = np.flatnonzero(areas >= max(least, 1))
    return _bounds(np.isin(labels, kept), water.window[:2], shape, "leak")


def _puddle_boxes(cover, pipes, window, camera):
    """Return a box for each sheet of water; a pipe before it does not split it."""
    _, labels = cv2.connectedComponents((cover >= PUDDLE_ALPHA).astype(np.uint8))
    shape = camera.height, camera.width
    boxes = []
    for label in range(1, labels.max() + 1):
        sheet = labels == label
        shown = sheet & (pipes < 0.5)
        if shown.sum() >= max(120, LEAST_SEEN * sheet.sum()):
            boxes.append(_bounds(shown, window[:2], shape, "puddle"))
    return [box for box in boxes if box]


def _bounds(mask, corner, shape, name):
    """Return the Box round a mask that lies at `corner` of the picture, or None."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return None
    left, right = (int(corner[0] + columns[k]) for k in (0, -1))
    top, bottom = (int(corner[1] + rows[k]) for k in (0, -1))
    right, bottom = right + 1, bottom + 1
    if min(right - left, bottom - top) < SMALLEST:
        return None
    cut = left <= 0 or top <= 0 or right >= shape[1] or bottom >= shape[0]
    return Box(
        name, float(left), float(top), float(right), float(bottom), truncated=cut
    )
