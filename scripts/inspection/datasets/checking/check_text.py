"""The report on a set as lines for a terminal."""

from inspection.common.text import plural
from inspection.datasets.faults import KINDS, SEVERITIES

SHOWN = 8  # faults of one kind that are listed; the HTML report has all


def format_report(report):
    """Return the whole report as text."""
    count = report.statistics
    parts = ["\n".join(count.lines()), count.table().text()]
    parts += [_faults(kind, faults) for kind, faults in report.by_kind().items()]
    return "\n\n".join([*parts, format_verdict(report)])


def format_verdict(report):
    """Return one line: how many errors, warnings and notes."""
    counts = [plural(report.count(severity), severity) for severity in SEVERITIES]
    number, what = report.statistics.usable
    if not number:
        return f"{plural(0, what)}: nothing to learn from ({', '.join(counts)})"
    return ", ".join(counts)


def _faults(kind, faults):
    kind = KINDS[kind]
    lines = [f"{kind.severity}: {kind.title} ({len(faults):,})"]
    lines += [f"  {fault}" for fault in faults[:SHOWN]]
    if len(faults) > SHOWN:
        lines.append(f"  ... and {len(faults) - SHOWN:,} more")
    return "\n".join([*lines, f"  mend: {kind.mend}"])
