"""Which pictures are copies of each other, or nearly.

A picture is shrunk to 17x17 grey pixels and told by the steps from each pixel to
its right and its lower neighbour, less their mean, scaled to length 1. The dot
product of two such fingerprints hardly changes with size, JPEG quality, brightness and
contrast, and the even light on plain walls does not make them alike. Measured on
5,000 photographs of blood cells, concrete, pavement and rust: copies .95 to 1.00,
different pictures at most .84. One picture saved anew, as PNG or JPEG: .975 and more;
neighbouring frames of one film or microscope: up to .968.
"""

import numpy as np
from PIL import Image
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

SIDE = 16
NEAR = 0.9  # between the two groups above
COPIED = 0.97  # of one picture saved anew, and of neighbouring frames
BLOCK = 1024  # rows and columns compared at a time, to keep memory flat


def fingerprint(image):
    """Return float32 [512] of a Pillow image, all zeros for a plain one."""
    small = image.convert("L").resize((SIDE + 1, SIDE + 1), Image.Resampling.BOX)
    pixels = np.asarray(small, np.float32)
    right = pixels[:SIDE, 1:] - pixels[:SIDE, :-1]
    down = pixels[1:, :SIDE] - pixels[:-1, :SIDE]
    steps = np.concatenate([(s - s.mean()).ravel() for s in (right, down)])
    length = np.linalg.norm(steps)
    return steps / length if length > 1e-3 else np.zeros_like(steps)


def near_links(fingerprints, near=NEAR):
    """Return index pairs (i < j) that link all fingerprints [N, 512] `near` alike.

    Not every such pair, of which a film that stands still has millions: in each block
    of the comparison just enough to hold together what is alike, at most 2 x BLOCK.
    """
    rows = np.asarray(fingerprints, np.float32)
    links = []
    for top in range(0, len(rows), BLOCK):
        for left in range(top, len(rows), BLOCK):
            alike = rows[top : top + BLOCK] @ rows[left : left + BLOCK].T >= near
            if left == top:
                alike = np.triu(alike, 1)
            links += _spanning(*np.nonzero(alike), top, left)
    return links


def _spanning(above, beside, top, left):
    """Return links that join what the places `alike` of a block join."""
    if not len(above):
        return []
    above, beside = above + top, beside + left
    names, places = np.unique(np.concatenate([above, beside]), return_inverse=True)
    ends = places[: len(above)], places[len(above) :]
    _, group = _components(len(names), *ends)
    first = names[np.unique(group, return_index=True)[1]]
    links = [(int(first[g]), int(name)) for name, g in zip(names, group, strict=True)]
    return [(one, other) for one, other in links if one != other]


def _components(count, one, other):
    links = coo_matrix((np.ones(len(one), bool), (one, other)), (count, count))
    return connected_components(links, directed=False)


def join_groups(count, pairs):
    """Return lists of the indices 0..count-1, those linked by pairs in one list."""
    ends = np.array(pairs, np.int64).reshape(-1, 2)
    number, group = _components(count, ends[:, 0], ends[:, 1])
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group, minlength=number)
    groups = np.split(order, np.cumsum(sizes)[:-1]) if count else []
    return sorted((members.tolist() for members in groups), key=min)
