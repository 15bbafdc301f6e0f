"""The counts of a set as a table, for the terminal and for the page alike."""

from collections import Counter
from dataclasses import dataclass

from inspection.common.text import plural

LISTED = 3  # sizes and formats, the commonest


@dataclass(frozen=True)
class CountTable:
    """A row for each class: its name, then what was counted, as text.

    values: for each row numbers to draw a histogram of, with its inner `edges`, their
    `unit` and its `title`. doubtful: bars that end there or below are shown in grey.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    values: tuple[tuple[float, ...], ...] = ()
    edges: tuple[float, ...] = ()
    unit: str = ""
    title: str = ""
    doubtful: float = 0

    def text(self):
        """Return the table as lines, names to the left and numbers to the right."""
        lines = [self.columns, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(_line(cells, widths) for cells in lines)


def count_headers(headers):
    """Return the sizes and formats of pictures with their numbers, commonest first."""
    sizes = Counter(header.size for header in headers)
    formats = Counter(f"{header.format} {header.mode}" for header in headers)
    return {
        "image_sizes": tuple(sizes.most_common()),
        "formats": tuple(formats.most_common()),
    }


def most_text(sizes, formats):
    """Return the commonest sizes and formats of `count_headers` as one line."""
    named = [(f"{width}x{height}", number) for (width, height), number in sizes]
    return f"{_most(named)}; {_most(formats)}"


def _most(counts):
    listed = [f"{name} ({number:,})" for name, number in counts[:LISTED]]
    if len(counts) > LISTED:
        listed.append(f"{plural(len(counts) - LISTED, 'other')}")
    return ", ".join(listed)


def _line(cells, widths):
    (name, *numbers), (first, *others) = cells, widths
    padded = [f"{n:>{width}}" for n, width in zip(numbers, others, strict=True)]
    return "  ".join([f"{name:{first}}", *padded])
