"""What a model says about a picture."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Detections:
    """Objects in a picture, best first.

    boxes: float32 [N, 4], ymin, xmin, ymax, xmax, 0..1 of the picture.
    classes: int [N], places in the model's labels, from 0.
    scores: float32 [N], 0..1.
    """

    boxes: np.ndarray
    classes: np.ndarray
    scores: np.ndarray

    def above(self, threshold):
        """Return those with at least this score."""
        kept = self.scores >= threshold
        return Detections(self.boxes[kept], self.classes[kept], self.scores[kept])

    def __len__(self):
        return len(self.scores)


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
