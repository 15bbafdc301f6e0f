"""Classical segmentation: a threshold on brightness or colour, fitted to examples.

Each method is a small object with `fit(images, masks)`, which looks at training
pictures alone, and `segment(image)`, which returns a mask uint8 [H, W] of 0 and 1.
Images are uint8 [H, W, 3].
"""

from itertools import product

import cv2
import numpy as np
from skimage.filters import threshold_otsu

from inspection.imaging.color import SPACES, channel, even_light, to_space
from inspection.segmentation.metrics import Counts, count

CHANNELS = ("grey", "saturation", "a", "b", "blue")
SAMPLE = 300_000  # pixels looked at when limits are fitted


def pooled_iou(method, images, masks):
    """Return the IoU of a method over the pixels of all pictures."""
    found = (method.segment(image) for image in images)
    counts = (count(mask, f) for mask, f in zip(masks, found, strict=True))
    return sum(counts, Counts()).iou


class _Grid:
    """A method whose settings are chosen by trying a grid of them."""

    grid = {}

    def fit(self, images, masks):
        """Keep the settings with the best pooled IoU; return self."""
        best = -1.0
        for values in product(*self.grid.values()):
            settings = dict(zip(self.grid, values, strict=True))
            trial = type(self)(**settings)
            iou = pooled_iou(trial, images, masks)
            if iou > best:
                best = iou
                vars(self).update(settings)
        return self


class Otsu(_Grid):
    """Cut a channel in two where both halves vary least (Otsu 1979).

    The limit is found in each picture anew; fitted are the channel, which side of the
    limit is rust, and whether the light is made even first.
    """

    grid = {"name": CHANNELS, "above": (True, False), "even": (False, True)}

    def __init__(self, name="a", above=True, even=False):
        self.name, self.above, self.even = name, above, even

    def segment(self, image):
        values = channel(even_light(image) if self.even else image, self.name)
        if values.min() == values.max():
            return np.zeros(values.shape, np.uint8)
        return ((values > threshold_otsu(values)) == self.above).astype(np.uint8)


class Adaptive(_Grid):
    """Compare each pixel of a channel with the mean of its neighbourhood.

    side: of the neighbourhood as a share of the picture's longer side.
    offset: by how much a pixel must differ, of 255.
    """

    grid = {
        "name": CHANNELS,
        "above": (True, False),
        "side": (0.15, 0.4, 0.8),
        "offset": (4, 10, 20),
    }

    def __init__(self, name="a", above=True, side=0.4, offset=10):
        self.name, self.above, self.side, self.offset = name, above, side, offset

    def segment(self, image):
        values = channel(image, self.name)
        side = int(self.side * max(values.shape)) // 2 * 2 + 1
        sign = 1 if self.above else -1
        mean = cv2.blur(values.astype(np.float32), (side, side))
        return (sign * (values - mean) > self.offset).astype(np.uint8)


class ColorBox:
    """Accept the pixels whose channels all lie between two limits.

    space: "HSV", with hue turned so that red lies in its middle, or "Lab".
    """

    def __init__(self, space="HSV", limits=((0, 255),) * 3):
        self.space, self.limits = space, tuple(limits)

    def fit(self, images, masks, rounds=3):
        """Move one limit after the other to where the pooled IoU is best."""
        pixels = [to_space(image, self.space).reshape(-1, 3) for image in images]
        ground_truth = np.concatenate([np.asarray(m).ravel() > 0 for m in masks])
        pixels = np.concatenate(pixels)
        # a fixed stride is a fair sample, and the same in every run
        stride = max(1, len(pixels) // SAMPLE)
        pixels, ground_truth = pixels[::stride], ground_truth[::stride]
        limits = [(0, 255)] * 3
        for _ in range(rounds):
            for axis in range(3):
                limits[axis] = _best_range(pixels, ground_truth, limits, axis)
        self.limits = tuple(limits)
        return self

    def segment(self, image):
        low, high = zip(*self.limits, strict=True)
        inside = cv2.inRange(to_space(image, self.space), np.array(low), np.array(high))
        return (inside > 0).astype(np.uint8)

    def limits_by_channel(self):
        """Return {channel: (lowest, highest)}."""
        return dict(zip(SPACES[self.space][1], self.limits, strict=True))


def _best_range(pixels, ground_truth, limits, axis):
    """Return the range of one channel with the best IoU, the other two held."""
    others = [k for k in range(3) if k != axis]
    kept = np.all(
        [
            (pixels[:, k] >= limits[k][0]) & (pixels[:, k] <= limits[k][1])
            for k in others
        ],
        axis=0,
    )
    hits = np.bincount(pixels[kept & ground_truth, axis], minlength=256)
    false = np.bincount(pixels[kept & ~ground_truth, axis], minlength=256)
    # overlap and area of every range at once, from running sums
    hit = np.concatenate([[0], np.cumsum(hits)])
    area = np.concatenate([[0], np.cumsum(hits + false)])
    overlap = hit[None, 1:] - hit[:-1, None]
    union = ground_truth.sum() + (area[None, 1:] - area[:-1, None]) - overlap
    iou = np.triu(overlap / np.maximum(union, 1))
    low, high = np.unravel_index(np.argmax(iou), iou.shape)
    return int(low), int(high)
