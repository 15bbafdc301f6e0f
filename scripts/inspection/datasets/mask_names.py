"""Which mask belongs to which picture, by the names that annotation tools give them.

pipe.png  pipe_mask.png  pipe-seg.png  Pipe_Mask.PNG  pipe.jpg.png   of any tool
pipe_jpg.rf.0a1b_mask.png  beside its picture                        Roboflow
pipe_all_objects.png                                                 RectLabel
pipe_mask.png and pipe_mask_1.png: two pieces of one mask            BUSI
task-7-annotation-9-by-1-tag-rust-0.png and a JSON export            Label Studio
"""

import re
import unicodedata
from collections import defaultdict

from inspection.common.errors import DatasetError
from inspection.common.stored_settings import read_json
from inspection.datasets.faults import Fault
from inspection.datasets.images.image_folder import base_name, stem

WORDS = (
    "masks?|gt|ground[ _-]?truth|labels?|labelids|seg|segmentation|all_objects|"
    "annotations?|manual"
)
ENDING = re.compile(rf"[ _.-]+(?:{WORDS})$")
BEGINNING = re.compile(rf"^(?:{WORDS})[ _.-]+")
PART = re.compile(r"[ _-]+\d+$")
OF_IMAGE = re.compile(r"[ _.-]+(?:images?|img|sat|photo|rgb)$")
TASK = re.compile(r"task-(\d+)-annotation-(\d+)-by-.+?-tag-(.+)-\d+$")
UPLOADED = re.compile(r"^[0-9a-f]{8}-")  # Label Studio's prefix


def plain(name):
    """Return a name as all systems see it: composed, without case and extension."""
    # macOS stores names decomposed; Windows and labelers change the case
    return unicodedata.normalize("NFC", stem(name)).casefold()


def split_one_folder(paths):
    """Return (images, masks) of a folder that holds both, told by their names."""
    names = {plain(path.name) for path in paths}
    names |= {OF_IMAGE.sub("", name) for name in names}
    masks = [p for p in paths if any(n in names for n in _candidates(p.name)[1:])]
    return [path for path in paths if path not in masks], masks


def match(images, masks):
    """Return ([(image, its masks)], faults): several masks are pieces of one."""
    tasks = {mask: found for mask in masks if (found := TASK.match(plain(mask.name)))}
    if tasks:
        names, faults = _names_of_tasks(tasks)
    else:
        names, faults = {mask: _candidates(mask.name) for mask in masks}, []
    by_name, second = _index(images)
    partners = defaultdict(list)
    for mask in masks:
        found = next((by_name[n] for n in names[mask] if n in by_name), None)
        if found is None:
            detail = "is a mask without a picture"
            faults.append(Fault("lonely-mask", mask.name, detail, (mask,)))
        else:
            partners[found].append(mask)
    faults += [
        Fault("second-picture", p.name, f"is the second for the mask of {other}", (p,))
        for p, other in second
    ]
    return _pairs(images, partners, {p for p, _ in second}, faults, bool(tasks))


def _index(images):
    """Return {name: image}, and pairs (image, name of the one that has its name)."""
    by_name, second = {}, []
    for image in images:
        other = by_name.setdefault(plain(image.name), image)
        if other is not image:
            second.append((image, other.name))
    for image in images:
        # pipe_image.jpg and pipe_mask.png, where no other picture is called pipe
        by_name.setdefault(OF_IMAGE.sub("", plain(image.name)), image)
    return by_name, second


def _pairs(images, partners, second, faults, are_tasks):
    pairs = []
    for image in images:
        found = partners.get(image, [])
        if not found and image not in second:
            detail = f"has no mask{_array_beside(image, partners)}"
            faults.append(Fault("no-mask", image.name, detail, (image,)))
        elif len(found) > 1 and not (are_tasks or _are_parts(found)):
            listed = ", ".join(mask.name for mask in found)
            detail = f"has several masks: {listed}"
            faults.append(Fault("several-masks", image.name, detail, (image, *found)))
        elif found:
            pairs.append((image, tuple(found)))
    return pairs, faults


def _array_beside(image, partners):
    folders = {mask.parent for masks in partners.values() for mask in masks}
    arrays = [f / f"{stem(image.name)}.npy" for f in folders]
    found = [path.name for path in arrays if path.exists()]
    return f"; {found[0]} is an array: save it as PNG" if found else ""


def _are_parts(masks):
    """Tell whether names differ in a number at their end alone."""
    return len({PART.sub("", plain(mask.name)) for mask in masks}) == 1


def _candidates(name):
    """Return the names of pictures a mask may mean, the longest first."""
    name = plain(name)
    found = [name]
    while True:
        shorter = plain(name)  # pipe.jpg.png
        if shorter == name:
            shorter = ENDING.sub("", name)
        if shorter == name and ENDING.search(PART.sub("", name)):
            shorter = PART.sub("", name)
        if shorter == name:
            shorter = BEGINNING.sub("", name)
        if shorter == name:
            return found
        name = shorter
        found.append(name)


def _names_of_tasks(tasks):
    """Return ({mask: names}, faults) of masks that Label Studio exported."""
    folder = next(iter(tasks)).parent
    images = _read_tasks(folder)
    if not images:
        raise DatasetError(
            f"{folder} holds masks of Label Studio, whose names tell no picture: export "
            "the same project as JSON, too, and put the .json beside the masks"
        )
    tags = sorted({found[3] for found in tasks.values()})
    if len(tags) > 1:
        raise DatasetError(
            f"{folder} holds masks of several tags ({', '.join(tags)}): keep those of one"
        )
    drawn, faults = defaultdict(set), []
    for found in tasks.values():
        drawn[found[1]].add(found[2])
    for task, annotations in drawn.items():
        if len(annotations) > 1:
            detail = f"has {len(annotations)} annotations; keep one"
            faults.append(Fault("several-masks", f"task {task}", detail))
    return {m: images.get(int(found[1]), []) for m, found in tasks.items()}, faults


def task_files(folder):
    """Return the JSON exports of Label Studio beside the masks of a folder, if any."""
    if not any(TASK.match(plain(path.name)) for path in folder.iterdir()):
        return []
    return sorted([*folder.glob("*.json"), *folder.parent.glob("*.json")])


def _read_tasks(folder):
    """Return {task: names of its picture} of the JSON exports beside masks."""
    names = {}
    for path in task_files(folder):
        tasks = read_json(path)
        for task in tasks if isinstance(tasks, list) else ():
            number, texts = _texts_of_task(task)
            for value in texts:
                if isinstance(value, str) and stem(value) != value:
                    name = plain(base_name(value))
                    names[number] = [name, UPLOADED.sub("", name)]
    return names


def _texts_of_task(task):
    """Return (number, values of its fields) of what is a task, (None, ()) of others."""
    if not isinstance(task, dict) or type(task.get("id")) is not int:
        return None, ()
    data = task.get("data")
    return task["id"], [
        *task.values(),
        *(data.values() if isinstance(data, dict) else ()),
    ]
