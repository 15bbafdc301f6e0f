"""Which pictures are copies of each other, or nearly.

A picture is shrunk to 17x17 grey pixels and described by the steps from each pixel to
its right and its lower neighbour, less their mean, scaled to length 1. The dot
product of two descriptions hardly changes with size, JPEG quality, brightness and
contrast, and the even light on plain walls does not make them alike. Measured on
5,000 photographs of blood cells, concrete, pavement and rust: copies .95 to 1.00,
different pictures at most .84. One picture saved anew, as PNG or JPEG: .975 and more;
neighbouring frames of one film or microscope: up to .968.
"""

import numpy as np
from PIL import Image

SIDE = 16
NEAR = 0.9  # between the two groups above
COPIED = 0.97  # of one picture saved anew, and of neighbouring frames
BLOCK = 1024  # rows compared at a time, to keep memory flat


def describe(image):
    """Describe a Pillow image as float32 [512], all zeros for a plain one."""
    small = image.convert("L").resize((SIDE + 1, SIDE + 1), Image.Resampling.BOX)
    pixels = np.asarray(small, np.float32)
    right = pixels[:SIDE, 1:] - pixels[:SIDE, :-1]
    down = pixels[1:, :SIDE] - pixels[:-1, :SIDE]
    steps = np.concatenate([(s - s.mean()).ravel() for s in (right, down)])
    length = np.linalg.norm(steps)
    return steps / length if length > 1e-3 else np.zeros_like(steps)


def near_pairs(descriptions, near=NEAR):
    """Return index pairs (i < j) of descriptions [N, 512] at least `near` alike."""
    rows = np.asarray(descriptions, np.float32)
    pairs = []
    for start in range(0, len(rows), BLOCK):
        alike = rows[start : start + BLOCK] @ rows[start:].T
        found = np.argwhere(np.triu(alike, 1) >= near) + start
        pairs += [(int(i), int(j)) for i, j in found]
    return pairs


def join_groups(count, pairs):
    """Return lists of the indices 0..count-1, those linked by pairs in one list."""
    group = {i: [i] for i in range(count)}
    for i, j in pairs:
        if group[i] is not group[j]:
            group[i] += group[j]
            for member in group[j]:
                group[member] = group[i]
    return [sorted(g) for i, g in group.items() if i == min(g)]
