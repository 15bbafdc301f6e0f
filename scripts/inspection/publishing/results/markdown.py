"""What every section of the results is written with: figures read, numbers, tables."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from inspection.course import paths

RESULTS = paths.ROOT / "assets" / "results"


@dataclass(frozen=True)
class Section:
    """One heading of the page, and what writes the text below it."""

    title: str
    name: str  # of the measurements: assets/results/NAME.json
    benchmark: str  # that measured: tests/benchmarks/BENCHMARK.py
    write: Callable[[dict], str]
    figure: str | None = None  # assets/figures/FIGURE.svg


def read(name):
    """Return a result as the benchmark wrote it."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def is_measured(name):
    """Tell whether a benchmark has written its result."""
    return (RESULTS / f"{name}.json").is_file()


def table(head, rows):
    """Return a markdown table; numbers must come as text."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def three(value):
    """Return a share with three decimals."""
    return f"{value:.3f}"


def interval(low, high):
    """Return both ends of an interval of shares."""
    return f"{low:.3f} to {high:.3f}"


def sentence(words):
    """Return words with a capital in front, the others as they are."""
    return words[:1].upper() + words[1:]


def published(name):
    """Return what others have published for a task: [{value, by, source, ...}]."""
    return read("published").get(name, [])
