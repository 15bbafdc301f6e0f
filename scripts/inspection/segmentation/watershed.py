"""Watershed from markers: flood a picture from places that are sure."""

import cv2
import numpy as np

from inspection.segmentation.thresholds import ColorBox, pooled_iou

RUST, SOUND = 2, 1


def markers(box, image, shrink, margin):
    """Return int32 [H, W]: 2 where rust is sure, 1 where sound steel is, 0 between.

    Sure is what stays of the colour's mask when `shrink` pixels are taken off, and what
    lies further than `margin` pixels from all of it.
    """
    mask = cv2.morphologyEx(box.segment(image), cv2.MORPH_CLOSE, _disc(1))
    core = cv2.erode(mask, _disc(shrink))
    far = cv2.dilate(mask, _disc(margin)) == 0
    return np.where(core > 0, RUST, np.where(far, SOUND, 0)).astype(np.int32)


def _disc(radius):
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)


def flood(image, sure):
    """Return a mask uint8 [H, W]: what the flood from the rust markers reaches first.

    Meyer's flooding (1992) as in OpenCV; water rises along differences of colour, so
    the two floods meet at edges.
    """
    if not (sure == RUST).any():
        return np.zeros(sure.shape, np.uint8)
    if not (sure == SOUND).any():
        return np.ones(sure.shape, np.uint8)
    smooth = cv2.bilateralFilter(image, 5, 40, 3)
    flooded = cv2.watershed(smooth, sure.copy())
    return (flooded == RUST).astype(np.uint8)


class Watershed:
    """Flood from markers of colour; fitted are the colour box and the two distances."""

    shrinks, margins = (1, 2, 4), (2, 5, 9)  # pixels to try

    def __init__(self, shrink=2, margin=5, box=None):
        self.shrink, self.margin = shrink, margin
        self.box = box or ColorBox("Lab")

    def fit(self, images, masks):
        self.box.fit(images, masks)
        trials = [
            Watershed(shrink, margin, self.box)
            for shrink in self.shrinks
            for margin in self.margins
        ]
        best = max(trials, key=lambda trial: pooled_iou(trial, images, masks))
        self.shrink, self.margin = best.shrink, best.margin
        return self

    def segment(self, image):
        return flood(image, markers(self.box, image, self.shrink, self.margin))
