"""The report of `check_dataset` as one HTML page that needs no other file."""

import random
from bisect import bisect_right
from collections import defaultdict
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from inspection.common.atomic_files import write_text
from inspection.datasets.checking import thumbnails
from inspection.datasets.checking.check_text import format_verdict, set_lines
from inspection.datasets.checking.counts import TINY
from inspection.datasets.faults import KINDS

TEMPLATE = "check_report.html"
SHOWN = 12  # pictures for each kind of fault; the others are listed by name
SAMPLES = 8
EDGES = (8, 16, 24, 32, 48, 64, 96, 128, 192, 256)  # of the histogram, in pixels


def write_report(report, path):
    """Write the page whole or not at all and return its path."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(TEMPLATE).render(
        title=_title(report),
        verdict=format_verdict(report),
        worst=report.worst(),
        summary=set_lines(report.statistics),
        classes=_classes(report.statistics),
        edges=EDGES,
        tiny=TINY,
        input_size=report.statistics.input_size,
        samples=_samples(report),
        sections=_sections(report),
    )
    write_text(path, page)
    return Path(path)


def _title(report):
    folder = report.annotations[0].path.resolve().parent
    return f"{folder.parent.name}/{folder.name}"


def _classes(count):
    names = [c.name for c in count.classes]
    return [
        {
            "name": c.name,
            "color": thumbnails.class_color(c.name, names),
            "boxes": f"{c.boxes:,}",
            "images": f"{c.images:,}",
            "median": f"{c.median_size:.0f}" if c.sizes else "-",
            "tiny": c.tiny,
            "bars": _histogram(c.sizes),
        }
        for c in count.classes
    ]


def _histogram(sizes):
    """Return, for each range between EDGES, its text, count and height in percent."""
    counts = [0] * (len(EDGES) + 1)
    for size in sizes:
        counts[bisect_right(EDGES, size)] += 1
    ends = ["0", *map(str, EDGES), ""]
    highest = max([*counts, 1])
    return [
        {
            "range": f"{low} to {high}" if high else f"{low} or more",
            "count": count,
            "percent": round(100 * count / highest, 1),
        }
        for low, high, count in zip(ends[:-1], ends[1:], counts, strict=True)
    ]


def _samples(report):
    names = [c.name for c in report.statistics.classes]
    shown = [a for a in report.annotations if a.image and a.boxes]
    chosen = random.Random(0).sample(shown, min(SAMPLES, len(shown)))
    drawn = [
        (a.image.name, thumbnails.draw_classes(a.image, a.boxes, names)) for a in chosen
    ]
    return [(name, image) for name, image in drawn if image]


def _sections(report):
    boxes_of = {a.image: a.boxes for a in report.annotations if a.image}
    return [
        {
            "kind": KINDS[kind],
            "count": len(faults),
            "figures": [_figure(group, boxes_of) for group in groups[:SHOWN]],
            "others": [fault for group in groups[SHOWN:] for fault in group],
        }
        for kind, faults in report.by_kind().items()
        for groups in [_by_file(faults)]
    ]


def _by_file(faults):
    groups = defaultdict(list)
    for fault in faults:
        groups[fault.file].append(fault)
    return list(groups.values())


def _figure(faults, boxes_of):
    """Return one figure for the faults of one kind that one file has."""
    boxes = [box for fault in faults for box in fault.boxes]
    images = []
    for path in faults[0].images[:2]:
        others = [box for box in boxes_of.get(path, ()) if box not in boxes]
        images.append(thumbnails.draw_faults(path, boxes, others))
    return {
        "images": [image for image in images if image],
        "file": faults[0].file,
        "details": [fault.detail for fault in faults],
    }
