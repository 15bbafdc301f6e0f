"""One annotated picture to one record: what is kept, converted, dropped or refused."""

import io
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import Image

from inspection.common.errors import DatasetError, UserError
from inspection.datasets import voc
from inspection.datasets.boxes import find_fault, usable_box
from inspection.datasets.faults import Fault
from inspection.datasets.images import image_file
from inspection.datasets.images.image_folder import ImageFolder
from inspection.datasets.images.value_range import find_range
from inspection.detection.records.records import Record, encode_record

BOX_FAULTS = {
    "zero-area": "has no area",
    "inverted-box": "ends before it begins",
    "outside-box": "lies outside the picture",
    "clipped-box": "reaches out of the picture",
}
JPEG_QUALITY = 95
NARROWEST = 32  # pixels; below it no network here sees anything


@dataclass
class Outcome:
    """What became of one annotation: its example or None, and what was found.

    `boxes` counts those written by class, `unknown` those of classes without an id;
    `reduced` tells that the picture was stored smaller than it is.
    """

    file: str
    image: Path | None = None
    example: bytes | None = None
    boxes: Counter = field(default_factory=Counter)
    unknown: Counter = field(default_factory=Counter)
    faults: list = field(default_factory=list)
    reduced: bool = False


class Converter:
    """Turns annotations of one image folder into examples by one label map.

    max_width: wider pictures are stored at this width, None keeps all as they are.
    """

    def __init__(self, image_dir, class_ids, max_width=None):
        if max_width is not None and max_width < NARROWEST:
            raise UserError(f"max_width {max_width}: take at least {NARROWEST} pixels")
        self.max_width = max_width
        self.images = ImageFolder(image_dir)
        self.value_range = find_range(self.images.paths)
        self.class_ids = class_ids

    def __call__(self, source):
        """Convert the XML at a path, or an Annotation; never raise for bad data."""
        if isinstance(source, voc.Annotation):
            return self.convert(source)
        try:
            return self.convert(voc.read_annotation(source, self.images))
        except DatasetError as error:
            return Outcome(Path(source).name, faults=error.faults)

    def convert(self, annotation):
        outcome = Outcome(annotation.path.name, annotation.image)
        outcome.faults += annotation.notes
        try:
            data, header = _read_image(annotation)
        except DatasetError as error:
            outcome.faults += error.faults
            return outcome
        boxes = self._usable_boxes(annotation, header.size, outcome)
        if not outcome.unknown:
            stored = self._stored_size(header.size)
            outcome.reduced = stored != header.size
            encoded, kind = self._encoded(annotation, data, header, stored, outcome)
            boxes = [_relative(box, header.size) for box in boxes]
            record = self._record(annotation, encoded, kind, stored, boxes)
            outcome.example = encode_record(record)
            outcome.boxes = Counter(box.name for box in boxes)
        return outcome

    def _stored_size(self, size):
        width, height = size
        if self.max_width is None or width <= self.max_width:
            return size
        return self.max_width, max(1, round(height * self.max_width / width))

    def _encoded(self, annotation, data, header, stored, outcome):
        """Return (bytes, format): the file's own where TensorFlow reads them upright."""
        kept = header.is_decodable and header.orientation == 1
        if kept and stored == header.size:
            return data, header.format
        rgb = image_file.open_rgb(annotation.image, self.value_range)
        if not kept:
            outcome.faults += _odd_faults(annotation.image.name, header, rgb)
        if rgb.size != stored:
            rgb = rgb.resize(stored, Image.Resampling.LANCZOS, reducing_gap=3)
        buffer = io.BytesIO()
        rgb.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        return buffer.getvalue(), "jpeg"

    def _usable_boxes(self, annotation, size, outcome):
        usable = []
        for box in annotation.boxes:
            if box.name not in self.class_ids:
                outcome.unknown[box.name] += 1
            if kind := find_fault(box, *size):
                detail = f"{box.name} {_corners(box)} {BOX_FAULTS[kind]}"
                outcome.faults.append(Fault(kind, outcome.file, detail))
                box = usable_box(box, *size)
            usable += [box] if box else []
        return usable

    def _record(self, annotation, encoded, kind, size, boxes):
        """Return the Record of a picture of this size and boxes from 0 to 1."""
        width, height = size
        return Record(
            encoded=encoded,
            format=kind,
            height=height,
            width=width,
            filename=annotation.image_name,
            boxes=tuple((b.ymin, b.xmin, b.ymax, b.xmax) for b in boxes),
            class_ids=tuple(self.class_ids[b.name] for b in boxes),
            class_names=tuple(b.name for b in boxes),
            difficult=tuple(b.difficult for b in boxes),
            truncated=tuple(b.truncated for b in boxes),
            views=tuple(b.pose for b in boxes),
        )


def _relative(box, size):
    width, height = size
    return replace(
        box,
        xmin=box.xmin / width,
        ymin=box.ymin / height,
        xmax=box.xmax / width,
        ymax=box.ymax / height,
    )


def _odd_faults(name, header, rgb):
    turned = f", EXIF orientation {header.orientation}" * (header.orientation != 1)
    what = f"{header.format} {header.mode} {header.bits} bits{turned}"
    faults = [Fault("odd-picture", name, what)]
    if image_file.is_nearly_black(rgb):
        faults.append(Fault("black-picture", name, image_file.BLACK))
    return faults


def _corners(box):
    return f"({box.xmin:g}, {box.ymin:g}, {box.xmax:g}, {box.ymax:g})"


def _refuse(kind, annotation, detail):
    raise DatasetError(detail, [Fault(kind, annotation.path.name, detail)])


def _read_image(annotation):
    """Return bytes and header of a picture that is whole and of the XML's size."""
    if annotation.image is None:
        named = f": it names {annotation.filename}" if annotation.filename else ""
        _refuse("no-picture", annotation, f"has no picture in the image folder{named}")
    data = annotation.image.read_bytes()
    header = image_file.read_header(data, annotation.image.name)
    if not image_file.is_complete(data):
        detail = f"{annotation.image.name} is cut off"
        _refuse("broken-picture", annotation, detail)
    _check_size(annotation, header)
    return data, header


def _check_size(annotation, header):
    said = (annotation.width, annotation.height)
    if None in said or said == header.size:
        return
    detail = "says {}x{}, ".format(*said) + "the picture is {}x{}".format(*header.size)
    if said == header.stored_size:
        detail += f" upright (EXIF orientation {header.orientation})"
        _refuse("lying-boxes", annotation, detail)
    _refuse("wrong-size", annotation, detail)
