"""Make one set of boxes of what was found in overlapping tiles.

Two rules do the work. A tile keeps the boxes whose centre lies in its core: a piece of
an object that is not larger than the overlap never has its centre there, the whole
object has it in one tile. And two boxes of different tiles are one object if they are
alike in the part that both tiles see: that finds what was kept twice at a seam, and
joins the pieces of objects that no tile sees whole.
"""

from dataclasses import dataclass, replace

import numpy as np

from inspection.common.box_overlap import box_areas, box_intersections, box_iou

SLACK = 0.125  # of what two tiles share: boxes are found a little to the left or right
EDGE = 0.02  # of a tile's side: a box that ends so near to its end is cut
SAME = 0.3  # IoU of two whole boxes of one object; one of each tile at most
ALIKE = 0.5  # IoU of two pieces in what both tiles see
INSIDE = 0.7  # share of a piece that lies in the box of the whole object


@dataclass(frozen=True, eq=False)
class Pieces:
    """Boxes in pixels of the picture, and where they come from.

    boxes: [N, 4] ymin, xmin, ymax, xmax. scores, class_ids: [N]. owners: [N] numbers of
    tiles. cut: [N] bool, the box ends where its tile does and the picture does not.
    """

    boxes: np.ndarray
    scores: np.ndarray
    class_ids: np.ndarray
    owners: np.ndarray
    cut: np.ndarray

    def __len__(self):
        return len(self.boxes)

    def __getitem__(self, keep):
        return replace(self, **{k: values[keep] for k, values in vars(self).items()})

    @property
    def longer_sides(self):
        """Return the longer side of each box in pixels."""
        return (self.boxes[:, 2:] - self.boxes[:, :2]).max(axis=1, initial=0)

    @classmethod
    def of_image(cls, found, shape, corner=(0, 0), owner=0):
        """Return `Detections` of a picture, or of a tile at a corner, as pieces."""
        boxes = found.boxes * ([*shape[:2]] * 2) + [*corner] * 2
        owners, cut = np.full(len(found), owner), np.zeros(len(found), bool)
        return cls(boxes, found.scores, found.class_ids, owners, cut)

    @classmethod
    def of_tiles(cls, found, tiles, shape):
        """Return the `Detections` of each tile of a picture, shape (height, width)."""
        parts = []
        for number, (one, tile) in enumerate(zip(found, tiles, strict=True)):
            top, left, bottom, right = tile.box
            size = bottom - top, right - left
            part = cls.of_image(one, size, (top, left), number)
            parts.append(replace(part, cut=_ends_inside(part.boxes, tile, shape)))
        names = vars(parts[0])
        return cls(**{k: np.concatenate([vars(p)[k] for p in parts]) for k in names})


def _ends_inside(boxes, tile, shape):
    """Tell which boxes end at an edge of the tile that is none of the picture."""
    top, left, bottom, right = tile.box
    near = EDGE * (bottom - top)
    begins, ends = boxes[:, :2] <= [top + near, left + near], boxes[:, 2:]
    ends = ends >= [bottom - near, right - near]
    inner = np.array([top, left]) > 0, np.array([bottom, right]) < shape
    return (begins & inner[0]).any(axis=1) | (ends & inner[1]).any(axis=1)


def keep_owned(pieces, tiles):
    """Return the boxes whose centre lies in the core of their tile, or almost."""
    boxes = np.array([tile.box for tile in tiles], float)[pieces.owners]
    cores = np.array([tile.core for tile in tiles], float)[pieces.owners]
    # the core ends in the middle of what is shared; none is at the picture's own end
    slack = 2 * SLACK * np.abs(boxes - cores)
    centres = (pieces.boxes[:, :2] + pieces.boxes[:, 2:]) / 2
    inside = (centres >= cores[:, :2] - slack[:, :2]).all(axis=1)
    return pieces[inside & (centres <= cores[:, 2:] + slack[:, 2:]).all(axis=1)]


def join_pieces(pieces, tiles):
    """Return the pieces with those of one object joined, at most one of each tile."""
    groups = {number: {number} for number in range(len(pieces))}
    for one, other in _pairs(pieces, tiles):
        joined = groups[one] | groups[other]
        owners = [pieces.owners[number] for number in joined]
        if len(set(owners)) == len(owners):
            groups |= dict.fromkeys(joined, joined)
    distinct = {min(group): sorted(group) for group in groups.values()}
    rows = [_join(pieces, group) for group in distinct.values()]
    best = pieces[np.array([number for number, _ in rows], int)]
    return replace(best, boxes=np.array([box for _, box in rows]).reshape(-1, 4))


def _join(pieces, group):
    """Return (number of the best piece, box of the object) of one object's pieces."""
    whole = [number for number in group if not pieces.cut[number]]
    best = max(whole or group, key=lambda number: pieces.scores[number])
    if whole:
        return best, pieces.boxes[best]
    boxes = pieces.boxes[group]
    return best, np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _pairs(pieces, tiles):
    """Return the pairs of boxes of different tiles that are one object, best first."""
    rows = [np.flatnonzero(pieces.owners == number) for number in range(len(tiles))]
    found = []
    for one, other, shared in _neighbours(tiles):
        likeness = _likeness(pieces[rows[one]], pieces[rows[other]], shared)
        for i, j in np.argwhere(likeness > 0):
            found.append((likeness[i, j], rows[one][i], rows[other][j]))
    return [(i, j) for _, i, j in sorted(found, reverse=True)]


def _neighbours(tiles):
    """Yield (number, number, box of what they share) of tiles that share something."""
    boxes = np.array([tile.box for tile in tiles])
    for one, box in enumerate(boxes[:-1]):
        others = boxes[one + 1 :]
        begins, ends = (
            np.maximum(box[:2], others[:, :2]),
            np.minimum(box[2:], others[:, 2:]),
        )
        for place in np.flatnonzero((begins < ends).all(axis=1)):
            yield one, one + 1 + place, (*begins[place], *ends[place])


def _likeness(ones, others, shared):
    """Return the IoU [N, M] of boxes that are one object, 0 for those that are not."""
    whole = box_iou(ones.boxes, others.boxes)
    clipped = box_iou(_clip(ones.boxes, shared), _clip(others.boxes, shared))
    cut = ones.cut[:, None] | others.cut[None]
    likeness = np.where(cut, clipped, whole)
    one_object = likeness >= np.where(cut, ALIKE, SAME)
    one_object &= ones.class_ids[:, None] == others.class_ids[None]
    return np.where(one_object, likeness, 0.0)


def _clip(boxes, window):
    return np.clip(boxes, [*window[:2]] * 2, [*window[2:]] * 2)


def settle(pieces, large):
    """Return the boxes of the tiles with those that only the whole picture shows.

    large: what was found in the whole picture. A box of a tile counts before it, a
    piece does not, unless it is surer.
    """
    same = pieces.class_ids[:, None] == large.class_ids[None]
    twice = same & ~pieces.cut[:, None] & (box_iou(pieces.boxes, large.boxes) >= ALIKE)
    large = large[~twice.any(axis=0)]
    within = _inside(pieces, large) & pieces.cut[:, None]
    surer = pieces.scores[:, None] > large.scores[None]
    kept = pieces[~(within & ~surer).any(axis=1)]
    added = large[~(within & surer).any(axis=0)]
    both = vars(kept).items()
    return Pieces(**{k: np.concatenate([v, vars(added)[k]]) for k, v in both})


def _inside(pieces, large):
    """Tell which pieces lie in which large boxes of their class, bool [N, M]."""
    shares = box_intersections(pieces.boxes, large.boxes)
    shares = shares / np.maximum(box_areas(pieces.boxes), 1e-9)[:, None]
    same = pieces.class_ids[:, None] == large.class_ids[None]
    return same & (shares >= INSIDE)
