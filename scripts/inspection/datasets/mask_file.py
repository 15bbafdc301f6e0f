"""One mask file as numbers: whatever the tool that drew it stored.

A palette counts by its places or by its colours, a colour by its brightest channel,
and where only the transparency differs, that is the mask. Which of the two a palette
means is decided for a whole set, in masks.py.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspection.common.errors import DatasetError
from inspection.datasets.images import image_file
from inspection.datasets.images.opened_image import open_image
from inspection.datasets.images.value_range import BROKEN, read_deep

STACKS = ("TIFF", "GIF", "PNG", "WEBP")  # with a picture for each class, or moving
ONE_HUE = 0.25  # so far apart JPEG alone can bring the hues of one colour
DECIMALS = 4  # of a fraction: finer steps mean nothing, and would all be counted


@dataclass(frozen=True)
class MaskFile:
    """The pixels of one mask.

    pixels: numbers [H, W], or colours [H, W, 3] over black. places: uint8 [H, W] where
    the file has a palette. palette: {place: (red, green, blue)} of the places used.
    lossy: a JPEG, whose values are none that anybody chose.
    """

    name: str
    pixels: np.ndarray
    places: np.ndarray | None = None
    palette: tuple[tuple[int, tuple], ...] = ()
    lossy: bool = False

    def hue(self):
        """Return the colour of the bright pixels, its largest channel 1.

        None for an empty mask. Raises DatasetError where there are several colours.
        """
        if not self.pixels.any():
            return None
        if self.pixels.ndim == 2:
            return (1.0, 1.0, 1.0)
        grey = self.pixels.max(axis=-1)
        bright = self.pixels[grey > grey.max() / 2].astype(np.float32)
        hues = bright / bright.max(axis=-1, keepdims=True)
        # the hues of one colour differ by rounding alone, and a little by JPEG
        low, middle, high = np.percentile(hues, (2, 50, 98), axis=0)
        if (high - low).max() >= ONE_HUE:
            raise DatasetError(
                f"{self.name}: has several colours, which are several classes; paint "
                "the one that you want white and all else black, or name it, "
                "--foreground '#ff0000'"
            )
        return tuple(middle.tolist())

    def grey(self):
        """Return numbers [H, W], of a colour its brightest channel."""
        return self.pixels if self.pixels.ndim == 2 else self.pixels.max(axis=-1)

    def colors(self, most=1000):
        """Return the colours (red, green, blue) of a mask in colour, the first ones."""
        if self.pixels.ndim == 2:
            return frozenset()
        packed = self.pixels.astype(np.int64) @ (1 << 16, 1 << 8, 1)
        found = np.unique(packed)[:most].tolist()
        return frozenset(tuple(value.to_bytes(3)) for value in found)

    def has_color(self, color):
        """Return bool [H, W]: where the mask is (red, green, blue)."""
        pixels = self.pixels if self.pixels.ndim == 3 else self.pixels[..., None]
        off = 40 if self.lossy else 0
        return (np.abs(pixels.astype(np.int64) - color) <= off).all(axis=-1)


def read_mask(path):
    """Read a mask file upright; raise DatasetError for one that is none."""
    path = Path(path)
    data = path.read_bytes()
    try:
        numbers = read_deep(data)
        with open_image(data) as image:
            image.load()
            count = getattr(image, "n_frames", 1)
    except BROKEN as error:
        raise image_file.unreadable(path.name, data, error) from None
    if count > 1 and image.format in STACKS:
        raise DatasetError(
            f"{path.name}: holds {count} pictures; a mask is one, "
            "save each as a file of its own"
        )
    if numbers is not None:
        return MaskFile(path.name, _checked(_one_channel(numbers), path.name))
    return _mask_of(image, path.name)


def _mask_of(image, name):
    lossy = image.format in ("JPEG", "MPO")
    upright = image_file.turn_upright(image)
    if image.mode == "P" and "transparency" not in image.info:
        places = np.array(upright)
        colors = np.array(upright.convert("RGB"))
        return MaskFile(name, _one_channel(colors), places, _palette(places, colors))
    if image.mode in ("1", "L"):
        return MaskFile(name, np.array(upright.convert("L")), lossy=lossy)
    pixels = _over_black(np.array(upright.convert("RGBA")))
    return MaskFile(name, _one_channel(pixels), lossy=lossy)


def _palette(places, colors):
    used, first = np.unique(places, return_index=True)
    rows = colors.reshape(-1, 3)[first].tolist()
    return tuple(zip(used.tolist(), map(tuple, rows), strict=True))


def _over_black(pixels):
    """Return RGBA as RGB, or as the transparency where nothing else differs."""
    colors, alpha = pixels[..., :3], pixels[..., 3]
    if alpha.min() == 255:
        return colors
    if (colors == colors[0, 0]).all():
        return alpha
    return (colors.astype(np.uint16) * alpha[..., None] // 255).astype(np.uint8)


def _one_channel(pixels):
    if pixels.ndim == 3 and (pixels == pixels[..., :1]).all():
        return pixels[..., 0]
    return pixels


def _checked(numbers, name):
    """Return whole numbers as int64, fractions rounded; refuse what is no number."""
    if numbers.ndim == 3:
        # colours of 16 bits: only their hue counts
        return (numbers.astype(np.int64) * 255 // max(1, int(numbers.max()))).astype(
            np.uint8
        )
    if not np.isfinite(numbers).all():
        raise DatasetError(
            f"{name}: holds values that are no numbers (NaN or infinite); "
            "save it again with 0 where nothing is"
        )
    if not np.issubdtype(numbers.dtype, np.floating):
        return numbers.astype(np.int64)
    whole = np.rint(numbers)
    return whole.astype(np.int64) if np.array_equal(whole, numbers) else _round(numbers)


def _round(numbers):
    return np.round(numbers.astype(np.float64), DECIMALS if numbers.max() <= 1 else 1)
