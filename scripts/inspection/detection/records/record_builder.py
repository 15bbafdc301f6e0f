"""Annotated pictures to TFRecord files: all cores, flat memory, all faults at once."""

import os
from collections import Counter, defaultdict, deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from inspection.common.errors import DatasetError
from inspection.common.processes import end_with_parent, start_method
from inspection.common.text import plural
from inspection.datasets.checking.class_names import nearest
from inspection.datasets.faults import Fault
from inspection.detection.records.record_converter import Converter
from inspection.detection.records.tfrecord import record_writer

MANY = 200  # annotations from which starting processes pays
CHUNK = 32  # annotations given to a process at a time
SKIPPED = "broken-picture"  # the one fault that costs a picture and not the run
NO_HARM = "odd-picture"  # the picture is the same, in another file format
SHOWN = 20


def build_records(
    sources,
    image_dir,
    class_ids,
    output_path,
    shards=1,
    strict=False,
    max_width=None,
    convert=None,
):
    """Write the records of annotations (or of paths of XML); return a RecordSummary.

    max_width: store wider pictures at this width, in pixels; boxes are shares of the
    picture and stay. Training decodes a large picture whole at each step.
    convert: a function of (converter, sources) that yields the outcomes in the order of
    the sources, where another one than the processes of this computer does it.

    Broken pictures are left out, boxes without area dropped, boxes that reach out of
    their picture clipped: all of it is in the summary, and an error if `strict`.
    Whatever else is wrong raises one DatasetError, and no file is written.
    """
    summary = RecordSummary(known=list(class_ids))
    converter = Converter(image_dir, class_ids, max_width)
    with record_writer(output_path, shards) as write:
        outcomes = (convert or _convert_all)(converter, sources)
        for outcome in _watched(outcomes, len(sources)):
            summary.add(outcome)
            if outcome.example:
                write(outcome.example)
        summary.refuse(strict)
    return summary


def _convert_all(converter, sources):
    """Yield the outcomes in the order of the sources, with few of them in memory."""
    workers = os.cpu_count() or 1
    if workers == 1 or len(sources) < MANY:
        yield from map(converter, sources)
        return
    chunks = [sources[first : first + CHUNK] for first in range(0, len(sources), CHUNK)]
    start = dict(mp_context=get_context(start_method()), initializer=_start_worker)
    with ProcessPoolExecutor(workers, initargs=(converter,), **start) as pool:
        waiting = deque()
        for chunk in chunks:
            waiting.append(pool.submit(_convert_chunk, chunk))
            if len(waiting) > workers + 1:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _watched(outcomes, total):
    if total < MANY:
        return outcomes
    from tqdm import tqdm  # costs a small set more than it takes to convert

    class Bar(tqdm):
        monitor_interval = 0  # a thread of its own would rule out the fork below

    return Bar(outcomes, "records", total, disable=None, leave=False, delay=1)


_worker_converter = (
    None  # of a process that does nothing else; None in that of the user
)


def _start_worker(converter):
    """Keep the converter, which knows all pictures of the folder: sent once, not ever."""
    global _worker_converter
    end_with_parent()
    _worker_converter = converter


def _convert_chunk(sources):
    return [_worker_converter(source) for source in sources]


@dataclass
class RecordSummary:
    """What was written, and what was found on the way."""

    known: list
    images: int = 0
    without_objects: int = 0
    reduced: int = 0
    boxes: Counter = field(default_factory=Counter)
    faults: list = field(default_factory=list)
    unknown: dict = field(default_factory=lambda: defaultdict(Counter))
    owners: dict = field(default_factory=dict)

    def add(self, outcome):
        """Count one outcome."""
        self.faults += outcome.faults
        for name, count in outcome.unknown.items():
            self.unknown[name][outcome.file] += count
        owner = self.owners.setdefault(outcome.image, outcome.file)
        if outcome.image and owner != outcome.file:
            detail = f"describes {outcome.image.name}, as {owner} does"
            self.faults.append(Fault("one-picture-twice", outcome.file, detail))
        if outcome.example:
            self.images += 1
            self.boxes += outcome.boxes
            self.reduced += outcome.reduced
            self.without_objects += not outcome.boxes

    def refuse(self, strict=False):
        """Raise one DatasetError with everything that forbids writing these records."""
        faults = [self._unknown_fault(*item) for item in sorted(self.unknown.items())]
        faults += [fault for fault in self.faults if _stops(fault, strict)]
        if faults:
            message = f"{plural(len(faults), 'fault')}: nothing was written"
            if self.unknown:
                message += f"; the label map knows {', '.join(self.known)}"
            raise DatasetError(message, faults)
        if not self.boxes:
            images = plural(self.images, "picture")
            raise DatasetError(
                f"{images} with 0 boxes: nothing was written", self.faults
            )

    def _unknown_fault(self, name, files):
        like = nearest(name, self.known)
        boxes = plural(files.total(), "box")
        hint = f", did you mean {like!r}?" if like else ""
        detail = f"class {name!r} is not in the label map ({boxes}){hint}"
        return Fault("unknown-class", _listed(list(files)), detail)

    def lines(self):
        """Yield what was written, then each kind of fault with its files."""
        by_class = ", ".join(f"{name} {n:,}" for name, n in self.boxes.most_common())
        images, boxes = plural(self.images, "picture"), self.boxes.total()
        yield f"{images}, {plural(boxes, 'box')}: {by_class}"
        if self.without_objects:
            yield f"{plural(self.without_objects, 'picture')} without objects, kept"
        if self.reduced:
            yield f"{plural(self.reduced, 'picture')} stored smaller, boxes unchanged"
        kinds = defaultdict(list)
        for fault in self.faults:
            kinds[fault.kind].append(fault)
        for faults in kinds.values():
            yield f"{len(faults)} x {faults[0].title}"
            yield from (f"  {fault}" for fault in faults[:SHOWN])
            if len(faults) > SHOWN:
                yield f"  ... and {len(faults) - SHOWN} more"


def _stops(fault, strict):
    if fault.kind == SKIPPED:
        return strict
    return fault.severity == "error" or strict and fault.kind != NO_HARM


def _listed(names):
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
