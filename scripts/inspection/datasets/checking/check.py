"""Look a set of annotated pictures over before anything is trained on it."""

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.datasets import voc
from inspection.datasets.checking import thumbnails
from inspection.datasets.checking.check_annotations import (
    annotation_faults,
    class_faults,
    with_size,
)
from inspection.datasets.checking.check_images import (
    copy_faults,
    image_faults,
    litter_faults,
)
from inspection.datasets.checking.check_splits import (
    imbalance_faults,
    missing_faults,
    place_names,
)
from inspection.datasets.checking.counts import (
    INPUT_SIZE,
    count_set,
    tiny_box_faults,
)
from inspection.datasets.checking.report import DatasetReport, in_order
from inspection.datasets.faults import Fault
from inspection.datasets.images.image_facts import read_facts
from inspection.datasets.images.image_folder import ImageFolder
from inspection.datasets.splitting.sources import check_pattern


@dataclass(frozen=True)
class BoxReport(DatasetReport):
    """What `check_dataset` found, with the annotations that could be read."""

    annotations: list[voc.Annotation] = field(repr=False)

    @cached_property
    def boxes_of(self):
        """{picture: its boxes}."""
        return {a.image: a.boxes for a in self.annotations if a.image}

    def samples(self):
        return {path.name: path for path, boxes in self.boxes_of.items() if boxes}

    def draw_sample(self, path):
        names = [c.name for c in self.statistics.classes]
        return thumbnails.draw_classes(path, self.boxes_of[path], names)

    def draw(self, path, boxes=()):
        at_fault = set(boxes)
        others = [b for b in self.boxes_of.get(path, ()) if b not in at_fault]
        return thumbnails.draw_faults(path, boxes, others)


def check_dataset(
    annotation_dir,
    image_dir=None,
    label_map=None,
    splits=None,
    pattern=None,
    input_size=INPUT_SIZE,
):
    """Return a BoxReport of every fault of a set of Pascal VOC annotations.

    `label_map` is {name: id}, `splits` {split: stems}, `pattern` tells the source of a
    tile or frame (`sources.py`). Raises DatasetError where there is nothing to look at.
    """
    check_pattern(pattern)
    annotations, faults = voc.scan_folder(annotation_dir, image_dir)
    folder = ImageFolder(image_dir or annotation_dir)
    if not folder.paths:
        raise DatasetError(f"0 pictures found in {folder.folder}")
    facts = read_facts(folder.paths)
    faults += _faults_of_files(annotations, folder, facts, faults)
    annotations = [with_size(a, _header(facts, a)) for a in annotations]
    faults += class_faults(annotations, label_map)
    faults += tiny_box_faults(annotations, input_size)
    images = {a.path.stem: a.image for a in annotations}
    split_of, split_faults = place_names(splits or {}, images, "annotation")
    faults += split_faults + copy_faults(facts.values(), split_of, pattern)
    faults += _class_balance(annotations, split_of)
    statistics = count_set(annotations, facts.values(), label_map, input_size)
    folder = Path(annotation_dir)
    return BoxReport(in_order(faults), statistics, folder, annotations)


def _faults_of_files(annotations, folder, facts, known):
    annotated = {annotation.image for annotation in annotations}
    # a picture whose XML is broken is not one that nobody annotated
    for fault in known:
        annotated.update(folder.candidates(Path(fault.file).stem))
    found = litter_faults(folder.folder)
    for annotation in annotations:
        found += annotation_faults(annotation, _header(facts, annotation))
    for path, fact in facts.items():
        found += image_faults(fact)
        if path not in annotated:
            found.append(Fault("no-annotation", path.name, "has no XML", (path,)))
    return found


def _header(facts, annotation):
    return facts[annotation.image].header if annotation.image else None


def _class_balance(annotations, split_of):
    shown = {a.image: {box.name for box in a.boxes} for a in annotations if a.image}
    counts = Counter(name for names in shown.values() for name in names)
    return imbalance_faults(counts) + missing_faults(shown, split_of, counts)
