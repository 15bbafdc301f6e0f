"""Find pictures and their masks in the folders of a set.

train/ valid/ test/ with x.jpg and x_mask.png in each               Roboflow
train/images + train/masks, images/train + annotations/train        Kaggle and others
VOCdevkit/VOC2012/{JPEGImages, SegmentationClass}, its lists too     Pascal VOC

Folders called masks, labels, annotations, ground truth and the like hold masks, others
pictures; where there are none of these, the names of the files tell (mask_names.py).
"""

from collections import Counter
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets import mask_names
from inspection.datasets.images.image_folder import stem
from inspection.datasets.layouts import own_lists
from inspection.datasets.layouts.box_layout import plain
from inspection.datasets.layouts.folder_names import holds_masks, words_of
from inspection.datasets.layouts.found_set import (
    FoundSet,
    Pair,
    list_members,
    not_understood,
)
from inspection.datasets.layouts.set_tree import common_parts, read_tree

OF_CLASSES = ("segmentationclass", "segmentationclasspng", "segmentationclassaug")


def find_masks(image_top, mask_top=None, explain=None):
    """Return the FoundSet of pictures and masks below two folders, or one.

    explain: function that says what else to do where there are none. Raises DatasetError where
    nothing fits together, and for pictures without masks among others that have some.
    """
    image_top = Path(image_top)
    mask_top = Path(mask_top or image_top)
    tree = read_tree(image_top)
    mask_tree = tree if mask_top == image_top else read_tree(mask_top)
    images, masks = _list_both(tree, mask_tree)
    trees = [tree] if mask_tree is tree else [tree, mask_tree]
    if not (images and masks):
        hint = explain() if explain else ""
        raise not_understood(image_top, trees, "masks", hint)
    lists = {}
    if not any(member.split for member in images + masks):
        names = [stem(member.path.name) for member in images]
        lists = own_lists.find_lists(sum(trees, []), names, "segmentation")
    notes = []
    if lists:
        images, masks, notes = _keep_listed(images, masks, lists)
    pairs, more = _match_parts(images, masks, image_top)
    return FoundSet(tuple(pairs), lists, tuple(notes + more))


def _list_both(tree, mask_tree):
    """Return (members that are pictures, members that are masks)."""
    outer = len(common_parts(tree))
    named = {b.folder for b in tree if holds_masks(b.parts[outer:]) and b.images()}
    if mask_tree is not tree:
        images = list_members(tree, lambda b: [] if b.folder in named else b.images())
        return images, list_members(mask_tree, lambda b: b.images())
    best = {f for f in named if "".join(words_of(f.name)) in OF_CLASSES}
    if named:
        images = list_members(tree, lambda b: [] if b.folder in named else b.images())
        return images, list_members(
            tree, lambda b: b.images() if b.folder in (best or named) else []
        )
    split = {b.folder: mask_names.split_one_folder(b.images()) for b in tree}
    return (
        list_members(tree, lambda b: split[b.folder][0] if split[b.folder][1] else []),
        list_members(tree, lambda b: split[b.folder][1]),
    )


def _keep_listed(images, masks, lists):
    """Return (pictures, masks, notes) of those that the lists of a set name."""
    listed = {plain(name) for names in lists.values() for name in names}
    kept = [m for m in images if plain(stem(m.path.name)) in listed]
    unlisted = {plain(stem(m.path.name)) for m in images} - listed
    masks = [m for m in masks if plain(stem(m.path.name)) not in unlisted]
    count = len(images) - len(kept)
    return (
        kept,
        masks,
        [f"{plural(count, 'picture')} in none of its lists"] * bool(count),
    )


def _match_parts(images, masks, top):
    """Return (pairs, notes); parts of the split that lack masks altogether are left out."""
    both = any(m.split for m in images) and any(m.split for m in masks)
    splits = sorted({m.split for m in images}) if both else [None]
    split_of = {m.path: m.split for m in images + masks}
    pairs, faults, notes = [], [], []
    for split in splits:
        chosen = [m.path for m in images if split in (None, m.split)]
        drawn = [m.path for m in masks if split in (None, m.split)]
        if not drawn:
            count = plural(len(chosen), "picture")
            notes.append(f"{count} of {split or 'no part'} without masks")
            continue
        found, more = mask_names.match(chosen, drawn)
        faults += more
        pairs += [
            Pair(image, mask, split_of[image] or split_of[mask])
            for image, several in found
            for mask in several
        ]
    orphans = Counter(m.split for m in masks if both and m.split not in splits)
    faults += [f"{plural(n, 'mask')} of {s}, no pictures" for s, n in orphans.items()]
    if faults:
        raise DatasetError(f"{len(faults)} faults in {top}; nothing was read", faults)
    return sorted(pairs, key=lambda pair: str(pair.image)), notes
