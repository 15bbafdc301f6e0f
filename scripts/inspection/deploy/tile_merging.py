"""Make one set of boxes of what was found in overlapping tiles.

Two rules do the work. A tile keeps the boxes whose centre lies in its core: a piece of
an object that is not larger than the overlap never has its centre there, the whole
object has it in one tile. And two boxes of different tiles are one object if they are
alike in the part that both tiles see: that finds what was kept twice at a seam, and
joins the pieces of objects that no tile sees whole.
"""

from dataclasses import dataclass, replace

import numpy as np

from inspection.common.box_overlap import box_areas

SLACK = 0.125  # of what two tiles share: boxes are found a little to the left or right
EDGE = 0.02  # of a tile's side: a box that ends so near to its end is cut
SAME = 0.3  # IoU of two whole boxes of one object; one of each tile at most
ALIKE = 0.5  # IoU of two pieces in what both tiles see
RIVALS = 0.4  # IoU of two boxes of which only the surer stays
WHOLE = -1  # owner of what was found in the whole picture
BLOCK = 256  # boxes that are compared with all others at a time
INSIDE = 0.7  # share of a piece that lies in the box of the whole object


@dataclass(frozen=True, eq=False)
class Pieces:
    """Boxes in pixels of the picture, and where they come from.

    boxes: [N, 4] ymin, xmin, ymax, xmax. scores, class_ids: [N]. owners: [N] numbers of
    tiles, below 0 what is of none. cut: [N] bool, the box ends where its tile does and
    the picture does not.
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
    best = pieces[np.array([number for number, _, _ in rows], int)]
    boxes = np.array([box for _, box, _ in rows]).reshape(-1, 4)
    scores = np.array([score for *_, score in rows])
    # a joined box is none that a tile's own suppression has seen: it is compared with all
    joined = (boxes != best.boxes).any(axis=1)
    owners = np.where(joined, WHOLE - 1 - np.arange(len(best)), best.owners)
    return replace(best, boxes=boxes, scores=scores, owners=owners)


def _join(pieces, group):
    """Return (number of the best piece, box, score) of one object's pieces."""
    score = pieces.scores[group].max()
    whole = [number for number in group if not pieces.cut[number]]
    best = max(whole or group, key=lambda number: pieces.scores[number])
    if whole:
        return best, pieces.boxes[best], score
    boxes = pieces.boxes[group]
    around = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    return best, around, score


def _pairs(pieces, tiles):
    """Return the pairs of boxes of different tiles that are one object, most alike first."""
    ones, others = _meeting(pieces)
    boxes = np.array([tile.box for tile in tiles], float)[pieces.owners]
    shared = _common(boxes[ones], boxes[others])
    one, other = pieces.boxes[ones], pieces.boxes[others]
    clipped = _row_iou(_common(one, shared), _common(other, shared))
    cut = pieces.cut[ones] | pieces.cut[others]
    likeness = np.where(cut, clipped, _row_iou(one, other))
    alike = likeness >= np.where(cut, ALIKE, SAME)
    order = np.argsort(-likeness[alike], kind="stable")
    return list(zip(ones[alike][order].tolist(), others[alike][order].tolist()))


def _meeting(pieces):
    """Return the pairs, as two arrays, of boxes of one class and two tiles that meet."""
    order = np.argsort(pieces.boxes[:, 0], kind="stable")
    by_top, found = pieces[order], [np.zeros((0, 2), int)]
    for begin in range(0, len(order), BLOCK):
        rows = by_top[begin : begin + BLOCK]
        # what begins below all of these meets none of them
        end = np.searchsorted(by_top.boxes[:, 0], rows.boxes[:, 2].max())
        met = np.argwhere(np.triu(_meet(rows, by_top[begin:end]), 1))
        found.append(met + begin)
    return order[np.concatenate(found)].T


def _meet(ones, others):
    """Tell which boxes of one class and two tiles have something in common, [N, M]."""
    meet = ones.class_ids[:, None] == others.class_ids[None]
    meet &= ones.owners[:, None] != others.owners[None]
    for axis in (0, 1):
        meet &= ones.boxes[:, axis, None] < others.boxes[None, :, axis + 2]
        meet &= others.boxes[None, :, axis] < ones.boxes[:, axis + 2, None]
    return meet


def _common(ones, others):
    """Return what boxes have in common, row by row."""
    begin = np.maximum(ones[:, :2], others[:, :2])
    return np.hstack([begin, np.minimum(ones[:, 2:], others[:, 2:])])


def _row_iou(ones, others):
    """Return the IoU of boxes, row by row."""
    shared = box_areas(_common(ones, others))
    union = box_areas(ones) + box_areas(others) - shared
    return shared / np.maximum(union, 1e-9)


def settle(pieces, large):
    """Return the boxes of the tiles with those that only the whole picture shows.

    large: what was found in the whole picture. Of boxes that overlap by 0.4 the surest
    stays, as in any suppression, and so it does of a piece and a box that it lies in; but
    boxes of one tile are left as the network's own suppression left them.
    """
    large = replace(large, owners=np.full(len(large), WHOLE))
    both = vars(pieces).items()
    both = Pieces(**{k: np.concatenate([v, vars(large)[k]]) for k, v in both})
    rivals = {number: [] for number in range(len(both))}
    for one, other in zip(*_rivals(both)):
        rivals[one].append(other)
        rivals[other].append(one)
    kept = set()
    for number in np.argsort(-both.scores, kind="stable").tolist():
        if kept.isdisjoint(rivals[number]):
            kept.add(number)
    return both[np.array(sorted(kept), int)]


def _rivals(pieces):
    """Return the pairs of boxes, as two lists, of which only one can be an object."""
    ones, others = _meeting(pieces)
    one, other = pieces.boxes[ones], pieces.boxes[others]
    shared = box_areas(_common(one, other))
    smaller = np.minimum(box_areas(one), box_areas(other))
    cut = pieces.cut[ones] | pieces.cut[others]
    rivals = _row_iou(one, other) >= RIVALS
    rivals |= cut & (shared >= INSIDE * smaller)
    return ones[rivals].tolist(), others[rivals].tolist()
