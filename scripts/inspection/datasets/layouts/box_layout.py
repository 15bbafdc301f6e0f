"""Find pictures and their Pascal VOC annotations in the folders of a set.

train/ valid/ test/ with .xml beside the pictures                   Roboflow
train_zip/train/, archive/archive/, NEU-DET/train/images/crazing/   Kaggle
train/images + train/annotations, images/train + annotations/train
VOCdevkit/VOC2012/{JPEGImages, Annotations, ImageSets/Main}         Pascal VOC
"""

import unicodedata
from collections import defaultdict
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.common.text import plural
from inspection.datasets.images.image_folder import stem
from inspection.datasets.layouts import own_lists
from inspection.datasets.layouts.folder_names import holds_masks
from inspection.datasets.layouts.found_set import (
    FoundSet,
    Pair,
    agree,
    list_members,
    nearest,
    not_understood,
)
from inspection.datasets.layouts.set_tree import common_parts, read_tree


def is_xml(path):
    """Tell whether a file is called .xml."""
    return path.suffix.lower() == ".xml"


def find_boxes(
    image_top, box_top=None, is_partner=is_xml, explain=None, all_count=False
):
    """Return the FoundSet of pictures and annotations below two folders, or one.

    Partners have one name but for their extension, and lie in folders that name the same
    part of the split. is_partner: tells the annotations among the files. explain:
    function that says what else to do where there are none, for the error. all_count:
    whether lists may also name pictures without a partner, of formats in which that
    means that nothing is there.

    Raises DatasetError where nothing fits together, showing what was found.
    """
    image_top = Path(image_top)
    box_top = Path(box_top or image_top)
    tree = read_tree(image_top)
    box_tree = tree if box_top == image_top else read_tree(box_top)
    trees = [tree] if box_tree is tree else [tree, box_tree]
    outer = len(common_parts(tree))  # of folders above all of the set nothing follows

    def list_boxes(branch):
        return [path for path in branch.files if is_partner(path)]

    def list_images(branch):
        masks = holds_masks(branch.parts[outer:]) and not list_boxes(branch)
        return [] if masks else branch.images()

    images, boxes = list_members(tree, list_images), list_members(box_tree, list_boxes)
    pairs, alone = match_boxes(images, boxes)
    if not any(pair.image for pair in pairs):
        hint = explain() if explain else ""
        if not boxes and any(list_boxes(branch) for branch in tree):
            hint = f"; annotations lie in {image_top} itself, give it alone"
        raise not_understood(image_top, trees, "annotations", hint)
    kept, notes = _without_foreign(pairs, alone, image_top)
    lists = {}
    if not any(pair.split for pair in kept):
        names = [pair.partner.stem for pair in kept if pair.partner]
        names += [stem(p.image.name) for p in kept if all_count and p.image]
        lists = own_lists.find_lists(sum(trees, []), names, "main")
    if lists:
        notes += _unlisted(kept, lists)
    return FoundSet(tuple(kept), lists, tuple(notes))


def _unlisted(pairs, lists):
    listed = {plain(name) for names in lists.values() for name in names}
    partners = {pair.partner for pair in pairs if pair.partner}
    count = sum(plain(path.stem) not in listed for path in partners)
    return [f"{plural(count, 'annotation')} in none of its lists"] * bool(count)


def match_boxes(images, boxes):
    """Return (pairs, images without an annotation as pairs) of two lists of members."""
    by_name = defaultdict(list)
    for member in images:
        by_name[plain(stem(member.path.name))].append(member)
    pairs, used, faults = [], set(), []
    for box in boxes:
        found = _candidates(box, by_name)
        folders = {member.path.parent for member in found}
        if len(folders) > 1:
            listed = " and ".join(sorted(map(str, folders)))
            faults.append(f"{box.path.name}: its picture may be in {listed}")
        used.update(member.path for member in found)
        split = box.split or next((member.split for member in found), "")
        pairs += [Pair(m.path, box.path, split) for m in found]
        pairs += [] if found else [Pair(None, box.path, split)]
    if faults:
        raise DatasetError(
            f"{plural(len(faults), 'annotation')} with several pictures: give the folder "
            "of one set",
            faults,
        )
    alone = [Pair(m.path, None, m.split) for m in images if m.path not in used]
    return pairs, alone


def _candidates(box, by_name):
    name = box.path.name[: -len(box.path.suffix)]
    named = by_name.get(plain(name)) or by_name.get(plain(stem(name)), [])
    return nearest([member for member in named if agree(member, box)], box)


def plain(name):
    """Return a name as all systems see it: composed, and without case."""
    # macOS stores names decomposed; Windows and labelers change the case
    return unicodedata.normalize("NFC", name).casefold()


def _without_foreign(pairs, alone, top):
    """Return (pairs, notes) without the folders that hold no annotated picture at all."""
    # an XML may name its picture inside; which, its reader finds
    open_splits = {pair.split for pair in pairs if pair.image is None}
    homes = {pair.image.parent for pair in pairs if pair.image}
    kept, foreign = [], defaultdict(int)
    for pair in alone:
        if pair.image.parent in homes or open_splits & {pair.split, ""}:
            kept.append(pair)
        else:
            foreign[pair.image.parent] += 1
    notes = [
        f"{plural(count, 'picture')} without annotations in {_below(folder, top)}"
        for folder, count in foreign.items()
    ]
    return sorted(pairs + kept, key=_order), notes


def _order(pair):
    return str(pair.partner or pair.image)


def _below(folder, top):
    inside = folder.relative_to(top).as_posix()
    return "its top folder" if inside == "." else f"{inside}/"
