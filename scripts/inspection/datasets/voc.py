"""Read and write Pascal VOC annotations, one XML for each picture.

Everything is read by tag name, so files of labelImg, Label Studio, CVAT, labelme,
X-AnyLabeling, Roboflow and makesense are all taken, with float coordinates, in any
encoding (`voc_xml.py`), with missing tags and tags of their own. Coordinates stay as
drawn: pixels of the upright picture, not rounded and not clipped (`boxes.py` does that).

Format: Everingham and Winn, "The PASCAL VOC2012 Development Kit", section 4.
"""

import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, replace
from pathlib import Path

from inspection.common.atomic_files import atomic_write
from inspection.common.errors import DatasetError
from inspection.common.text import finite_number, plural
from inspection.datasets.faults import Fault
from inspection.datasets.foreign_formats import explain_boxes
from inspection.datasets.images.image_folder import (
    ImageFolder,
    base_name,
    check_names,
    same_name,
)
from inspection.datasets.images.value_range import find_range
from inspection.datasets.voc_objects import CORNERS, Box, read_objects, text_of
from inspection.datasets.voc_xml import parse_xml, unreadable


@dataclass(frozen=True)
class Annotation:
    """What one XML says; width, height and depth are None where it does not say.

    `image` is the picture found on disk or None; `filename` is the XML's own text;
    `notes` are faults that do not stop, such as objects marked as deleted; `folder` is
    where the picture lies below the image folder, "" for the folder itself.
    """

    path: Path
    image: Path | None
    width: int | None
    height: int | None
    boxes: tuple[Box, ...]
    depth: int | None = None
    filename: str = ""
    notes: tuple[Fault, ...] = ()
    folder: str = ""

    @property
    def image_name(self):
        """Return the picture's path below the image folder, with forward slashes."""
        return f"{self.folder}/{self.image.name}" if self.folder else self.image.name


def read_annotation(xml_path, image_dir=None):
    """Read one XML and find its picture in `image_dir` (by default the XML's folder).

    `image_dir` may be an `ImageFolder`, which saves listing the folder again for each
    XML. Raises DatasetError with every fault of the file.
    """
    xml_path = Path(xml_path)
    if not isinstance(image_dir, ImageFolder):
        image_dir = ImageFolder(image_dir or xml_path.parent)
    root = parse_xml(xml_path)
    if root.tag != "annotation":
        detail = f"is no Pascal VOC: its first tag is <{root.tag}>, not <annotation>"
        raise unreadable(xml_path, detail)
    boxes, faults, notes = read_objects(root, xml_path.name)
    try:
        filename = text_of(root, "filename")
        sizes = {tag: _pixels(root, tag) for tag in ("width", "height", "depth")}
    except ValueError as error:
        raise unreadable(xml_path, str(error)) from None
    found = image_dir.candidates(xml_path.name[: -len(".xml")], filename)
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        faults.append(Fault("ambiguous-picture", xml_path.name, f"may mean {names}"))
    if faults:
        raise DatasetError(f"{xml_path.name}: {plural(len(faults), 'fault')}", faults)
    return Annotation(
        path=xml_path,
        image=found[0] if found else None,
        boxes=tuple(boxes),
        filename=filename,
        notes=tuple(replace(note, images=tuple(found)) for note in notes),
        **sizes,
    )


def read_folder(
    annotation_dir: str | Path, image_dir: str | Path | None = None
) -> list[Annotation]:
    """Read all XML of a folder, sorted by name; raise one error with all its faults.

    >>> first = read_folder("data/leaks/annotations", "data/leaks/images")[0]
    >>> first.image.name, first.boxes[0].name
    ('leak_000.jpg', 'puddle')
    """
    annotations, faults = scan_folder(annotation_dir, image_dir)
    if faults:
        files = len({fault.file for fault in faults})
        raise DatasetError(
            f"{plural(len(faults), 'fault')} in {files} of {len(annotations) + files} "
            f"annotations in {annotation_dir}",
            faults,
        )
    return annotations


def scan_folder(annotation_dir, image_dir=None):
    """Read all XML of a folder into (annotations, faults), keeping what can be read.

    Raises DatasetError when the folder is missing or holds no XML at all.
    """
    annotations, faults = [], []
    xml_paths = list_annotations(annotation_dir)
    images = ImageFolder(_folder(image_dir or annotation_dir))
    find_range(images.paths)
    for xml_path in xml_paths:
        try:
            annotations.append(read_annotation(xml_path, images))
        except DatasetError as error:
            faults += error.faults
    return _one_for_each_image(annotations, faults)


def list_annotations(annotation_dir: str | Path) -> list[Path]:
    """Return the XML files of a folder, sorted by name; none is an error.

    >>> [path.name for path in list_annotations("data/leaks/annotations")[:2]]
    ['leak_000.xml', 'leak_001.xml']
    """
    folder = _folder(annotation_dir)
    found = check_names(sorted(p for p in folder.iterdir() if is_annotation(p)))
    if not found:
        where = f"{folder}{_elsewhere(folder) or explain_boxes(folder)}"
        raise DatasetError(f"0 annotations (.xml) found in {where}")
    return found


def is_annotation(path):
    """Tell whether a file is called .xml and no AppleDouble (`._*`)."""
    return path.suffix.lower() == ".xml" and not path.name.startswith("._")


def write_annotation(annotation, xml_path):
    """Write a Pascal VOC XML as labelImg does, whole or not at all."""
    image = annotation.image
    name = image.name if image else base_name(annotation.filename)
    root = ElementTree.Element("annotation")
    _add(root, "folder", image.parent.name if image else "")
    _add(root, "filename", name)
    size = _add(root, "size")
    for tag in ("width", "height", "depth"):
        value = getattr(annotation, tag)
        _add(size, tag, 3 if tag == "depth" and value is None else value)
    _add(root, "segmented", 0)
    for box in annotation.boxes:
        _add_box(root, box)
    ElementTree.indent(root, "\t")
    with atomic_write(xml_path) as temporary:
        ElementTree.ElementTree(root).write(temporary, encoding="utf-8")


def _pixels(root, tag):
    value = finite_number(text_of(root, f"size/{tag}"))
    return round(value) if value else None


def _folder(path):
    path = Path(path)
    if not path.is_dir():
        raise DatasetError(f"{path} is not a folder; looked from {Path.cwd()}")
    return path


def _elsewhere(folder):
    inside = sorted({p.parent for p in folder.glob("*/*") if is_annotation(p)})
    if not inside:
        return ""
    return "; there are some in its " + ", ".join(f"{p.name}/" for p in inside)


def _one_for_each_image(annotations, faults):
    kept, owner = [], {}
    # an XML that shares its picture's stem owns it, before one that only names it
    for annotation in sorted(annotations, key=_is_named_only):
        other = owner.setdefault(annotation.image, annotation)
        if annotation.image is None or other is annotation:
            kept.append(annotation)
            continue
        detail = f"describes {annotation.image.name}, as {other.path.name} does"
        file, images = annotation.path.name, (annotation.image,)
        faults.append(Fault("one-picture-twice", file, detail, images))
    return sorted(kept, key=lambda a: a.path.name), faults


def _is_named_only(annotation):
    image = annotation.image
    return image is not None and not same_name(annotation.path.stem, image.name)


def _add(parent, tag, text=None):
    element = ElementTree.SubElement(parent, tag)
    if text is not None:
        element.text = str(text)
    return element


def _add_box(root, box):
    element = _add(root, "object")
    _add(element, "name", box.name)
    _add(element, "pose", box.pose)
    _add(element, "truncated", int(box.truncated))
    _add(element, "difficult", int(box.difficult))
    corners = _add(element, "bndbox")
    for corner in CORNERS:
        _add(corners, corner, f"{getattr(box, corner):.10g}")
