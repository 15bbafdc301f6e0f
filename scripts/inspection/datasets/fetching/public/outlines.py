"""Masks of a set with YOLO outlines, of which an export made copies: one of each.

A photograph that Roboflow has turned, mirrored and lit sixteen times is one photograph:
sixteen of them would let it count sixteen times, and stand on both sides of a split.
"""

from inspection.common.atomic_files import scratch_folder
from inspection.datasets.formats.conversion import convert
from inspection.datasets.formats.yolo import read_yolo

MARK = ".rf."  # ends the name of the photograph, in the name of a copy
TEST = "test"


def chosen_copies(pictures):
    """Return the first of the copies of each photograph, by name.

    pictures: paths PART/images/NAME. A photograph with copies in the test part belongs
    to the test.
    """
    copies = {}
    for path in sorted(pictures, key=lambda path: path.name):
        copies.setdefault(path.name.split(MARK)[0], []).append(path)
    return [min(each, key=lambda p: p.parts[-3] != TEST) for each in copies.values()]


def keep_one_of_each(raw):
    """Remove the other copies of each photograph from a set, with their labels."""
    pictures = sorted(raw.glob("*/images/*"))
    for path in set(pictures) - set(chosen_copies(pictures)):
        path.unlink()
        labels = path.parents[1] / "labels" / f"{path.stem}.txt"
        labels.unlink(missing_ok=True)


def lay_out(raw, folder, classes):
    """Write images/, masks/ and splits/ of a set in train/ and test/ into a folder.

    raw: folder of its pictures and labels, of which one copy of each photograph stays.
    """
    keep_one_of_each(raw)
    labelled = read_yolo(raw, class_names=classes)
    with scratch_folder(folder / "made") as scratch:
        convert(labelled, scratch / "set", "masks", copy_images=True)
        for made in (scratch / "set").iterdir():
            made.rename(folder / made.name)
