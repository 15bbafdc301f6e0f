"""What models say about an image, but for boxes: those are common.detections."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np


@dataclass(frozen=True)
class Classification:
    """What class an image is of.

    scores: of each class, float32 [C]; they sum to 1 unless calibrated.
    threshold: from which score of the last of two classes on it is said; None: the
    class with the highest score is.
    """

    scores: np.ndarray
    threshold: float | None = None

    @property
    def best(self):
        """Return the place in the labels of the class that is said."""
        if self.threshold is not None and len(self.scores) == 2:
            return int(self.scores[1] >= self.threshold)
        return int(self.scores.argmax())


@dataclass(frozen=True, eq=False)
class Segmentation:
    """The class of each pixel.

    scores: float32 [h, w, C] in the size of the model's output; each pixel sums to 1.
    size: (height, width) of the picture.
    threshold: from which score of the last of two classes on a pixel is of it; None:
    from where its score is the highest.
    """

    scores: np.ndarray
    size: tuple[int, int]
    threshold: float | None = None

    @cached_property
    def mask(self):
        """Return the class of each pixel of the picture, uint8; 0 is the background."""
        return self.mask_of(self.size)

    def mask_of(self, size):
        """Return the class of each pixel of the picture in another size.

        Takes the memory of a few masks, however many classes there are.
        """
        classes = self.scores.shape[2]
        if self.threshold is not None and classes == 2:
            return (self._enlarged(1, size) >= self.threshold).astype(np.uint8)
        mask, best = np.zeros(size, np.uint8), self._enlarged(0, size)
        for number in range(1, classes):
            scores = self._enlarged(number, size)
            np.copyto(mask, np.uint8(number), where=scores > best)
            np.maximum(best, scores, out=best)
        return mask

    def _enlarged(self, number, size):
        """Return the scores of a class in another size: they are smooth, classes are not."""
        height, width = size
        scores = np.ascontiguousarray(self.scores[..., number])
        return cv2.resize(scores, (width, height), interpolation=cv2.INTER_LINEAR)


@dataclass(frozen=True, eq=False)
class Anomaly(Segmentation):
    """How unlike all good parts each place is, and so the picture.

    The second class of `scores` is d / (d + t) of a distance d and the threshold t.
    top_share: of the places, the worst, the mean of whose distances counts.
    """

    top_share: float = 0.01

    @cached_property
    def score(self):
        """Return the score of the picture, 0 to 1; it is bad from the threshold on."""
        flat = self.scores[..., 1].ravel().astype(float).clip(0, 1 - 1e-7)
        count = max(1, round(self.top_share * flat.size))
        worst = np.partition(flat, flat.size - count)[-count:]
        distance = (worst / (1 - worst)).mean()
        return float(distance / (1 + distance))

    @property
    def is_bad(self):
        """Tell whether the picture is unlike the good ones."""
        limit = 0.5 if self.threshold is None else self.threshold
        return self.score > limit

    @property
    def map(self):
        """Return how unlike good ones each pixel of the picture is, float32 [H, W]."""
        return self._enlarged(1, self.size)
