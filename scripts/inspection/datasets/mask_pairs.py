"""Pair pictures with their masks, and split such pairs."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from inspection.common.errors import DatasetError
from inspection.common.run_identity import digest_bytes
from inspection.datasets import masks
from inspection.datasets.checking.given_split import refuse_copies, refuse_overlap
from inspection.datasets.images import image_file
from inspection.datasets.images.image_facts import read_facts
from inspection.datasets.images.image_folder import ImageFolder, stem
from inspection.datasets.splitting.partition import group_copies, partition
from inspection.datasets.splitting.split_lists import read_splits, write_splits

SHARES = {"val": 0.15, "test": 0.15}
ENDINGS = (
    "_mask",
    "-mask",
    "_gt",
    "_label",
    "_seg",
)  # pipe_mask.png belongs to pipe.jpg


@dataclass(frozen=True)
class Pair:
    """A picture, its mask, and what the values of the mask mean."""

    image: Path
    mask: Path
    levels: masks.Levels

    @property
    def stem(self):
        return stem(self.image.name)

    def digest(self):
        """Return what tells apart the bytes of both files and what the values mean."""
        meaning = repr(self.levels).encode()
        parts = self.image.read_bytes(), self.mask.read_bytes(), meaning
        return digest_bytes(*parts)

    def read(self, size=None):
        """Return (picture uint8 [H, W, 3], mask uint8 [H, W] of 0 and 1).

        size: (height, width) to resize both to.
        """
        image = image_file.read_rgb(self.image)
        mask = self.levels.apply(masks.read_grey(self.mask))
        return (image, mask) if size is None else resize(image, mask, size)


def resize(image, mask, size):
    """Return a picture and its mask resized to (height, width), the mask still 0 and 1.

    A pixel of the small mask is foreground where at least half of it is.
    """
    height, width = size
    if image.shape[:2] == (height, width):
        return image, mask
    image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    share = cv2.resize(
        mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA
    )
    return image, (share >= 0.5).astype(np.uint8)


def read_pairs(
    image_dir: str | Path, mask_dir: str | Path, foreground: list[int] | None = None
) -> list[Pair]:
    """Return the `Pair`s of two folders, sorted by name.

    Partners have one name but for the extension, or the mask's ends on _mask. Raises
    one DatasetError with every picture without mask, mask without picture, broken file
    and pair of different size; where masks hold classes, `foreground` says which.

    >>> pairs = read_pairs("data/rust/images", "data/rust/masks")
    >>> image, mask = pairs[0].read()
    >>> image.shape[:2] == mask.shape
    True
    """
    images, drawn = _list_folder(image_dir), _list_folder(mask_dir)
    partners, faults = _match(images, drawn)
    for image, mask in partners:
        faults += _size_fault(image, mask)
    if faults:
        raise DatasetError(
            f"{len(faults)} faults in {image_dir} and {mask_dir}; nothing was read",
            faults,
        )
    levels = masks.find_levels([mask for _, mask in partners], foreground)
    return [Pair(image, mask, levels) for image, mask in partners]


def _list_folder(folder):
    if not Path(folder).is_dir():
        raise DatasetError(f"{folder} is not a folder; looked from {Path.cwd()}")
    paths = ImageFolder(folder).paths
    if not paths:
        raise DatasetError(f"0 pictures found in {folder}")
    return paths


def _match(images, drawn):
    by_name, faults = {}, []
    for mask in drawn:
        by_name.setdefault(_key(mask), []).append(mask)
    partners, names = [], set()
    for image in images:
        key = stem(image.name).casefold()
        found = by_name.get(key, [])
        if len(found) == 1 and key not in names:
            partners.append((image, found[0]))
        else:
            faults.append(f"{image.name}: {_complaint(found)}")
        names.add(key)
    lonely = [m.name for key, ms in by_name.items() if key not in names for m in ms]
    faults += [f"{name}: is a mask without a picture" for name in lonely]
    return partners, faults


def _key(mask):
    name = stem(mask.name)
    for ending in ENDINGS:
        name = name.removesuffix(ending)
    return name.casefold()


def _complaint(found):
    if not found:
        return "has no mask"
    if len(found) == 1:
        return f"is the second picture for the mask {found[0].name}"
    return "has several masks: " + ", ".join(mask.name for mask in found)


def _size_fault(image, mask):
    try:
        header = image_file.read_header(image.read_bytes(), image.name)
        drawn = image_file.image_size(mask)
    except DatasetError as error:
        return [str(error).splitlines()[0]]
    if header.size == drawn:
        return []
    text = f"{image.name}: is {_text(header.size)}, its mask {_text(drawn)}"
    if header.stored_size == drawn:
        text += ", drawn on the picture as it lies (EXIF orientation)"
    return [text]


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
    faults = [
        f"{name}: is in {split}.txt, but there is no such picture"
        for split, names in lists.items()
        for name in names
        if name not in by_stem
    ]
    if faults:
        raise DatasetError(f"{splits} does not fit the pictures", faults)
    refuse_overlap(lists, splits)
    dealt = {split: [by_stem[n] for n in names] for split, names in lists.items()}
    refuse_copies({s: [p.image for p in chosen] for s, chosen in dealt.items()}, splits)
    return dealt


def write_split_lists(splits, folder):
    """Write the names of each split to folder/splits, as `split_pairs` reads them."""
    stems = {split: [pair.stem for pair in pairs] for split, pairs in splits.items()}
    return write_splits(stems, Path(folder) / "splits")
