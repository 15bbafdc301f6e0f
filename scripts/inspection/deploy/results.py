"""What a classifier and a segmenter say about an image; common.detections has the rest."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Classification:
    """The score of each class, float32 [C]; they sum to 1."""

    scores: np.ndarray

    @property
    def best(self):
        """Return the place in the labels of the class with the highest score."""
        return int(self.scores.argmax())


@dataclass(frozen=True)
class Segmentation:
    """The class of each pixel.

    scores: float32 [h, w, C] in the size of the model's output; each pixel sums to 1.
    mask: uint8 [height, width] in the size of the picture; 0 is the background.
    """

    scores: np.ndarray
    mask: np.ndarray
