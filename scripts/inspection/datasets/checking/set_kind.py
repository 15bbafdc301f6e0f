"""Which kind of set lies in a folder: boxes, classes or masks, and where its parts are."""

from dataclasses import dataclass
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.datasets import mask_names, voc
from inspection.datasets.images.image_folder import is_image_name

BOXES, CLASSES, MASKS = KINDS = ("boxes", "classes", "masks")
# how the folders of the parts are called, in lower case
IMAGES = ("images", "jpegimages", "imgs", "img", "image", "pictures")
ANNOTATIONS = ("annotations", "annotation", "xml", "xmls", "labels")
DRAWN = ("masks", "mask", "segmentationclass", "ground_truth", "groundtruth", "gt",
         "labels", "annotations", "segmentation")  # fmt: skip
LISTS = ("splits", "lists", "ImageSets/Main")


@dataclass(frozen=True)
class Found:
    """The kind of a set and its folders; `labels` holds XML or masks, None for classes.

    splits: a folder of train.txt, val.txt, test.txt, where the set has one.
    """

    kind: str
    images: Path
    labels: Path | None = None
    splits: Path | None = None

    def __str__(self):
        if self.kind == CLASSES:
            return f"class folders in {self.images}"
        what = "Pascal VOC boxes" if self.kind == BOXES else "masks"
        lists = f", split lists in {self.splits}" if self.splits else ""
        return f"{what} in {self.labels}, pictures in {self.images}{lists}"


def find_set(folder, kind=None):
    """Return what lies in a folder; `kind` (of KINDS) says what to look for.

    Raises DatasetError where nothing of the kind, or of any, is there.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DatasetError(f"{folder} is not a folder; looked from {Path.cwd()}")
    finders = {BOXES: _find_boxes, MASKS: _find_masks, CLASSES: _find_classes}
    # XML in folders of any name is no set of classes, unless it is called so
    likely = [BOXES, MASKS] if _elsewhere(folder) else finders
    for name in [kind] if kind else likely:
        found = finders[name](folder)
        if found:
            return found
    raise DatasetError(
        f"{folder} holds no set of {kind or 'boxes, classes or masks'}: wanted are XML "
        "and pictures, a folder for each class, or images/ and masks/; --help tells how "
        f"to name two folders{_elsewhere(folder)}"
    )


def _find_boxes(folder):
    inside = _folders(folder)
    images = next((inside[n] for n in IMAGES if n in inside), folder)
    places = [folder, *(inside[name] for name in ANNOTATIONS if name in inside), images]
    labels = next((place for place in places if _holds_xml(place)), None)
    return labels and Found(BOXES, images, labels, _lists(folder))


def _find_masks(folder):
    inside = _folders(folder)
    images = next((inside[name] for name in IMAGES if name in inside), None)
    labels = next((inside[name] for name in DRAWN if name in inside), None)
    if images and labels and _holds_images(labels):
        return Found(MASKS, images, labels, _lists(folder))
    paths = [path for path in sorted(folder.iterdir()) if is_image_name(path.name)]
    if mask_names.split_one_folder(paths)[1]:
        return Found(MASKS, folder, folder, _lists(folder))
    return None


def _find_classes(folder):
    deeper = (path for path in folder.rglob("*") if path.parent != folder)
    return (
        Found(CLASSES, folder) if any(is_image_name(p.name) for p in deeper) else None
    )


def _folders(folder):
    return {p.name.lower(): p for p in sorted(folder.iterdir()) if p.is_dir()}


def _lists(folder):
    places = (folder / name for name in LISTS)
    return next((place for place in places if (place / "train.txt").is_file()), None)


def _elsewhere(folder):
    """Return where XML lies in folders of other names, in words, "" for nowhere."""
    found = [name for name, inner in _folders(folder).items() if _holds_xml(inner)]
    return (
        f"; there is XML in {', '.join(f'{name}/' for name in found)}" if found else ""
    )


def _holds_xml(folder):
    return any(voc.is_annotation(path) for path in folder.iterdir())


def _holds_images(folder):
    return any(is_image_name(path.name) for path in folder.iterdir())
