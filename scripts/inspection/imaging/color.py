"""Make pictures comparable before they are measured: size, light, colour space."""

import cv2
import numpy as np

SPACES = {
    "RGB": (None, ("red", "green", "blue")),
    "HSV": (cv2.COLOR_RGB2HSV_FULL, ("hue", "saturation", "value")),
    "Lab": (cv2.COLOR_RGB2LAB, ("lightness", "a", "b")),
    "grey": (cv2.COLOR_RGB2GRAY, ("grey",)),
}


def fit_size(image, longest):
    """Return a picture made smaller so that its longer side is `longest` pixels."""
    scale = longest / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def even_light(image: np.ndarray, reach: float = 0.25) -> np.ndarray:
    """Return a picture as if the light on it were even, uint8 [H, W, 3].

    The light is taken for the slow part of lightness: its blur over `reach` of the
    picture's longer side. Each pixel is divided by it (Retinex with one scale, Jobson
    et al. 1997), its colour stays.

    >>> slope = np.repeat(np.arange(60, 180, 2, np.uint8)[None, :, None], 3, 2)
    >>> wall = np.repeat(slope, 40, 0)
    >>> bool(even_light(wall).std() < wall.std() / 2)
    True
    """
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lightness = lab[..., 0] + 1
    light = cv2.GaussianBlur(lightness, (0, 0), reach * max(image.shape[:2]) / 2)
    factor = light.mean() / light
    rgb = image.astype(np.float32) * factor[..., None]
    return np.clip(rgb + 0.5, 0, 255).astype(np.uint8)


def normalise(image):
    """Return a picture as float32 of mean 0 and spread 1 in each channel."""
    image = image.astype(np.float32)
    spread = image.std(axis=(0, 1))
    return (image - image.mean(axis=(0, 1))) / np.maximum(spread, 1e-6)


def to_space(image, space):
    """Return a picture in a colour space of `SPACES`, uint8 [H, W, channels].

    Hue is shifted by a third of the circle, so that the reds lie together in its
    middle, not at both ends.
    """
    code, _ = SPACES[space]
    if code is None:
        return image
    converted = cv2.cvtColor(image, code)
    if space == "HSV":
        converted[..., 0] += 85  # uint8 wraps around, as hue does
    return converted.reshape(*image.shape[:2], -1)


def channel(image: np.ndarray, name: str) -> np.ndarray:
    """Return one channel by its name, such as "saturation", "a" or "grey".

    >>> orange = np.array([[[255, 128, 0]]], np.uint8)
    >>> channel(orange, "saturation").tolist()
    [[255]]
    """
    for space, (_, names) in SPACES.items():
        if name in names:
            return to_space(image, space)[..., names.index(name)]
    raise ValueError(f"no channel {name!r} in {SPACES}")
