"""The report on a set as one HTML page that needs no other file."""

import random
from bisect import bisect_right
from collections import defaultdict
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from inspection.common.atomic_files import write_text
from inspection.datasets.checking import thumbnails
from inspection.datasets.checking.check_text import format_verdict
from inspection.datasets.faults import KINDS

TEMPLATE = "check_report.html"
SHOWN = 12  # pictures for each kind of fault; the others are listed by name
SAMPLES = 8


def write_report(report, path):
    """Write the page whole or not at all and return its path."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    table = report.statistics.table()
    page = environment.get_template(TEMPLATE).render(
        title=_title(report.folder),
        verdict=format_verdict(report),
        worst=report.worst(),
        summary=report.statistics.lines(),
        table=table,
        rows=_rows(table),
        samples_title=report.SAMPLES,
        samples=_samples(report),
        sections=_sections(report),
    )
    write_text(path, page)
    return Path(path)


def _title(folder):
    folder = folder.resolve()
    return f"{folder.parent.name}/{folder.name}"


def _rows(table):
    names = [name for name, *_ in table.rows]
    values = table.values or [()] * len(names)
    return [
        {
            "name": name,
            "color": thumbnails.class_color(name, names),
            "cells": cells,
            "bars": _histogram(numbers, table.edges) if table.edges else [],
        }
        for (name, *cells), numbers in zip(table.rows, values, strict=True)
    ]


def _histogram(values, edges):
    """Return, for each range between edges, its text, count and height in percent."""
    counts = [0] * (len(edges) + 1)
    for value in values:
        counts[bisect_right(edges, value)] += 1
    ends = ["0", *map(str, edges), ""]
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
    shown = report.samples()
    chosen = random.Random(0).sample(list(shown), min(SAMPLES, len(shown)))
    drawn = [(caption, report.draw_sample(shown[caption])) for caption in chosen]
    return [(caption, image) for caption, image in drawn if image]


def _sections(report):
    return [
        {
            "kind": KINDS[kind],
            "count": len(faults),
            "figures": [_figure(group, report) for group in groups[:SHOWN]],
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


def _figure(faults, report):
    """Return one figure for the faults of one kind that one file has."""
    boxes = [box for fault in faults for box in fault.boxes]
    images = [report.draw(path, boxes) for path in faults[0].images[:2]]
    return {
        "images": [image for image in images if image],
        "file": faults[0].file,
        "details": [fault.detail for fault in faults],
    }
