"""Read masks as 0 and 1, whatever the tool that drew them meant by 0 and 1.

What is found in real sets: {0, 255}, {0, 1}, another single value such as 87, palettes,
colours on black, transparency, 16 bits, soft edges, JPEG noise, probabilities, a number
for each piece. What a value means is decided for a whole set, never for a single file:
an empty mask with some JPEG noise would else become a full one, and two classes in two
files would be one. What stays unclear is refused.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspection.common.arguments import ALL, COLOR
from inspection.common.errors import DatasetError
from inspection.common.notices import warn_once
from inspection.datasets.faults import Fault
from inspection.datasets.mask_file import ONE_HUE, read_mask
from inspection.datasets.mask_levels import Levels, decide, list_values
from inspection.datasets.mask_values import Values, values_of

FULL = 0.6  # of the pictures; few things cover so much of them


@dataclass(frozen=True)
class MaskFacts:
    """What was seen in one mask file; `problem` says why it is not one of one colour."""

    by_color: Values | None
    by_place: Values | None
    hue: tuple | None
    palette: tuple
    problem: str
    colors: frozenset


def find_levels(paths, foreground=None):
    """Return the `Levels` of a set of masks; faults of all files in one error.

    foreground: the value, or the values, that count, "all" for everything but 0, or a
    colour, "#ff0000"; needed for masks of classes.
    """
    facts = look_at_masks(paths)
    levels = levels_of(facts, foreground)
    share = inverted_share(levels, facts)
    if share:
        warn_once(
            f"the masks mark {100 * share:.0f} % of the pictures: were they painted the "
            "other way round? Then exchange black and white in them"
        )
    return levels


def levels_of(facts, foreground=None):
    """Return the `Levels` that {path: MaskFacts} speak for, as `find_levels` does."""
    color = _color(foreground)
    if color:
        return _named_color(color, facts)
    by_place = _means_places(facts)
    if not by_place:
        _refuse_colors(facts)
    return _levels(_values(facts, by_place), foreground, by_place)


def inverted_share(levels, facts):
    """Return the mean share of foreground where it is that of masks painted inverted.

    0 where it is not, and where one colour of several counts.
    """
    if levels.color:
        return 0.0
    files = _values(facts, levels.by_place).values()
    share = float(np.mean([levels.share(values) for values in files] or [0]))
    return share if share > FULL else 0.0


def _values(facts, by_place):
    return {p: f.by_place if by_place else f.by_color for p, f in facts.items()}


def look_at_masks(paths):
    """Return {path: MaskFacts}; raise one DatasetError with all broken files."""
    facts, faults = scan_masks(paths)
    if faults:
        raise DatasetError(f"{len(faults)} masks cannot be read", faults)
    return facts


def scan_masks(paths):
    """Return ({path: MaskFacts} of the masks that can be read, faults of the others)."""
    facts, faults = {}, []
    for path in map(Path, paths):
        try:
            facts[path] = _look_at(path)
        except (DatasetError, OSError) as error:
            detail = str(error).splitlines()[0].removeprefix(path.name).lstrip(": ")
            faults.append(Fault("broken-mask", path.name, detail, (path,)))
    return facts, faults


def _look_at(path):
    mask = read_mask(path)
    hue, problem = None, ""
    try:
        hue = mask.hue()
    except DatasetError as error:
        problem = str(error)
    by_color = None if problem else values_of(mask.grey(), mask.lossy)
    by_place = None if mask.places is None else values_of(mask.places)
    return MaskFacts(by_color, by_place, hue, mask.palette, problem, mask.colors())


def _means_places(facts):
    """Tell whether all masks have one palette of colours that begins with black."""
    palette = {}
    for fact in facts.values():
        if fact.by_place is None:
            return False
        for place, color in fact.palette:
            if palette.setdefault(place, color) != color:
                return False
    greys = all(len(set(color)) == 1 for color in palette.values())
    return not greys and palette.get(0, (0, 0, 0)) == (0, 0, 0)


def _refuse_colors(facts):
    faults = [fact.problem for fact in facts.values() if fact.problem]
    if faults:
        raise DatasetError(f"{len(faults)} masks cannot be read", faults)
    first = {}
    for path, fact in facts.items():
        if fact.hue:
            first.setdefault(tuple(round(c * 4) for c in fact.hue), (path, fact.hue))
    hues = np.array([hue for _, hue in first.values()])
    if len(hues) > 1 and np.ptp(hues, axis=0).max() >= ONE_HUE:
        names = [f"{path.name}: is {_name(hue)}" for path, hue in first.values()]
        raise DatasetError(
            "the masks have several colours, which may be several classes: say which "
            "counts, --foreground '#ff0000', or paint it white in all of them",
            names,
        )


def _name(hue):
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in hue)


def _color(foreground):
    """Return (red, green, blue) where a colour is given, alone or in a list."""
    if isinstance(foreground, (list, tuple)) and len(foreground) == 1:
        foreground = foreground[0]
    found = COLOR.fullmatch(foreground) if isinstance(foreground, str) else None
    return tuple(bytes.fromhex(found[1])) if found else ()


def _named_color(color, facts):
    if not any(color in fact.colors for fact in facts.values()):
        found = sorted(set().union(*(fact.colors for fact in facts.values())))
        listed = list_values(["#" + bytes(c).hex() for c in found])
        raise DatasetError(f"no mask has the colour #{bytes(color).hex()}: {listed}")
    return Levels(color=color)


def _levels(files, foreground, by_place):
    if foreground is None:
        return decide(files, by_place)
    if foreground == ALL or foreground == [ALL]:
        found = set().union(*(values.counts for values in files.values()))
        return Levels(min((v for v in found if v > 0), default=1), by_place=by_place)
    return _named(foreground, files, by_place)


def _named(foreground, files, by_place):
    wanted = foreground if isinstance(foreground, (list, tuple)) else [foreground]
    if not all(isinstance(value, (int, np.integer)) for value in wanted):
        raise DatasetError(
            f"foreground {foreground!r}: give values, as 2 or [1, 3], or one of "
            "'all' and a colour such as '#ff0000'"
        )
    found = sorted(set().union(*(values.counts for values in files.values())))
    absent = [value for value in wanted if value not in found]
    if absent:
        raise DatasetError(
            f"no mask has the value {', '.join(map(str, absent))}; there are "
            f"{list_values(found)}"
        )
    return Levels(values=tuple(wanted), by_place=by_place)
