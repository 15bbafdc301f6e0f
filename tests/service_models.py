"""Models without a network, whose answers follow from a picture's mean colour."""

from types import SimpleNamespace

import numpy as np

COLORS = ["red", "green", "blue"]


class ColorClassifier:
    """Score red, green and blue by their share in the picture."""

    kind = "classifier"
    labels = COLORS
    input_size = (8, 8)

    def __init__(self):
        self.batches = []

    def predict(self, image):
        return self.predict_batch([image])[0]

    def predict_batch(self, images):
        self.batches.append(len(images))
        return [SimpleNamespace(scores=color_shares(image)) for image in images]


class ColorDetector:
    """Find the top left quarter of any picture, and with less score its right edge."""

    kind = "detector"
    labels = ["quarter", "edge"]
    input_size = (8, 8)

    def predict(self, image):
        boxes = [[0, 0.9, 1, 1], [0, 0, 0.5, 0.5]]
        return SimpleNamespace(
            boxes=np.array(boxes),
            classes=np.array([1, 0]),
            scores=np.array([0.25, 0.75]),
        )


class ColorSegmenter:
    """Call the pixels where red is strongest rust."""

    kind = "segmenter"
    labels = ["background", "rust"]
    input_size = (8, 8)

    def predict(self, image):
        return SimpleNamespace(mask=(image.argmax(-1) == 0).astype("uint8"))


def color_shares(image):
    means = image.reshape(-1, 3).mean(0) + 1e-6
    return means / means.sum()
