"""Sets of good parts: what is learnt from them, what the test holds, by kind of defect.

As MVTec AD and others lay them out: train/good, test/good, test/KIND for each kind of
defect, and ground_truth/KIND with a mask for each picture of it. A plain folder of
pictures counts as good ones.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from inspection.common.errors import DatasetError
from inspection.datasets.images.image_folder import list_images, stem
from inspection.datasets.images.moving import refuse_moving
from inspection.datasets.images.value_range import find_range
from inspection.datasets.mask_file import read_mask

GOOD, TRAIN, TEST, MASKS = "good", "train", "test", "ground_truth"


@dataclass(frozen=True)
class JudgedParts:
    """Pictures to measure on.

    good: paths. bad: {kind of defect: paths}. masks: {picture: mask}, of none or of all
    bad ones.
    """

    good: list[Path]
    bad: dict[str, list[Path]]
    masks: dict[Path, Path] = field(default_factory=dict)

    def all(self):
        """Return all pictures, the good ones first."""
        return [*self.good, *(path for paths in self.bad.values() for path in paths)]


def find_good(source):
    """Return the pictures of good parts of a set, or of a plain folder.

    Raises DatasetError where a set also holds other folders to learn from: what shows
    defects must not be learnt as good.
    """
    train = Path(source, TRAIN)
    if not train.is_dir():
        _refuse_test(Path(source))
        return _look_over(list_images([source]))
    others = [p.name for p in train.iterdir() if p.is_dir() and p.name != GOOD]
    if others:
        raise DatasetError(
            f"{train} holds more than {GOOD}/: {', '.join(sorted(others))}; only good "
            "parts are learnt from, name their folder"
        )
    return _look_over(list_images([train]))


def _refuse_test(source):
    """Raise DatasetError for a folder with one for good parts beside others."""
    names = (
        sorted(p.name for p in source.iterdir() if p.is_dir())
        if source.is_dir()
        else []
    )
    if GOOD in names and len(names) > 1:
        raise DatasetError(
            f"{source} holds {', '.join(names)}: only good parts are learnt from, name "
            f"{source / GOOD}"
        )


def find_test(source):
    """Return the `JudgedParts` of a set laid out with test/good and test/KIND."""
    test = Path(source, TEST)
    if not test.is_dir():
        raise DatasetError(
            f"{source} has no {TEST}/ with a folder of good parts and one for each kind "
            "of defect: name folders with --good and --bad"
        )
    kinds = sorted(p.name for p in test.iterdir() if p.is_dir() and p.name != GOOD)
    good = list_images([test / GOOD])
    bad = {kind: list_images([test / kind]) for kind in kinds}
    masks = Path(source, MASKS)
    return _checked(JudgedParts(good, bad, pair_masks(bad, masks)))


def gather_test(good, bad, masks=None):
    """Return the `JudgedParts` of a folder of good parts and one of bad ones.

    bad: holds pictures, or a folder of them for each kind of defect. masks: laid out
    like it.
    """
    folders = (
        sorted(p for p in Path(bad).iterdir() if p.is_dir())
        if Path(bad).is_dir()
        else []
    )
    kinds = {p.name: list_images([p]) for p in folders} or {"bad": list_images([bad])}
    found = pair_masks(kinds, Path(masks)) if masks else {}
    return _checked(JudgedParts(list_images([good]), kinds, found))


def pair_masks(bad, folder):
    """Return {picture: mask} by the name, to which `_mask` may be added.

    Empty where the folder is not there. Raises DatasetError where some have none.
    """
    if not folder.is_dir():
        return {}
    masks = {}
    for mask in list_images([folder]):
        key = stem(mask.name).removesuffix("_mask")
        masks[(mask.parent.name, key)] = mask
    pairs, lost = {}, []
    for kind, paths in bad.items():
        for path in paths:
            name = stem(path.name)
            mask = masks.get((kind, name)) or masks.get((folder.name, name))
            pairs[path] = mask
            if mask is None:
                lost.append(f"{kind}/{path.name}")
    if lost:
        raise DatasetError(f"{len(lost)} pictures have no mask in {folder}", lost)
    return pairs


def read_defect(mask, size):
    """Return a mask of a size (height, width) as bool; all that is not 0 is defect."""
    marked = read_mask(mask).grey() > 0
    if marked.shape != tuple(size):
        raise DatasetError(
            f"{mask} is {marked.shape[1]}x{marked.shape[0]}, and its picture "
            f"{size[1]}x{size[0]}: save the mask in the size of the picture"
        )
    return np.asarray(marked)


def _checked(parts):
    _look_over(parts.all())
    return parts


def _look_over(paths):
    refuse_moving(paths)
    find_range(paths)
    return paths
