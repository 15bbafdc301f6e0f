"""How a picture looks as a whole: light, color, sharpness at four sizes.

A camera that was moved, a lamp that went out, a dirty lens or another material change
these before anybody sees it in the answers of a model.
"""

import cv2
import numpy as np

SIDE = 256  # pictures are brought to so many pixels on a side
SCALES = 4  # halvings at which sharpness is measured
LEAST = 1e-3  # of light and of detail, so that a black picture has a logarithm
GROUPS = {  # places of the figures, and what a change of them is called
    "light": (0, 1),
    "color": (2, 3, 4),
    "sharpness": (5, 6),
    "texture": (7, 8),
}


def appearance(image: np.ndarray) -> np.ndarray:
    """Return nine figures of an RGB picture, uint8 [H, W, 3]; see `GROUPS`.

    Logarithms of mean light and contrast, red and green beside blue, their spread,
    logarithms of detail from fine to coarse, beside the contrast.

    >>> sharp = np.uint8(np.random.default_rng(0).integers(0, 256, (64, 64, 3)))
    >>> blurred = cv2.GaussianBlur(sharp, (0, 0), 2)
    >>> bool(appearance(blurred)[5] < appearance(sharp)[5] - 1)
    True
    """
    small = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    pixels = small.astype(np.float32) / 255
    grey = pixels.mean(axis=2)
    red, green, blue = (pixels[..., i].mean() + LEAST for i in range(3))
    colors = np.log(red / blue), np.log(green / blue)
    spread = (pixels.max(axis=2) - pixels.min(axis=2)).mean()
    contrast = np.log(grey.std() + LEAST)
    detail = [np.log(d + LEAST) - contrast for d in _details(grey)]
    light = np.log(grey.mean() + LEAST), contrast
    return np.array([*light, *colors, spread, *detail])


def _details(grey):
    """Yield how strong edges are, from the finest to the coarsest."""
    for _ in range(SCALES):
        yield float(np.abs(cv2.Laplacian(grey, cv2.CV_32F)).mean())
        grey = cv2.pyrDown(grey)
