"""The report of `check_dataset` as lines for a terminal."""

from inspection.common.text import plural
from inspection.datasets.checking.counts import TINY
from inspection.datasets.faults import KINDS, SEVERITIES

SHOWN = 8  # faults of one kind that are listed; the HTML report has all


def format_report(report):
    """Return the whole report as text."""
    parts = [_summary(report.statistics), _classes(report.statistics)]
    parts += [_faults(kind, faults) for kind, faults in report.by_kind().items()]
    return "\n\n".join([*parts, format_verdict(report)])


def format_verdict(report):
    """Return one line: how many errors, warnings and notes."""
    counts = [plural(report.count(severity), severity) for severity in SEVERITIES]
    if not report.statistics.usable_boxes:
        return f"0 usable boxes: nothing to learn from ({', '.join(counts)})"
    return ", ".join(counts)


def set_lines(count):
    """Return sentences on a SetCount: how many, of which kind, which sizes."""
    lines = [
        f"{plural(count.annotations, 'annotation')}, "
        f"{plural(count.images, 'picture')}, "
        f"{plural(count.boxes, 'box')}, {count.usable_boxes:,} of them usable"
    ]
    marked = [
        f"{number:,} {what}"
        for number, what in (
            (count.without_objects, "without objects"),
            (count.difficult, "boxes marked difficult"),
            (count.truncated, "boxes marked truncated"),
        )
        if number
    ]
    lines += [", ".join(marked)] if marked else []
    sizes = [(f"{width}x{height}", n) for (width, height), n in count.image_sizes]
    lines.append(f"{_most(sizes)}; {_most(count.formats)}")
    return lines


def _most(counts, shown=3):
    listed = [f"{name} ({number:,})" for name, number in counts[:shown]]
    if len(counts) > shown:
        listed.append(f"{plural(len(counts) - shown, 'other')}")
    return ", ".join(listed)


def _summary(count):
    return "\n".join(set_lines(count))


def _classes(count):
    width = max((len(c.name) for c in count.classes), default=5)
    side = f"{count.input_size}x{count.input_size}"
    lines = [
        f"{'class':{width}}  {'boxes':>7}  {'pictures':>8}  median size at {side}"
        f"  under {TINY} pixels"
    ]
    for c in count.classes:
        size = f"{c.median_size:.0f}" if c.sizes else "-"
        lines.append(
            f"{c.name:{width}}  {c.boxes:>7,}  {c.images:>8,}"
            f"  {size:>{15 + len(side)}}  {c.tiny:>15,}"
        )
    return "\n".join(lines)


def _faults(kind, faults):
    kind = KINDS[kind]
    lines = [f"{kind.severity}: {kind.title} ({len(faults):,})"]
    lines += [f"  {fault}" for fault in faults[:SHOWN]]
    if len(faults) > SHOWN:
        lines.append(f"  ... and {len(faults) - SHOWN:,} more")
    return "\n".join([*lines, f"  mend: {kind.mend}"])
