"""What the values of a set of masks mean, by the evidence of all of them."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from inspection.common.errors import DatasetError
from inspection.common.notices import say_once
from inspection.datasets.mask_file import read_mask

FEW = 8  # so many numbers may be classes; more, each in one piece, are pieces
SOFT_SHARE = 0.1  # of the pixels may be shades at the edges
SHADES_SHARE = 0.5  # of the pixels in a map of probabilities; a photograph has more
SLOPE_SHARE = 0.25  # of the shades, at least, lie on slopes
FLAT_SHARE = 0.2  # of the shades at most; the areas of a class are flat
END = 1 / 8  # of the range belongs to each end
BRIGHT = 0.75  # of full white is reached by probabilities of 8 or 16 bits
BORDER = 255  # the place in a palette that Pascal VOC leaves out
WHITES = {1, 255, 65535}


@dataclass(frozen=True)
class Levels:
    """What the values of a set of masks mean.

    threshold: values from here on are foreground. values: if given, exactly these are.
    color: if given, exactly this one is. by_place: values are places in a palette.
    """

    threshold: float = 1
    values: tuple[int, ...] = ()
    color: tuple[int, ...] = ()
    by_place: bool = False

    def read(self, path):
        """Return the mask of a file, uint8 [H, W] of 0 and 1."""
        mask = read_mask(path)
        if self.color:
            return mask.has_color(self.color).astype(np.uint8)
        return self.apply(mask.places if self.by_place else mask.grey())

    def apply(self, grey):
        """Return a mask uint8 [H, W] of 0 and 1."""
        if self.values:
            return np.isin(grey, self.values).astype(np.uint8)
        return (grey >= self.threshold).astype(np.uint8)

    def share(self, values):
        """Return the share of foreground in a mask of these Values."""
        grey = np.array(list(values.counts))
        pixels = np.array(list(values.counts.values()))
        return float((self.apply(grey) * pixels).sum() / pixels.sum())


def decide(files, by_place=False):
    """Return the `Levels` that {path: Values} speak for.

    Raises DatasetError where the values look like classes, with the files that show it.
    """
    total = sum((Counter(values.counts) for values in files.values()), Counter())
    levels = sorted(value for value in total if value != 0)
    if len(levels) <= 1 and min(levels, default=0) >= 0:
        return Levels(levels[0] if levels else 1, by_place=by_place)
    alone = all(sum(v > 0 for v in one.counts) <= 1 for one in files.values())
    if set(levels) <= WHITES and alone:
        return Levels(1)  # two tools, each with its own white
    if by_place and len(levels) == 2 and levels[1] == BORDER:
        say_once("masks: place 255 of the palette is a border, and background here")
        return Levels(values=(levels[0],), by_place=True)
    if _are_pieces(files.values()):
        most = max(values.pieces for values in files.values())
        say_once(f"masks: the values are numbers of pieces, up to {most}; all count")
        return Levels(1, by_place=by_place)
    threshold = None if by_place else _threshold(files.values(), total, levels[-1])
    if threshold is None:
        raise _unclear(files, levels)
    return Levels(threshold)


def _are_pieces(files):
    """Tell whether every mask numbers its pieces 1, 2, 3, ..., each in one piece.

    Classes do so, too, where each shows once: so there must be many, and they must lie
    apart, as connected components do, or differ in number from mask to mask.
    """
    marked = [one for one in files if len(one.counts) > 1 or 0 not in one.counts]
    numbers = {one.pieces for one in marked}
    if 0 in numbers or max(numbers) <= FEW:
        return False
    return len(numbers) > 2 or not any(one.touching for one in marked)


def _threshold(files, total, top):
    """Return where shades between black and white are cut, None where there are none."""
    pixels = sum(total.values())
    low, high = top * END, top * (1 - END)
    between = [v for v in total if low < v < high]
    if not between:
        # noise is on both ends, numbers of classes are not; what is lossy has no classes
        lossy = any(one.lossy for one in files) and top >= BORDER / 4
        if not lossy and not any(high <= v < top for v in total):
            return None
        if lossy:
            return (top + 1) // 2
    shades = between or [v for v in total if 0 < v < top]
    slopes = sum(one.slopes.get(v, 0) for one in files for v in shades)
    flats = sum(one.flats.get(v, 0) for one in files for v in shades)
    count = sum(total[v] for v in shades)
    if slopes < SLOPE_SHARE * count or flats > FLAT_SHARE * count:
        return None
    share = sum(total[v] for v in between) / pixels
    if min(total) < 0 or share > SHADES_SHARE:
        return None
    if top <= 1:
        return 0.5 if top > 0.5 else None
    if share <= SOFT_SHARE:
        return (top + 1) // 2
    white = next((w for w in sorted(WHITES) if top <= w), None)
    return (white + 1) // 2 if white and top >= BRIGHT * white else None


def _unclear(files, levels):
    faults = [
        f"{path.name}: has the values {list_values(sorted(values.counts))}"
        for path, values in files.items()
        if len(values.counts) > 2
    ]
    return DatasetError(
        f"the masks hold {len(levels)} values beside 0 ({list_values(levels)}), which look "
        "like classes: say which of them counts, foreground=2 or --foreground 2; "
        "--foreground all takes everything but 0",
        faults,
    )


def list_values(values, shown=8):
    """Return the first values in words."""
    words = [
        f"{value:g}" if isinstance(value, float) else str(value) for value in values
    ]
    return ", ".join(words[:shown] + (["..."] if len(words) > shown else []))
