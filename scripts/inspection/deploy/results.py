"""What a classifier and a segmenter say about an image; common.detections has the rest."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np


@dataclass(frozen=True)
class Classification:
    """The score of each class, float32 [C]; they sum to 1 unless calibrated."""

    scores: np.ndarray

    @property
    def best(self):
        """Return the place in the labels of the class with the highest score."""
        return int(self.scores.argmax())


@dataclass(frozen=True, eq=False)
class Segmentation:
    """The class of each pixel.

    scores: float32 [h, w, C] in the size of the model's output; each pixel sums to 1.
    size: (height, width) of the picture.
    """

    scores: np.ndarray
    size: tuple[int, int]

    @cached_property
    def mask(self):
        """Return the class of each pixel of the picture, uint8; 0 is the background."""
        return self.mask_of(self.size)

    def mask_of(self, size):
        """Return the class of each pixel of the picture in another size.

        Takes the memory of a few masks, however many classes there are.
        """
        height, width = size
        best = np.full((height, width), -np.inf, np.float32)
        mask = np.zeros((height, width), np.uint8)
        for number in range(self.scores.shape[2]):
            # scores are smooth, classes are not: enlarge first, then choose
            plane = np.ascontiguousarray(self.scores[..., number])
            plane = cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR)
            mask[plane > best] = number
            np.maximum(best, plane, out=best)
        return mask
