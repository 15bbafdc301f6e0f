"""Is a record what training takes it for? Asked of those that others wrote, above all.

A box in pixels, a class id of 0 or a path in place of a picture raises no error in a
graph: it trains, with a loss that nobody can explain.
"""

import hashlib
import math
import os

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets.images import image_file

DECODED = ("jpeg", "png", "gif", "bmp", "webp")  # by TensorFlow
ROUNDING = 1e-3  # so far past 0 or 1 a corner may lie


def record_faults(record, num_classes=None):
    """Return what is wrong with a Record, a line for each fault.

    num_classes: the highest class id there is, None where it is not known.
    """
    faults = [_image_fault(record)]
    faults += [_box_fault(box) for box in record.boxes]
    faults += [_id_fault(class_id, num_classes) for class_id in record.class_ids]
    names, boxes = len(record.class_names), len(record.boxes)
    if names not in (0, boxes):
        faults.append(f"has {plural(names, 'class name')} for {plural(boxes, 'box')}")
    return list(dict.fromkeys(fault for fault in faults if fault))


def _image_fault(record):
    """Return what is wrong with the bytes of the picture, and with its size."""
    data = record.encoded
    kind = image_file.sniff_format(data)
    if kind is None:
        text = data[:60].decode("ascii", errors="replace")
        shown = repr(text) if text.isprintable() else "unknown bytes"
        hint = "a path is no picture" if _is_path(text) else "which is no picture"
        return (
            f"image/encoded holds {shown}: {hint}; write the bytes of the file into it"
        )
    if kind not in DECODED:
        return f"image/encoded holds {kind.upper()}, which TensorFlow does not decode"
    if not image_file.is_complete(data):
        return f"image/encoded holds a {kind.upper()} that is cut off or damaged"
    try:
        stored = image_file.read_header(data).stored_size
    except DatasetError as error:
        return f"image/encoded {error.faults[0].detail}"
    said = record.width, record.height
    if 0 not in said and said not in (stored, stored[::-1]):
        return "says {}x{}, ".format(*said) + "its picture is {}x{}".format(*stored)
    return None


def _is_path(text):
    return text.isprintable() and ("/" in text or "\\" in text or "." in text[-6:])


def _box_fault(box):
    """Return what is wrong with (ymin, xmin, ymax, xmax)."""
    shown = "(" + ", ".join(f"{value:g}" for value in box) + ")"
    ymin, xmin, ymax, xmax = box
    if not all(map(math.isfinite, box)):
        return f"box {shown} is not finite"
    if max(box) > 2:
        return f"box {shown} is in pixels: divide by height and width"
    if min(box) < -ROUNDING or max(box) > 1 + ROUNDING:
        return f"box {shown} reaches out of the picture, 0 to 1"
    if ymin > ymax or xmin > xmax:
        return f"box {shown} ends before it begins; the order is ymin, xmin, ymax, xmax"
    if ymin == ymax or xmin == xmax:
        return f"box {shown} has no area"
    return None


def _id_fault(class_id, num_classes):
    if class_id < 1:
        return f"class id {class_id}: ids begin at 1, 0 is the background"
    if num_classes and class_id > num_classes:
        return f"class id {class_id}: the label map ends at {num_classes}"
    return None


def check_all(numbered, num_classes=None):
    """Look at all of `records.read_numbered` once; return {digest of picture: name}.

    Raises one DatasetError with file, record, picture and fault of all of them.
    """
    faults, images = [], {}
    for path, number, record in numbered:
        where = f"{os.path.basename(path)}, record {number}, {record.filename or '?'}"
        faults += [f"{where}: {text}" for text in record_faults(record, num_classes)]
        images[hashlib.sha256(record.encoded).digest()] = record.filename
    if faults:
        raise DatasetError(
            f"{plural(len(faults), 'fault')} in the records: write them again with "
            "generate_tfrecord.py, or mend the program that wrote them",
            faults,
        )
    return images


def refuse_shared(images, others, where):
    """Raise DatasetError where two sets of records {digest: name} share a picture."""
    both = [f"{images[key]}: is {others[key]} there" for key in images if key in others]
    if both:
        raise DatasetError(
            f"{plural(len(both), 'picture')} of the training records also in {where}: "
            "its figures would be those of pictures learnt by heart",
            both,
        )
