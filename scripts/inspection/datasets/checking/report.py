"""What a look at a set found, whatever kind of set it is."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from inspection.datasets.checking import thumbnails
from inspection.datasets.faults import KINDS, SEVERITIES, Fault


@dataclass(frozen=True)
class DatasetReport:
    """Faults by severity, then kind, then file, and what the set holds.

    folder: what the set is called after. statistics: counts with `lines()`, `table()`
    and `usable`.
    """

    SAMPLES: ClassVar[str] = "Some of them, as the network will be taught"

    faults: list[Fault]
    statistics: object
    folder: Path

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
        if not self.statistics.usable[0]:
            return 2
        return int(self.count("error") > 0 or (strict and self.count("warning") > 0))

    def samples(self):
        """Return {caption: picture} of what may be shown as an example."""
        return {}

    def draw_sample(self, path):
        """Return a picture with what was annotated on it as a data URI, or None."""
        return self.draw(path)

    def draw(self, path, boxes=()):
        """Return a picture with the `boxes` at fault on it as a data URI, or None."""
        return thumbnails.draw_faults(path, boxes)


def in_order(faults):
    """Return faults by severity, then kind, then file."""
    places = {kind: place for place, kind in enumerate(KINDS)}
    return sorted(
        faults, key=lambda f: (SEVERITIES.index(f.severity), places[f.kind], f.file)
    )
