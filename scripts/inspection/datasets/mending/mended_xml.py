"""One annotation as a mended copy: boxes as the picture was shrunk, inside it, UTF-8."""

import re
import shutil
from collections import Counter
from dataclasses import replace

from inspection.common.atomic_files import write_text
from inspection.datasets import voc
from inspection.datasets.boxes import find_fault, usable_box
from inspection.datasets.voc_xml import DECLARATION, is_utf8, read_xml

CLIPPED = "boxes clipped at the edge of their picture"
DROPPED = "boxes without area left out"
WRITTEN = "XML written anew in UTF-8"


def fits(annotation, header):
    """Tell whether an annotation is of the picture as it is, or says no size."""
    stated = annotation.width, annotation.height
    return None in stated or stated == header.size


def mend_annotation(annotation, plan, folder):
    """Write an annotation into a folder; return a Counter of what was mended.

    plan: the ImagePlan of its picture, None where there is none to measure it by. An XML
    that needs no mend is copied byte for byte; else it holds what `voc.Annotation` does,
    without the tags that annotation tools add of their own.
    """
    target = folder / annotation.path.name
    boxes, changes = annotation.boxes, Counter()
    if plan is not None:
        boxes, changes = mend_boxes(boxes, plan.header.size)
    if not changes and (plan is None or not _changes_place(plan)):
        return _copy_text(annotation.path, target)
    mended = replace(
        annotation,
        image=annotation.image.with_name(plan.name),
        width=plan.size[0],
        height=plan.size[1],
        boxes=tuple(scale_box(box, plan.scale) for box in boxes),
    )
    voc.write_annotation(mended, target)
    return changes + Counter({WRITTEN: int(not is_utf8(annotation.path.read_bytes()))})


def mend_boxes(boxes, size):
    """Return (boxes within a picture of (width, height), Counter of what was mended).

    A box that ends before it begins, or lies wholly outside, is left to a person.
    """
    kept, changes = [], Counter()
    for box in boxes:
        fault = find_fault(box, *size)
        if fault == "zero-area":
            changes[DROPPED] += 1
            continue
        if fault == "clipped-box":
            changes[CLIPPED] += 1
            box = usable_box(box, *size)
        kept.append(box)
    return kept, changes


def scale_box(box, scale):
    """Return a box of a picture that became (across, down) times as large."""
    across, down = scale
    return replace(
        box,
        xmin=box.xmin * across,
        ymin=box.ymin * down,
        xmax=box.xmax * across,
        ymax=box.ymax * down,
    )


def _changes_place(plan):
    return plan.size != plan.header.size or plan.name != plan.path.name


def _copy_text(path, target):
    """Copy an XML as it is, or with all of its tags in UTF-8."""
    if is_utf8(path.read_bytes()):
        shutil.copyfile(path, target)
        return Counter()
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    write_text(target, head + re.sub(DECLARATION, "", read_xml(path)).lstrip())
    return Counter({WRITTEN: 1})
