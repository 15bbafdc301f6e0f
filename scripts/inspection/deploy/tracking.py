"""Follow boxes from frame to frame, so that they neither flicker nor tremble.

A box of this frame belongs to the one of the same class that it overlaps most. Its
corners and score are averaged over time, it appears when it was seen often enough, and
it stays for a moment when the detector misses it.
"""

from dataclasses import dataclass

import numpy as np

OVERLAP = 0.3  # IoU from which on two boxes of following frames are one object
SMOOTHING = 0.6  # share of the past in a box; 0 follows at once and trembles
COVERED = 0.7  # of the smaller box: from here on two of one class show one object
WEAK = 0.6  # a known object is believed at this share of the threshold


@dataclass
class Track:
    """An object that is followed: its number, where it is, and how well it is seen."""

    number: int
    class_id: int
    box: np.ndarray
    score: float
    seen: int = 1
    missed: int = 0


class Tracker:
    """Follow the detections of a video.

    threshold: the score with which an object enters.
    confirm: frames in which it must be seen before it is shown.
    keep: frames without it after which it is forgotten.
    """

    def __init__(self, threshold=0.5, confirm=3, keep=10):
        self.threshold, self.confirm, self.keep = threshold, confirm, keep
        self._tracks = []
        self._count = 0

    def update(self, found):
        """Take the `Detections` of the next frame; return the tracks to show."""
        found = without_nested(found.above(WEAK * self.threshold))
        pairs = match(self._tracks, found)
        for track in self._tracks:
            self._follow(track, found, pairs.get(track.number))
        self._tracks = [t for t in self._tracks if self._lives(t)]
        new = set(range(len(found))) - set(pairs.values())
        for i in sorted(new, key=lambda i: -found.scores[i]):
            if found.scores[i] >= self.threshold:
                self._tracks.append(self._start(found, i))
        return [t for t in self._tracks if t.seen >= self.confirm]

    def _follow(self, track, found, i):
        if i is None:
            track.missed += 1
            return
        track.box = SMOOTHING * track.box + (1 - SMOOTHING) * found.boxes[i]
        track.score = SMOOTHING * track.score + (1 - SMOOTHING) * float(found.scores[i])
        track.seen, track.missed = track.seen + 1, 0

    def _lives(self, track):
        # one that was never shown needs no farewell
        return track.missed <= (self.keep if track.seen >= self.confirm else 0)

    def _start(self, found, i):
        self._count += 1
        box, score = np.array(found.boxes[i], "float32"), float(found.scores[i])
        return Track(self._count, int(found.class_ids[i]), box, score)


def without_nested(found):
    """Return the best of the boxes of a class that lie within each other."""
    kept = []
    for i in np.argsort(-found.scores, kind="stable"):
        of_class = [k for k in kept if found.class_ids[k] == found.class_ids[i]]
        if not any(is_within(found.boxes[i], found.boxes[k]) for k in of_class):
            kept.append(i)
    return found[kept]


def match(tracks, found):
    """Return {track number: place in found} of the pairs, the best overlap first."""
    candidates = [
        (overlap(track.box, found.boxes[i]), track.number, i)
        for track in tracks
        for i in range(len(found))
        if track.class_id == found.class_ids[i] and is_same(track.box, found.boxes[i])
    ]
    pairs = {}
    for _, number, i in sorted(candidates, reverse=True):
        if number not in pairs and i not in pairs.values():
            pairs[number] = i
    return pairs


def is_same(one, other):
    """Tell whether two boxes show the same object."""
    return overlap(one, other) >= OVERLAP or is_within(one, other)


def is_within(one, other):
    """Tell whether most of the smaller of two boxes lies in the larger."""
    smaller = max(min(area(one), area(other)), 1e-12)
    return intersection(one, other) / smaller >= COVERED


def overlap(one, other):
    """Return the intersection over union of two boxes."""
    both, areas = intersection(one, other), [area(one), area(other)]
    return both / max(sum(areas) - both, 1e-12)


def intersection(one, other):
    """Return the area that two boxes share."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    return float(np.prod(np.clip(high - low, 0, None)))


def area(box):
    """Return the area of a box (ymin, xmin, ymax, xmax)."""
    return float(np.prod(np.subtract(box[2:], box[:2])))
