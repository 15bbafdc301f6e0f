"""Look a set of pictures and masks over before anything is trained on it."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import median

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets import masks
from inspection.datasets.checking import thumbnails
from inspection.datasets.checking.check_images import (
    copy_faults,
    image_faults,
    litter_faults,
)
from inspection.datasets.checking.check_splits import (
    imbalance_faults,
    missing_faults,
    no_val_faults,
    place_names,
)
from inspection.datasets.checking.count_table import (
    CountTable,
    count_headers,
    most_text,
)
from inspection.datasets.checking.report import DatasetReport, in_order
from inspection.datasets.faults import Fault
from inspection.datasets.images.image_facts import read_facts
from inspection.datasets.images.image_folder import stem
from inspection.datasets.images.value_range import find_range
from inspection.datasets.mask_pairs import LOST, Pair, lost_share, match_folders
from inspection.datasets.splitting.sources import check_pattern

INPUT_SIZE = 256  # pixels, both sides, at which the course trains
MARKED, EMPTY = "foreground", "nothing"
EDGES = (1, 2, 5, 10, 20, 40, 60, 80)  # of the histogram, in percent


@dataclass(frozen=True)
class MaskCount:
    """A set of pictures and masks.

    images, masks: files that can be read. shares: of foreground in each marked mask,
    from 0 to 1. empty: masks without any. Both are 0 where it is not clear what counts.
    """

    images: int
    masks: int
    shares: tuple[float, ...]
    empty: int
    image_sizes: tuple
    formats: tuple

    @property
    def usable(self):
        """What there is to learn from, and its name."""
        unclear = self.masks if not self.shares and not self.empty else 0
        return len(self.shares) or unclear, "marked mask"

    def lines(self):
        """Return sentences: how many, which sizes and formats."""
        pictures, drawn = plural(self.images, "picture"), plural(self.masks, "mask")
        return [
            f"{pictures}, {drawn}, {self.empty:,} of them empty",
            most_text(self.image_sizes, self.formats),
        ]

    def table(self):
        """Return how many masks show something, and how much of the picture it covers."""
        percent = tuple(100 * share for share in self.shares)
        covered = f"{median(percent):.3g} %" if percent else "-"
        return CountTable(
            ("class", "masks", "median area"),
            ((MARKED, f"{len(percent):,}", covered),),
            values=(percent,),
            edges=EDGES,
            unit="%",
            title="part of the picture that is foreground, in percent",
        )


@dataclass(frozen=True)
class MaskReport(DatasetReport):
    """What `check_masks` found, with the pairs that can be read."""

    pairs: list[Pair] = field(repr=False)

    @cached_property
    def pair_of(self):
        """{file: its pair}, of pictures and masks."""
        found = {pair.image: pair for pair in self.pairs}
        return found | {pair.mask: pair for pair in self.pairs}

    def samples(self):
        return {pair.image.name: pair.image for pair in self.pairs}

    def draw(self, path, boxes=()):
        pair = self.pair_of.get(path)
        if pair is None:
            return thumbnails.draw_faults(path)
        return thumbnails.draw_mask(pair.image, pair.read_mask())


def check_masks(
    image_dir,
    mask_dir,
    foreground=None,
    splits=None,
    pattern=None,
    input_size=INPUT_SIZE,
):
    """Return a MaskReport of every fault of a folder of pictures and one of masks.

    foreground: what counts in masks of classes, see `mask_pairs.read_pairs`. splits:
    {split: stems}. Raises DatasetError where there is nothing to look at.
    """
    check_pattern(pattern)
    images, partners, faults = match_folders(image_dir, mask_dir)
    folders = dict.fromkeys([Path(image_dir), Path(mask_dir)])
    faults += [fault for folder in folders for fault in litter_faults(folder)]
    facts = read_facts(images)
    told = {fault.file for fault in faults}
    for fact in facts.values():
        found = image_faults(fact)
        faults += [
            f for f in found if not (f.kind == fact.problem_kind and f.file in told)
        ]
    whole = [(image, found) for image, found in partners if facts[image].header]
    pairs, found = _pairs(whole, foreground, Path(mask_dir))
    faults += found
    looked_at = {pair.image: _look_at(pair, input_size) for pair in pairs}
    faults += [fault for seen in looked_at.values() for fault in seen.faults]
    image_of = {stem(image.name): image for image in images}
    split_of, found = place_names(splits or {}, image_of, "picture")
    faults += found + copy_faults(facts.values(), split_of, pattern)
    faults += no_val_faults(splits or ()) + _balance(looked_at, split_of)
    statistics = _count(facts, whole, looked_at)
    return MaskReport(in_order(faults), statistics, Path(image_dir), pairs)


def _pairs(partners, foreground, mask_dir):
    """Return (the pairs, faults); no pair where it is not clear what counts."""
    find_range([image for image, _ in partners])
    facts, faults = masks.scan_masks(m for _, found in partners for m in found)
    if not facts:
        return [], faults
    try:
        levels = masks.levels_of(facts, foreground)
    except DatasetError as error:
        lines = [Fault("mask-values", mask_dir.name, error.message, tuple(facts)[:1])]
        return [], faults + lines
    share = masks.inverted_share(levels, facts)
    if share:
        detail = f"the masks mark {100 * share:.0f} % of the pictures"
        shown = tuple(facts)[:2]
        faults.append(Fault("inverted-masks", mask_dir.name, detail, shown))
    read = [(image, found) for image, found in partners if facts.keys() >= set(found)]
    return [
        Pair(image, first, levels, tuple(rest)) for image, (first, *rest) in read
    ], faults


@dataclass(frozen=True)
class _Seen:
    """The share of foreground in a mask, and its faults."""

    share: float
    faults: tuple[Fault, ...]


def _look_at(pair, size):
    mask = pair.read_mask()
    shown = (pair.image,)
    if not mask.any():
        detail = "has no foreground"
        return _Seen(0.0, (Fault("empty-mask", pair.mask.name, detail, shown),))
    lost = lost_share(mask, size)
    if lost <= LOST:
        return _Seen(float(mask.mean()), ())
    detail = f"{100 * lost:.0f} % of its foreground vanishes at {size}x{size}"
    fault = Fault("thin-lines", pair.mask.name, detail, shown)
    return _Seen(float(mask.mean()), (fault,))


def _balance(looked_at, split_of):
    """Return faults of too many empty masks, and of parts of a split with nothing else."""
    shown = {path: [MARKED] if seen.share else [] for path, seen in looked_at.items()}
    marked = sum(map(len, shown.values()))
    if not marked:
        return []
    counts = {MARKED: marked, EMPTY: len(shown) - marked}
    found = [f for f in imbalance_faults(counts) if f.file == MARKED]
    return found + missing_faults(shown, split_of, [MARKED])


def _count(facts, whole, looked_at):
    headers = [fact.header for fact in facts.values() if fact.header]
    shares = tuple(seen.share for seen in looked_at.values() if seen.share)
    return MaskCount(
        len(headers),
        len(whole),
        shares,
        len(looked_at) - len(shares),
        **count_headers(headers),
    )
