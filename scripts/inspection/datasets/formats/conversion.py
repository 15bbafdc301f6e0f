"""Write a set of another format as Pascal VOC, or as masks.

    OUTPUT/annotations/*.xml, or OUTPUT/masks/*.png   one for each picture
    OUTPUT/splits/train.txt ...                       where the set is divided
    OUTPUT/images/                                    where its pictures lie in several
                                                      folders; otherwise they stay there

Boxes are written in pixels, to a hundredth; nothing is cut at the edge. In a mask of one
class its pixels are 255; of several, 1 is the first, 2 the second (painting.py).
"""

import os
import shutil
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from inspection.common.atomic_files import whole_folder
from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets import voc
from inspection.datasets.checking.check_annotations import annotation_faults
from inspection.datasets.formats.labelled import LOSSES
from inspection.datasets.formats.painting import paint
from inspection.datasets.images import image_file
from inspection.datasets.images.image_folder import stem
from inspection.datasets.layouts.box_layout import plain
from inspection.datasets.layouts.flat_set import plan_names
from inspection.datasets.layouts.found_set import Pair
from inspection.datasets.splitting.split_lists import SPLITS, write_splits
from inspection.datasets.voc_objects import Box

FOLDERS = {"voc": "annotations", "masks": "masks"}
# of LOSSES, what holds for one of the two alone
OF_BOXES = {"outlines", "rotated", "crowd", "no area", "reaching out"}
OF_MASKS = {"filled boxes"}
DECIMALS = 2


@dataclass(frozen=True)
class Written:
    """What was written: folder of the pictures, of the partners, of the lists or None.

    counts: Counter of "pictures" and "objects". losses: Counter of LOSSES.
    """

    images: Path
    partners: Path
    splits: Path | None
    counts: Counter
    losses: Counter
    class_names: tuple[str, ...]


def convert(labelled, output, to="voc", class_names=None, copy_images=False):
    """Write a LabelledSet into a new folder, whole or not at all; return a Written.

    to: "voc" or "masks". class_names: those that are taken, in this order; None for all.
    copy_images: whether the pictures are needed there, too.

    Raises DatasetError for sizes that are not the pictures', for classes that are not
    there, and where the folder holds anything already.
    """
    output = Path(output)
    _refuse_full(output)
    chosen = _choose(labelled, class_names)
    images, losses = select(labelled, chosen, to)
    objects = sum(len(image.shapes) for image in images)
    if not objects:
        count = plural(len(images), "picture")
        raise DatasetError(f"0 objects in {count}: nothing was written", _lines(losses))
    _refuse_sizes(images)
    names = _plan(images)
    splits = _splits(images, names)
    home = None if copy_images else _home(images, names)
    with whole_folder(output) as fresh:
        _write_all(images, names, chosen, fresh / FOLDERS[to], to)
        if home is None:
            _bring_images(names, fresh / "images")
        if splits:
            write_splits(splits, fresh / "splits")
        _refuse_full(output)
    return Written(
        home or output / "images",
        output / FOLDERS[to],
        output / "splits" if splits else None,
        Counter(pictures=len(images), objects=objects),
        losses,
        tuple(chosen),
    )


def _write_all(images, names, class_names, folder, to):
    folder.mkdir(parents=True)
    for image in images:
        name = names[image.image]
        if to == "voc":
            write_boxes(image, name, folder / f"{stem(name)}.xml")
        else:
            write_mask(image, class_names, folder / f"{stem(name)}.png")


def _refuse_full(output):
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise DatasetError(f"{output} is there already: give the name of a new folder")


def _choose(labelled, class_names):
    """Return the classes that are taken, in their order."""
    if not class_names:
        return labelled.class_names
    unknown = [name for name in class_names if name not in labelled.class_names]
    if unknown:
        raise DatasetError(
            f"no class {', '.join(unknown)}; there are: {', '.join(labelled.class_names)}"
        )
    return class_names


def select(labelled, class_names, to):
    """Return ([LabelledImage with the shapes that are written], Counter of LOSSES)."""
    kept, losses = [], Counter(labelled.losses)
    for image in labelled.images:
        shapes = []
        for shape in image.shapes:
            if shape.name not in class_names:
                losses["other classes"] += 1
                continue
            left_out = to == "voc" and _left_out(shape)
            if left_out:
                losses[left_out] += 1
                continue
            shapes.append(shape)
            losses.update(_marks(shape, to))
        kept.append(replace(image, shapes=tuple(shapes)))
    losses["empty"] = sum(not image.shapes for image in kept)
    return kept, losses


def _left_out(shape):
    """Return the key of LOSSES for which a shape makes no box, or None."""
    if "crowd" in shape.marks:
        return "crowd"
    return "no area" if shape.is_flat else None


def _marks(shape, to):
    marks = set(shape.marks)
    if to == "masks":
        filled = not shape.rings and shape.area is None
        return (marks - OF_BOXES) | ({"filled boxes"} if filled else set())
    return marks - OF_MASKS


def _refuse_sizes(images):
    """Raise DatasetError for pictures that are broken or of another size than stated."""
    faults = []
    for image in images:
        try:
            data = image.image.read_bytes()
            header = image_file.read_header(data, image.image.name)
        except DatasetError as error:
            faults += error.faults
            continue
        faults += [
            fault
            for fault in annotation_faults(_annotation(image, image.image.name), header)
            if fault.severity == "error"
        ]
    if faults:
        raise DatasetError(
            f"{plural(len(faults), 'picture')} not as the annotations say", faults
        )


def _plan(images):
    """Return {picture: its name in the new set}."""
    names, _ = plan_names([Pair(image.image, None, image.split) for image in images])
    seen = {}
    for path, name in names.items():
        other = seen.setdefault(plain(stem(name)), path)
        if other != path:
            raise DatasetError(
                f"{path} and {other} would have one annotation: rename one of them"
            )
    return names


def _annotation(image, name):
    boxes = tuple(
        Box(shape.name, *(round(value, DECIMALS) for value in shape.box))
        for shape in image.shapes
    )
    return voc.Annotation(image.source, image.image, *image.size, boxes, 3, name)


def write_boxes(image, name, path):
    """Write the boxes of a LabelledImage as Pascal VOC; name: of its picture there."""
    annotation = replace(_annotation(image, name), image=Path(name))
    voc.write_annotation(annotation, path)


def write_mask(image, class_names, path):
    """Write the shapes of a LabelledImage as a mask, uint8 [H, W]."""
    Image.fromarray(paint(image, class_names)).save(path)


def _home(images, names):
    """Return the one folder in which all pictures lie under their names, or None."""
    folders = {image.image.parent for image in images}
    same = all(path.name == name for path, name in names.items())
    return folders.pop() if len(folders) == 1 and same else None


def _bring_images(names, folder):
    folder.mkdir()
    for path, name in names.items():
        try:
            os.link(path.resolve(), folder / name)
        except OSError:  # another disk, or one without links
            shutil.copy2(path, folder / name)


def _splits(images, names):
    """Return {split: stems}, {} for a set that is not divided."""
    parts = {image.split for image in images}
    if len(parts - {""}) < 2:
        return {}
    if "" in parts:
        astray = [str(image.image) for image in images if not image.split]
        raise DatasetError(
            f"{plural(len(astray), 'picture')} in no part of the split: move them into "
            "one, or away",
            astray,
        )
    return {
        split: [stem(names[i.image]) for i in images if i.split == split]
        for split in SPLITS
        if split in parts
    }


def summary_lines(written):
    """Return a line for each kind of thing that was not carried over as it was."""
    return _lines(written.losses)


def _lines(losses):
    return [
        plural(losses[kind], noun) + rest
        for kind, (noun, rest) in LOSSES.items()
        if losses[kind]
    ]
