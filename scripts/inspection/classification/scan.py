"""Look a large photograph over, tile by tile."""

from collections.abc import Callable

import cv2
import numpy as np

from inspection.imaging.tiles import tile_places


def scan(
    image: np.ndarray,
    score: Callable,
    tile: int,
    stride: int | None = None,
    batch_size: int = 32,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (heat [h, w], boxes [N, 4], scores) of a uint8 RGB picture.

    score: a function from a list of tiles to their probabilities [N], of a crack for
    instance, or to the scores of all classes [N, C], of which the map shows the last.
    tile: side in pixels; choose it so that a tile shows as much of the wall
    as a picture of training did. stride: half a tile if not given. heat: the mean over
    the tiles that cover a pixel. boxes: ymin, xmin, ymax, xmax in pixels.

    >>> wall = np.zeros((64, 64, 3), np.uint8)
    >>> heat, boxes, found = scan(wall, lambda tiles: np.zeros(len(tiles)), tile=32)
    >>> heat.shape, len(boxes)
    ((64, 64), 9)
    """
    height, width = image.shape[:2]
    tile = min(tile, height, width)
    stride = stride or max(1, tile // 2)
    rows, columns = (tile_places(side, tile, stride) for side in (height, width))
    boxes = np.array([(y, x, y + tile, x + tile) for y in rows for x in columns])
    found = []
    for start in range(0, len(boxes), batch_size):
        part = boxes[start : start + batch_size]
        found.append(score([image[y:b, x:r] for y, x, b, r in part]))
    scores = np.concatenate(found)
    shown = scores if scores.ndim == 1 else scores[:, -1]
    total, times = np.zeros((2, height, width), np.float32)
    for (y, x, b, r), probability in zip(boxes, shown, strict=True):
        total[y:b, x:r] += probability
        times[y:b, x:r] += 1
    return total / times, boxes, scores


def overlay(image, heat, strength=0.6):
    """Return uint8 [h, w, 3]: a picture with a map 0..1 laid over it, bright is much."""
    levels = (np.clip(heat, 0, 1) * 255).astype(np.uint8)
    colors = cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO)[..., ::-1]
    share = strength * np.clip(heat, 0, 1)[..., None]
    return (np.asarray(image) * (1 - share) + colors * share).astype(np.uint8)
