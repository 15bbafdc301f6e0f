"""The grid of reference boxes that the network's outputs are measured from."""

from collections.abc import Iterable

import numpy as np


def feature_map_sizes(
    image_size: tuple[int, int], levels: Iterable[int]
) -> list[tuple[int, int]]:
    """Return (rows, columns) of each level, rounding up as "same" padding does.

    >>> feature_map_sizes((320, 320), range(3, 8))
    [(40, 40), (20, 20), (10, 10), (5, 5), (3, 3)]
    """
    height, width = image_size
    return [(-(-height // 2**level), -(-width // 2**level)) for level in levels]


def _cell_shapes(base_size, aspect_ratios, scales_per_octave):
    """Return the (height, width) in pixels of the anchors of one cell."""
    octave = np.arange(scales_per_octave) / scales_per_octave
    scales = np.exp2(octave).astype(np.float32)[None, :]
    roots = np.sqrt(np.array(aspect_ratios, np.float32))[:, None]
    shapes = [scales / roots * base_size, scales * roots * base_size]
    return np.stack(shapes, axis=-1).reshape(-1, 2)


def _centres(cells, stride, image_length):
    # the original shifts by half a cell only where the stride divides the image
    offset = stride / 2 if image_length % stride == 0 else 0.0
    return np.arange(cells, dtype=np.float32) * stride + np.float32(offset)


def _level_anchors(grid, stride, image_size, shapes):
    ys = _centres(grid[0], stride, image_size[0])[:, None, None]
    xs = _centres(grid[1], stride, image_size[1])[None, :, None]
    heights, widths = shapes.T / 2
    parts = np.broadcast_arrays(ys - heights, xs - widths, ys + heights, xs + widths)
    return np.stack(parts, axis=-1).reshape(-1, 4)


def make_anchors(image_size, settings):
    """Return all anchors as float32 [N, 4] (ymin, xmin, ymax, xmax), image size = 1.

    `image_size` is (height, width) in pixels, `settings` the `Anchors` of the config.
    They go from the finest level to the coarsest, row by row, and are not clipped.
    """
    numbers = range(settings.min_level, settings.max_level + 1)
    levels = []
    for grid, level in zip(feature_map_sizes(image_size, numbers), numbers):
        stride = 2**level
        base = settings.anchor_scale * stride
        shapes = _cell_shapes(base, settings.aspect_ratios, settings.scales_per_octave)
        levels.append(_level_anchors(grid, stride, image_size, shapes))
    scale = 1 / np.array([*image_size, *image_size], np.float32)
    return np.concatenate(levels) * scale
