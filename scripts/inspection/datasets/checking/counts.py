"""Count a set: classes, boxes and their sizes as the network will see them."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median

from inspection.common.text import plural
from inspection.datasets.boxes import usable_box
from inspection.datasets.checking.count_table import (
    CountTable,
    count_headers,
    most_text,
)
from inspection.datasets.faults import Fault

INPUT_SIZE = 320  # pixels, both sides, of the network that the course trains
TINY = 16  # pixels at that size; the finest feature map has a cell every 8
EDGES = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256)  # of the histogram, in pixels


@dataclass(frozen=True)
class ClassCount:
    """One class: `sizes` are the square roots of its boxes' areas at the input size."""

    name: str
    images: int
    sizes: tuple[float, ...]

    @property
    def boxes(self):
        return len(self.sizes)

    @property
    def tiny(self):
        return sum(size < TINY for size in self.sizes)

    @property
    def median_size(self):
        return median(self.sizes) if self.sizes else None


@dataclass(frozen=True)
class SetCount:
    """A whole set; `classes` hold the usable boxes only."""

    annotations: int
    images: int
    boxes: int
    usable_boxes: int
    without_objects: int
    difficult: int
    truncated: int
    classes: tuple[ClassCount, ...]
    image_sizes: tuple[tuple[tuple[int, int], int], ...]
    formats: tuple[tuple[str, int], ...]
    input_size: int

    @property
    def usable(self):
        """What there is to learn from, and its name."""
        return self.usable_boxes, "usable box"

    def lines(self):
        """Return sentences: how many, of which kind, which sizes."""
        lines = [
            f"{plural(self.annotations, 'annotation')}, "
            f"{plural(self.images, 'picture')}, "
            f"{plural(self.boxes, 'box')}, {self.usable_boxes:,} of them usable"
        ]
        marked = [
            f"{number:,} {what}"
            for number, what in (
                (self.without_objects, "without objects"),
                (self.difficult, "boxes marked difficult"),
                (self.truncated, "boxes marked truncated"),
            )
            if number
        ]
        lines += [", ".join(marked)] if marked else []
        return [*lines, most_text(self.image_sizes, self.formats)]

    def table(self):
        """Return the counts of each class, and how large its boxes are."""
        side = f"{self.input_size}x{self.input_size}"
        return CountTable(
            ("class", "boxes", "pictures", f"median size at {side}",
             f"under {TINY} pixels"),
            tuple(_row(c) for c in self.classes),
            values=tuple(c.sizes for c in self.classes),
            edges=EDGES,
            unit="pixels",
            title=f"box size in pixels when the picture is {side}; grey: too small "
            "for the network",
            doubtful=TINY,
        )  # fmt: skip


def count_set(annotations, facts, label_map=None, input_size=INPUT_SIZE):
    """Return the SetCount; classes in the label map's order, else by name."""
    boxes = [box for a in annotations for box in a.boxes]
    classes = _count_classes(annotations, label_map or (), input_size)
    headers = [fact.header for fact in facts if fact.header]
    return SetCount(
        annotations=len(annotations),
        images=len(headers),
        boxes=len(boxes),
        usable_boxes=sum(count.boxes for count in classes),
        without_objects=sum(not a.boxes for a in annotations),
        difficult=sum(box.difficult for box in boxes),
        truncated=sum(box.truncated for box in boxes),
        classes=classes,
        **count_headers(headers),
        input_size=input_size,
    )


def _row(count):
    median_size = f"{count.median_size:.0f}" if count.sizes else "-"
    numbers = f"{count.boxes:,}", f"{count.images:,}", median_size, f"{count.tiny:,}"
    return count.name, *numbers


def tiny_box_faults(annotations, input_size=INPUT_SIZE):
    """Return one fault for each class with boxes under TINY pixels at the input size.

    It shows the picture that has most of them.
    """
    tiny, total = defaultdict(dict), Counter()
    for place, annotation in enumerate(annotations):
        for box, size in _sizes(annotation, input_size):
            total[box.name] += 1
            if size < TINY:
                tiny[box.name].setdefault(place, []).append(box)
    faults = []
    for name, found in sorted(tiny.items()):
        most = max(found, key=lambda place: len(found[place]))
        worst, count = annotations[most], sum(map(len, found.values()))
        detail = (
            f"{count} of {total[name]} boxes are under {TINY} pixels at "
            f"{input_size}x{input_size}, most in {worst.path.name}"
        )
        images = (worst.image,) if worst.image else ()
        faults.append(Fault("tiny-boxes", name, detail, images, tuple(found[most])))
    return faults


def _count_classes(annotations, known, input_size):
    sizes, images = {name: [] for name in known}, Counter()
    others = {box.name for a in annotations for box in a.boxes} - set(sizes)
    sizes.update({name: [] for name in sorted(others)})
    for annotation in annotations:
        here = _sizes(annotation, input_size)
        for box, size in here:
            sizes[box.name].append(size)
        images.update({box.name for box, _ in here})
    return tuple(ClassCount(n, images[n], tuple(found)) for n, found in sizes.items())


def _sizes(annotation, input_size):
    width, height = annotation.width, annotation.height
    if not (width and height):
        return []
    kept = [usable_box(box, width, height) for box in annotation.boxes]
    return [(box, _size(box, width * height, input_size)) for box in kept if box]


def _size(box, image_area, input_size):
    area = (box.xmax - box.xmin) * (box.ymax - box.ymin)
    return (area / image_area) ** 0.5 * input_size
