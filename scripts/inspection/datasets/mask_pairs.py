"""Pair pictures with their masks, and split such pairs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inspection.common.errors import DatasetError
from inspection.common.notices import warn_once
from inspection.common.run_identity import digest_bytes
from inspection.datasets import mask_names, masks
from inspection.datasets.checking.given_split import refuse_copies, refuse_overlap
from inspection.datasets.faults import Fault
from inspection.datasets.foreign_formats import explain_boxes
from inspection.datasets.images import image_file
from inspection.datasets.images.image_facts import read_facts
from inspection.datasets.images.image_folder import ImageFolder, stem
from inspection.datasets.images.resizing import resize_area
from inspection.datasets.images.value_range import find_range, range_of
from inspection.datasets.layouts.set_tree import read_tree
from inspection.datasets.splitting.partition import group_copies, partition
from inspection.datasets.splitting.split_lists import (
    match_names,
    read_splits,
    write_splits,
)

SHARES = {"val": 0.15, "test": 0.15}
LOST = 0.5  # of the foreground of a mask, when it is made small
MANY = 0.2  # of the masks
LOOKED_AT = 50  # masks made small to see whether they last


@dataclass(frozen=True)
class Pair:
    """A picture, its mask, and what the values of the mask mean.

    others: files with further pieces of the mask.
    """

    image: Path
    mask: Path
    levels: masks.Levels
    others: tuple[Path, ...] = ()

    @property
    def stem(self):
        return stem(self.image.name)

    def digest(self):
        """Return what tells apart the bytes of the files and what the values mean."""
        meaning = repr((self.levels, range_of(self.image)))
        files = self.image, self.mask, *self.others
        return digest_bytes(*(path.read_bytes() for path in files), meaning.encode())

    def read(self, size=None):
        """Return (picture uint8 [H, W, 3], mask uint8 [H, W] of 0 and 1).

        size: (height, width) to resize both to.
        """
        image = image_file.read_rgb(self.image)
        mask = self.read_mask()
        return (image, mask) if size is None else resize(image, mask, size)

    def read_mask(self):
        """Return the mask, uint8 [H, W] of 0 and 1."""
        pieces = [self.levels.read(path) for path in (self.mask, *self.others)]
        return np.maximum.reduce(pieces)


def resize(image, mask, size):
    """Return a picture and its mask resized to (height, width), the mask still 0 and 1.

    A pixel of the small mask is foreground where at least half of it is.
    """
    if image.shape[:2] == tuple(size):
        return image, mask
    return resize_area(image, size), _resize_mask(mask, size)


def _resize_mask(mask, size):
    share = resize_area(mask.astype(np.float32), size)
    return (share >= 0.5).astype(np.uint8)


def warn_of_lost_lines(pairs, size):
    """Warn where much of the foreground vanishes when masks are made size x size.

    size: side in pixels. Lines of one pixel do: less than half of a small pixel is line.
    """
    step = max(1, len(pairs) // LOOKED_AT)
    marked = [mask for pair in pairs[::step] if (mask := pair.read_mask()).any()]
    lost = [lost_share(mask, size) > LOST for mask in marked]
    if lost and np.mean(lost) >= MANY:
        warn_once(
            f"at {size}x{size} more than half of the foreground vanishes in "
            f"{sum(lost)} of {len(lost)} masks: the lines are too thin; take a larger "
            "size, cut the pictures into tiles, or draw the lines wider"
        )


def lost_share(mask, size):
    """Return which share of its foreground a mask loses when it is made size x size.

    0 for an empty mask, and for one that gains some.
    """
    before = mask.mean()
    after = _resize_mask(mask, (size, size)).mean()
    return max(0.0, 1 - after / before) if before else 0.0


def read_pairs(
    image_dir: str | Path,
    mask_dir: str | Path,
    foreground: int | str | list | None = None,
) -> list[Pair]:
    """Return the `Pair`s of two folders, or of one that holds both, sorted by name.

    Partners have one name but for the extension and what annotation tools add to it,
    see mask_names.py. Raises one DatasetError with every picture without mask, mask
    without picture, broken file and pair of different size; where masks hold classes,
    `foreground` says which: a value, several, "all", or a colour, "#ff0000".

    >>> pairs = read_pairs("data/rust/images", "data/rust/masks")
    >>> image, mask = pairs[0].read()
    >>> image.shape[:2] == mask.shape
    True
    """
    images, partners, faults = match_folders(image_dir, mask_dir)
    if faults:
        raise DatasetError(
            f"{len(faults)} faults in {image_dir} and {mask_dir}; nothing was read",
            faults,
        )
    find_range(images)
    used = [mask for _, found in partners for mask in found]
    levels = masks.find_levels(used, foreground)
    return [
        Pair(image, first, levels, tuple(rest)) for image, (first, *rest) in partners
    ]


def match_folders(image_dir, mask_dir):
    """Return (pictures, [(picture, its masks)] of one size, faults of the others)."""
    images, drawn = list_both(image_dir, mask_dir)
    partners, faults = mask_names.match(images, drawn)
    fitting = []
    for image, found in partners:
        wrong = [fault for mask in found for fault in _size_fault(image, mask)]
        faults += wrong
        fitting += [] if wrong else [(image, found)]
    return images, fitting, faults


def list_both(image_dir, mask_dir):
    """Return (pictures, masks) of two folders, or of one that holds both."""
    images, drawn = _list_folder(image_dir), _list_folder(mask_dir)
    if Path(image_dir).resolve() == Path(mask_dir).resolve():
        return mask_names.split_one_folder(images)
    return images, drawn


def _list_folder(folder):
    if not Path(folder).is_dir():
        raise DatasetError(f"{folder} is not a folder; looked from {Path.cwd()}")
    paths = [path for path in ImageFolder(folder).paths if path.is_file()]
    if not paths:
        raise DatasetError(f"0 pictures found in {folder}{_explain(folder)}")
    return paths


def _explain(folder):
    """Return what to do where no picture lies in a folder itself."""
    below = any(b.images() for b in read_tree(folder))
    whole = "; they lie in its folders: give it as the one folder of the whole set"
    return explain_boxes(folder, "masks") or whole * below


def _size_fault(image, mask):
    try:
        header = image_file.read_header(image.read_bytes(), image.name)
    except DatasetError as error:
        return error.faults
    try:
        drawn = image_file.image_size(mask)
    except DatasetError as error:
        return [Fault("broken-mask", mask.name, error.faults[0].detail, (mask,))]
    if header.size == drawn:
        return []
    kind, text = "mask-size", f"is {_text(header.size)}, its mask {_text(drawn)}"
    if header.stored_size == drawn:
        kind = "lying-mask"
        text += ", drawn on the picture as it lies (EXIF orientation)"
    return [Fault(kind, image.name, text, (image, mask))]


def _text(size):
    return f"{size[0]}x{size[1]}"


def split_pairs(pairs, shares=None, splits=None, pattern=None, seed=0):
    """Return {"train": pairs, "val": ..., "test": ...}.

    splits: a folder with train.txt, val.txt and test.txt; without it the pairs are
    dealt out by `shares`, pictures of one source and near-duplicates on one side, empty
    masks spread evenly.
    """
    if splits:
        return _by_lists(pairs, splits)
    paths = [pair.image for pair in pairs]
    groups = group_copies(paths, read_facts(paths), pattern)
    empty = [not pair.read()[1].any() for pair in pairs]
    classes = [[] if nothing else ["foreground"] for nothing in empty]
    dealt = partition(classes, shares or SHARES, groups, seed)
    return {split: [pairs[i] for i in chosen] for split, chosen in dealt.items()}


def _by_lists(pairs, splits):
    by_stem = {pair.stem: pair for pair in pairs}
    lists = read_splits([splits])
    found, lost = match_names(sum(lists.values(), []), by_stem)
    faults = [
        f"{name}: is in {split}.txt, but there is no such picture"
        for split, names in lists.items()
        for name in names
        if name in lost
    ]
    if faults:
        raise DatasetError(f"{splits} does not fit the pictures", faults)
    stems = {split: [found[name] for name in names] for split, names in lists.items()}
    refuse_overlap(stems, splits)
    dealt = {
        split: [by_stem[stem] for stem in listed] for split, listed in stems.items()
    }
    refuse_copies({s: [p.image for p in chosen] for s, chosen in dealt.items()}, splits)
    return dealt


def write_split_lists(splits, folder):
    """Write the names of each split to folder/splits, as `split_pairs` reads them."""
    stems = {split: [pair.stem for pair in pairs] for split, pairs in splits.items()}
    return write_splits(stems, Path(folder) / "splits")
