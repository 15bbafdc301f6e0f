"""The grid of reference boxes that the network's outputs are measured from."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from inspection.detection.config.pipeline_settings import SsdAnchors

SSD_FIRST_LEVEL = 4  # the first of its maps is 16 times smaller than the picture


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


def _pyramid_anchors(image_size, settings):
    numbers = range(settings.min_level, settings.max_level + 1)
    levels = []
    for grid, level in zip(feature_map_sizes(image_size, numbers), numbers):
        stride = 2**level
        base = settings.anchor_scale * stride
        shapes = _cell_shapes(base, settings.aspect_ratios, settings.scales_per_octave)
        levels.append(_level_anchors(grid, stride, image_size, shapes))
    scale = 1 / np.array([*image_size, *image_size], np.float32)
    return np.concatenate(levels) * scale


def _ssd_scales(settings):
    """Return the scale of each map, and the 1 that the last is averaged with."""
    if settings.scales:
        return [*settings.scales, 1.0]
    least, most, count = settings.min_scale, settings.max_scale, settings.num_layers
    steps = np.arange(count) / max(count - 1, 1)
    return [*(least + (most - least) * steps), 1.0]


def _ssd_cells(settings):
    """Return for each map the (scale, aspect ratio) of the anchors of one cell."""
    scales, maps = _ssd_scales(settings), []
    middle = settings.interpolated_scale_aspect_ratio
    for number, (scale, larger) in enumerate(pairwise(scales)):
        if number == 0 and settings.reduce_boxes_in_lowest_layer:
            maps.append([(0.1, 1.0), (scale, 2.0), (scale, 0.5)])
            continue
        cell = [(scale, ratio) for ratio in settings.aspect_ratios]
        if middle > 0:
            cell.append((np.sqrt(scale * larger), middle))
        maps.append(cell)
    return maps


def _ssd_anchors(image_size, settings):
    cells = _ssd_cells(settings)
    levels = range(SSD_FIRST_LEVEL, SSD_FIRST_LEVEL + len(cells))
    sides = np.array(image_size, np.float64)
    bases = np.array([settings.base_anchor_height, settings.base_anchor_width])
    base = bases * sides.min() / sides
    rows = []
    for grid, cell in zip(feature_map_sizes(image_size, levels), cells):
        scales, ratios = np.array(cell, np.float64).T
        shapes = np.stack([scales / np.sqrt(ratios), scales * np.sqrt(ratios)], 1)
        ys, xs = ((np.arange(count) + 0.5) / count for count in grid)
        halves = shapes * base / 2
        centres = np.stack(np.meshgrid(ys, xs, indexing="ij"), -1)[:, :, None]
        boxes = np.concatenate([centres - halves, centres + halves], axis=-1)
        rows.append(boxes.reshape(-1, 4))
    return np.concatenate(rows).astype(np.float32)


def anchors_per_cell(settings):
    """Return how many anchors a cell of each map has, from fine to coarse."""
    if isinstance(settings, SsdAnchors):
        return [len(cell) for cell in _ssd_cells(settings)]
    count = len(settings.aspect_ratios) * settings.scales_per_octave
    return [count] * (settings.max_level - settings.min_level + 1)


def grids(image_size, settings):
    """Return ((rows, columns), anchors of a cell) of each map, from fine to coarse."""
    ssd = isinstance(settings, SsdAnchors)
    first = SSD_FIRST_LEVEL if ssd else settings.min_level
    counts = anchors_per_cell(settings)
    levels = range(first, first + len(counts))
    return list(zip(feature_map_sizes(image_size, levels), counts, strict=True))


def make_anchors(image_size, settings):
    """Return all anchors as float32 [N, 4] (ymin, xmin, ymax, xmax), image size = 1.

    `image_size` is (height, width) in pixels, `settings` the `Anchors` or `SsdAnchors`
    of the config. They go from the finest map to the coarsest, row by row, and are not
    clipped.
    """
    if isinstance(settings, SsdAnchors):
        return _ssd_anchors(image_size, settings)
    return _pyramid_anchors(image_size, settings)
