"""Read masks as 0 and 1, whatever the tool that drew them meant by 0 and 1.

What is found in real sets: {0, 255}, {0, 1}, another single value such as 87, palettes,
colours on black, transparency, 16 bits, soft edges and JPEG noise. What a value means
is decided for a whole set, never for a single file: an empty mask with some JPEG noise
would else become a full one.
"""

import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from inspection.common.errors import DatasetError
from inspection.datasets.images.image_file import BROKEN, sniff_format

FEW = 8  # so many values are classes, not the shades of soft edges
SOFT_SHARE = 0.1  # of the pixels may be shades between the two ends
END = 1 / 8  # of the range belongs to each end


@dataclass(frozen=True)
class Levels:
    """What the grey values of a set of masks mean.

    threshold: values from here on are foreground.
    values: if given, exactly these are.
    """

    threshold: int = 1
    values: tuple[int, ...] = ()

    def apply(self, grey):
        """Return a mask uint8 [H, W] of 0 and 1."""
        if self.values:
            return np.isin(grey, self.values).astype(np.uint8)
        return (grey >= self.threshold).astype(np.uint8)


def read_grey(path):
    """Read a mask file as integers [H, W], 0 is background.

    A palette counts by its colours, a colour by its brightest channel, and where only
    the transparency differs, that is the mask. Raises DatasetError for a broken file
    and for one of several colours.
    """
    path = Path(path)
    data = path.read_bytes()
    try:
        with Image.open(io.BytesIO(data)) as image:
            pixels = _pixels(image)
    except BROKEN as error:
        kind = (sniff_format(data) or "picture").upper()
        raise DatasetError(f"{path.name}: is no readable {kind}: {error}") from None
    grey = pixels if pixels.ndim == 2 else _one_channel(pixels)
    if grey is None:
        raise DatasetError(
            f"{path.name}: has several colours, which are several classes; paint the "
            "one that you want white and all else black"
        )
    return grey


def _pixels(image):
    if image.mode == "1":
        return np.array(image.convert("L"))
    if image.mode in ("L", "I", "F") or image.mode.startswith("I;16"):
        return np.array(image).astype(np.int64)
    return np.array(image.convert("RGBA"))


def _one_channel(pixels):
    """Return the grey values of RGBA pixels, or None where there are many colours."""
    colors, alpha = pixels[..., :3].astype(np.int64), pixels[..., 3]
    if alpha.min() < 255 and (colors == colors[0, 0]).all():
        return alpha.astype(np.int64)
    grey = colors.max(axis=-1)
    bright = colors[grey > grey.max() / 2] if grey.max() else colors[:0]
    if len(bright) == 0:
        return grey
    hues = bright / bright.max(axis=-1, keepdims=True)
    # the hues of one colour differ by rounding alone, and a little by JPEG
    spread = np.percentile(hues, 98, axis=0) - np.percentile(hues, 2, axis=0)
    return grey if spread.max() < 0.25 else None


def find_levels(paths, foreground=None):
    """Return the `Levels` of a set of masks; faults of all files in one error.

    foreground: the value, or the values, that count; needed for masks of classes.
    """
    faults, counts = [], {}
    for path in paths:
        try:
            values, numbers = np.unique(read_grey(path), return_counts=True)
            counts[Path(path)] = dict(
                zip(values.tolist(), numbers.tolist(), strict=True)
            )
        except (DatasetError, OSError) as error:
            faults.append(str(error))
    if faults:
        raise DatasetError(f"{len(faults)} masks cannot be read", faults)
    if foreground is not None:
        return _named(foreground, counts)
    return decide(counts)


def _named(foreground, counts):
    wanted = np.atleast_1d(foreground).astype(int).tolist()
    found = sorted(set().union(*counts.values()))
    absent = [value for value in wanted if value not in found]
    if absent:
        raise DatasetError(
            f"no mask has the value {', '.join(map(str, absent))}; there are "
            f"{_list(found)}"
        )
    return Levels(values=tuple(wanted))


def decide(counts):
    """Return the `Levels` that {file: {value: pixels}} speak for.

    Raises DatasetError where the values look like classes, with the files that show it.
    """
    total = sum((Counter(values) for values in counts.values()), Counter())
    levels = sorted(value for value in total if value > 0)
    if len(levels) <= 1:
        return Levels(levels[0] if levels else 1)
    alone = all(sum(v > 0 for v in values) <= 1 for values in counts.values())
    if set(levels) == {1, 255} and alone:
        return Levels(1)  # two tools, each with its own white
    if _has_soft_edges(total, levels):
        return Levels((levels[-1] + 1) // 2)
    faults = [
        f"{path.name}: has the values {_list(sorted(values))}"
        for path, values in counts.items()
        if len(values) > 2
    ]
    raise DatasetError(
        f"the masks hold {len(levels)} values beside 0 ({_list(levels)}), which look "
        "like classes: say which of them counts, foreground=2 or --foreground 2",
        faults,
    )


def _has_soft_edges(total, levels):
    """Tell shades between black and one white from the numbers of classes."""
    top = levels[-1]
    between = [v for v in levels if top * END < v < top * (1 - END)]
    pixels = sum(total[v] for v in between)
    if len(levels) <= FEW or len(between) < FEW // 2:
        return False
    return pixels <= SOFT_SHARE * sum(total.values())


def _list(values, shown=8):
    words = [str(value) for value in values[:shown]]
    return ", ".join(words + (["..."] if len(values) > shown else []))
