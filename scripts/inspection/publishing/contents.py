"""What README.md shows of the notebooks and of the results, made from them."""

import re
from pathlib import Path

import nbformat

from inspection.common.atomic_files import write_text
from inspection.course import headline, paths
from inspection.publishing import reading, results, runner
from inspection.publishing.page import lead_of, title_of

README = paths.ROOT / "README.md"
TABLE = re.compile(r"(<!-- notebooks -->\n).*?(<!-- end of notebooks -->)", re.DOTALL)
HEAD = "| what you build | time, memory, result |\n|---|---|\n"


def fill_readme(readme=README):
    """Write the table of notebooks and the results between their marks in a README."""
    text = filled(Path(readme).read_text(encoding="utf-8"))
    write_text(Path(readme), results.filled(text))


def filled(text):
    """Return the text of a README with the table as it should be."""
    if not TABLE.search(text):
        raise ValueError("README.md has lost the two marks of the table of notebooks")
    rows = "".join(row(path) for path in runner.find_notebooks())
    return TABLE.sub(lambda found: found[1] + HEAD + rows + found[2], text)


def row(path):
    """Return the line of the table about one notebook."""
    notebook = nbformat.read(path, as_version=4)
    alt = reading.cover_text(notebook)
    image = f'<img src="assets/{path.stem}.jpg" width="300" alt="{alt}">'
    link = f"[{title_of(notebook)}](notebooks/{path.name})"
    # not in a column of its own: a browser would squeeze it to the width of a thumb
    what = f"{link}<br>{image}<br>{lead_of(notebook)}"
    return f"| {what} | {facts(notebook)} |\n"


def facts(notebook):
    """Return how long a notebook takes to read and to run, and its main figure."""
    lines = [f"{reading.minutes(notebook)} minutes to read"]
    lines += reading.costs(notebook).split("; ")
    figures = headline.collect(notebook)
    # a note says what a figure was measured on: it is the one that counts
    for figure in [f for f in figures if f["note"]][:1] or figures[-1:]:
        lines.append(f"{figure['name']}: {figure['value']}")
    return "<br>".join(lines)
