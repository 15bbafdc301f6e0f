"""Look a set of annotated pictures over before anything is trained on it."""

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from inspection.common.errors import DatasetError
from inspection.datasets import voc
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
from inspection.datasets.checking.counts import (
    INPUT_SIZE,
    SetCount,
    count_set,
    tiny_box_faults,
)
from inspection.datasets.faults import KINDS, SEVERITIES, Fault
from inspection.datasets.images.image_facts import read_facts
from inspection.datasets.images.image_folder import ImageFolder
from inspection.datasets.splitting.sources import check_pattern
from inspection.datasets.splitting.split_lists import match_names


@dataclass(frozen=True)
class DatasetReport:
    """What `check_dataset` found; faults by severity, then kind, then file."""

    faults: list[Fault]
    statistics: SetCount
    annotations: list[voc.Annotation] = field(repr=False)

    def by_kind(self):
        """Return {kind: faults} in order of severity."""
        groups = defaultdict(list)
        for fault in self.faults:
            groups[fault.kind].append(fault)
        return dict(groups)

    def count(self, severity):
        return sum(fault.severity == severity for fault in self.faults)

    def worst(self):
        """Return the gravest severity found, "" where there is no fault."""
        return next((s for s in SEVERITIES if self.count(s)), "")

    def exit_code(self, strict=False):
        """Return 2 where nothing is left to learn from, 1 for errors, else 0."""
        if not self.statistics.usable_boxes:
            return 2
        return int(self.count("error") > 0 or (strict and self.count("warning") > 0))


def check_dataset(
    annotation_dir,
    image_dir=None,
    label_map=None,
    splits=None,
    pattern=None,
    input_size=INPUT_SIZE,
):
    """Return a DatasetReport of every fault of a set of Pascal VOC annotations.

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
    split_of, split_faults = _splits(splits or {}, annotations)
    faults += split_faults + copy_faults(facts.values(), split_of, pattern)
    statistics = count_set(annotations, facts.values(), label_map, input_size)
    return DatasetReport(sorted(faults, key=_order), statistics, annotations)


def _faults_of_files(annotations, folder, facts, known):
    annotated = {annotation.image for annotation in annotations}
    # a picture whose XML is broken is not one that nobody annotated
    for fault in known:
        annotated.update(folder.candidates(Path(fault.file).stem))
    found = litter_faults(folder.folder)
    for annotation in annotations:
        found += annotation_faults(annotation, _header(facts, annotation))
    for path, fact in facts.items():
        found += image_faults(fact, path in annotated)
    return found


def _header(facts, annotation):
    return facts[annotation.image].header if annotation.image else None


def _splits(lists, annotations):
    image_of = {a.path.stem: a.image for a in annotations}
    found, _ = match_names(sum(lists.values(), []), image_of)
    splits_of = defaultdict(list)
    for split, stems in lists.items():
        for stem in dict.fromkeys(found.get(stem, stem) for stem in stems):
            splits_of[stem].append(split)
    split_of, faults = {}, []
    for stem, splits in splits_of.items():
        if stem not in image_of:
            detail = f"listed in {splits[0]}, has no annotation"
            faults.append(Fault("listed-nowhere", stem, detail))
        elif len(splits) > 1:
            detail = f"listed in {' and '.join(splits)}"
            faults.append(Fault("both-sides", stem, detail, (image_of[stem],)))
        else:
            split_of[image_of[stem]] = splits[0]
    return split_of, faults


def _order(fault):
    kinds = list(KINDS)
    return SEVERITIES.index(fault.severity), kinds.index(fault.kind), fault.file
