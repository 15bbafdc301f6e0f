"""Write a set of any kind as a mended copy, into a folder that is there already."""

import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from inspection.datasets import mask_names, voc
from inspection.datasets.checking import set_kind
from inspection.datasets.class_folders import scan_class_folders
from inspection.datasets.images.image_facts import read_facts
from inspection.datasets.images.image_folder import ImageFolder, is_image_name
from inspection.datasets.mask_pairs import list_both
from inspection.datasets.mending.mended_image import plan_images, shrunk
from inspection.datasets.mending.mended_mask import (
    lasts,
    mask_header,
    mask_name,
    store_mask,
)
from inspection.datasets.mending.mended_xml import fits, mend_annotation

NOT_IMAGES = ("not-read", "not-a-picture")
LEFT_OUT = "files of another kind, not copied"
LEFT_LARGE = "pictures left as they are: the thin lines of their masks would not last"


@dataclass
class Mended:
    """A copy of a set, and how often what was mended in it."""

    found: set_kind.Found
    counts: Counter = field(default_factory=Counter)


def mend_set(found, folder, max_side, class_names=None):
    """Write the mended copy of what `set_kind.find_set` found; return Mended."""
    if found.kind == set_kind.CLASSES:
        return mend_classes(found, folder, max_side, class_names)
    mend = mend_boxes if found.kind == set_kind.BOXES else mend_masks
    return mend(found, folder, max_side)


def mend_boxes(found, folder, max_side):
    """Copy pictures and XML into images/ and annotations/; return Mended."""
    annotations, faults = voc.scan_folder(found.labels, found.images)
    there = ImageFolder(found.images)
    facts = read_facts(there.paths)
    measured = [a for a in annotations if a.image and facts[a.image].header]
    odd = {a.image for a in measured if not fits(a, facts[a.image].header)}
    # what is wrong in an XML is drawn on the picture as it is
    odd.update(*(there.candidates(Path(fault.file).stem) for fault in faults))
    odd.update(*(fault.images for fault in faults))
    plans = plan_images(facts, max_side, odd)
    images, labels = folder / "images", folder / "annotations"
    counts = _write_images(plans, images, max_side)
    labels.mkdir()
    read = {annotation.path: annotation for annotation in annotations}
    known = {a.path: plans[a.image] for a in measured if a.image not in odd}
    for path in voc.list_annotations(found.labels):
        if path in read:
            counts += mend_annotation(read[path], known.get(path), labels)
        else:
            shutil.copyfile(path, labels / path.name)
    counts[LEFT_OUT] = _count_others(found, voc.is_annotation)
    return Mended(set_kind.Found(found.kind, images, labels), counts)


def mend_classes(found, folder, max_side, class_names=None):
    """Copy the pictures of class folders, in the same folders; return Mended."""
    images, _ = scan_class_folders(found.images, class_names)
    plans = plan_images(images.facts, max_side)
    counts = Counter()
    for path, plan in plans.items():
        plan.write(folder / path.parent.relative_to(images.folder))
        counts.update(plan.changes(max_side))
    others = [remark for remark in images.remarks if remark.kind in NOT_IMAGES]
    counts[LEFT_OUT] = len(others)
    return Mended(set_kind.Found(found.kind, folder), counts)


def mend_masks(found, folder, max_side):
    """Copy pictures and masks into images/ and masks/; return Mended."""
    paths, drawn = list_both(found.images, found.labels)
    partners, _ = mask_names.match(paths, drawn)
    facts = read_facts(paths)
    headers = {m: mask_header(m) for _, masks in partners for m in masks}
    fitting = [
        (image, masks)
        for image, masks in partners
        if _are_drawn_on(facts[image].header, [headers[mask] for mask in masks])
    ]
    lasting = {i for i, masks in fitting if _last(facts[i].header, masks, max_side)}
    odd = set(paths) - lasting
    plans = plan_images(facts, max_side, odd)
    images, labels = folder / "images", folder / "masks"
    counts = _write_images(plans, images, max_side)
    counts[LEFT_LARGE] = len(fitting) - len(lasting)
    labels.mkdir()
    plan_of = {m: plans[i] for i, masks in fitting for m in masks if i in lasting}
    for mask in drawn:
        if mask in plan_of:
            counts += _write_mask(mask, headers[mask], plan_of[mask], labels)
        else:
            shutil.copyfile(mask, labels / mask.name)
    tasks = mask_names.task_files(found.labels)
    for path in tasks:
        shutil.copyfile(path, labels / path.name)
    counts[LEFT_OUT] = _count_others(found, tasks.__contains__)
    return Mended(set_kind.Found(found.kind, images, labels), counts)


def _count_others(found, is_copied):
    """Return how many files of the set's folders are neither pictures nor copied."""
    files = [
        p for f in {found.images, found.labels} for p in f.iterdir() if p.is_file()
    ]
    return sum(not is_image_name(path.name) and not is_copied(path) for path in files)


def _write_images(plans, folder, max_side):
    folder.mkdir()
    counts = Counter()
    for plan in plans.values():
        plan.write(folder)
        counts.update(plan.changes(max_side))
    return counts


def _are_drawn_on(header, drawn):
    """Tell whether masks are of the size of their picture, upright or as it lies."""
    if not header or not all(drawn):
        return False
    return all(one.size in (header.size, header.stored_size) for one in drawn)


def _last(header, masks, max_side):
    size = shrunk(header.size, max_side)
    return size == header.size or all(lasts(mask, size) for mask in masks)


def _write_mask(mask, header, plan, folder):
    changed = (header.size, header.orientation) != (plan.size, 1)
    store_mask(mask, plan, folder / (mask_name(mask) if changed else mask.name))
    shrunk = plan.size != plan.header.size
    turned = header.size != plan.header.size or header.orientation != 1
    return Counter(
        {"masks shrunk as their pictures": int(shrunk), "masks turned": int(turned)}
    )
