"""Masks of a set with YOLO outlines, of which an export made copies: one of each.

A photograph that Roboflow has turned, mirrored and lit sixteen times is one photograph:
sixteen of them would let it count sixteen times, and stand on both sides of a split.
"""

from dataclasses import replace

from inspection.common.atomic_files import scratch_folder
from inspection.datasets.formats.conversion import convert
from inspection.datasets.formats.yolo import read_yolo

MARK = ".rf."  # ends the name of the photograph, in the name of a copy


def photograph_of(path):
    """Return the name of the photograph that a picture is a copy of."""
    return path.name.split(MARK)[0]


def one_of_each(images):
    """Return the first of the copies of each photograph, by name.

    A photograph with copies in the test part belongs to the test.
    """
    copies = {}
    for image in sorted(images, key=lambda image: image.image.name):
        copies.setdefault(photograph_of(image.image), []).append(image)
    return [
        min(of_one, key=lambda image: image.split != "test")
        for of_one in copies.values()
    ]


def lay_out(raw, folder, classes):
    """Write images/, masks/ and splits/ of a set in train/ and test/ into a folder.

    raw: folder of its pictures and labels.
    """
    labelled = read_yolo(raw, class_names=classes)
    chosen = replace(labelled, images=one_of_each(labelled.images))
    with scratch_folder(folder / "made") as scratch:
        convert(chosen, scratch / "set", "masks", copy_images=True)
        for made in (scratch / "set").iterdir():
            made.rename(folder / made.name)
