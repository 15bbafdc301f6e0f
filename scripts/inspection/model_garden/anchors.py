"""The grid of reference boxes that Model Garden measures from."""

import numpy as np
from official.vision.ops import anchor


def make_anchors(image_size, settings):
    """Return all anchors as float32 [N, 4] (ymin, xmin, ymax, xmax), image size = 1.

    Arguments and order of levels and cells are those of `detection.anchors.make_anchors`;
    within a cell the order is another.
    """
    generate = anchor.build_anchor_generator(
        settings.min_level,
        settings.max_level,
        settings.scales_per_octave,
        list(settings.aspect_ratios),
        settings.anchor_scale,
    )
    levels = generate(image_size).values()
    boxes = np.concatenate([np.reshape(level, (-1, 4)) for level in levels])
    return boxes / np.float32([*image_size, *image_size])
