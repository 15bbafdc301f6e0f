"""What README.md and notebooks/README.md show of notebooks and results, made from them."""

import re

import nbformat

from inspection.common.atomic_files import write_text
from inspection.course import headline, paths
from inspection.publishing import reading, runner
from inspection.publishing.results.front import front_table

README = paths.ROOT / "README.md"
GALLERY = runner.NOTEBOOKS / "README.md"
LIST_HEAD = "| notebook | what you will see | on two cores |\n|---|---|---|\n"
GALLERY_HEAD = "| what you build | time, memory, result |\n|---|---|\n"
# of the two ways to state a time: alike in both modes, or quick and full
TIME = re.compile(r"(?:quick: )?([\d.]+ (?:seconds|minutes)) on two cores")


def fill_pages(readme=README, gallery=GALLERY):
    """Write what is made from notebooks and results between its marks in both pages."""
    write_text(readme, filled_readme(readme.read_text(encoding="utf-8")))
    write_text(gallery, filled_gallery(gallery.read_text(encoding="utf-8")))


def filled_readme(text):
    """Return the text of README.md with its two tables as they should be."""
    rows = "".join(map(list_row, runner.find_notebooks()))
    return between(
        between(text, "notebooks", LIST_HEAD + rows), "results", front_table()
    )


def filled_gallery(text):
    """Return the text of notebooks/README.md with its table as it should be."""
    rows = "".join(map(gallery_row, runner.find_notebooks()))
    return between(text, "notebooks", GALLERY_HEAD + rows)


def between(text, name, made):
    """Put what was made between the marks of a name in a page."""
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    if not marks.search(text):
        raise ValueError(f"a page has lost the two marks of its {name}")
    return marks.sub(lambda found: found[1] + made + found[2], text)


def list_row(path):
    """Return the line of README.md about one notebook."""
    notebook = nbformat.read(path, as_version=4)
    link = f"[{reading.title_of(notebook)}](notebooks/{path.name})"
    time = TIME.match(reading.costs(notebook))
    if time is None:
        raise ValueError(f"{path.name}: the title cell names no time on two cores")
    return f"| {link} | {reading.cover_text(notebook)} | {time[1]} |\n"


def gallery_row(path):
    """Return the line of notebooks/README.md about one notebook, with its picture."""
    notebook = nbformat.read(path, as_version=4)
    alt = reading.cover_text(notebook)
    image = f'<img src="../assets/{path.stem}.jpg" width="300" alt="{alt}">'
    link = f"[{reading.title_of(notebook)}]({path.name})"
    # not in a column of its own: a browser would squeeze it to the width of a thumb
    what = f"{link}<br>{image}<br>{reading.lead_of(notebook)}"
    return f"| {what} | {facts(notebook)} |\n"


def facts(notebook):
    """Return how long a notebook takes to read and to run, and its main figure."""
    lines = [f"{reading.minutes(notebook)} minutes to read"]
    lines += reading.costs(notebook).split("; ")
    figures = headline.collect(notebook)
    # a note says what a figure was measured on: it is the one that counts
    for figure in [f for f in figures if f["note"]][:1] or figures[-1:]:
        lines.append(f"quick mode, {figure['name']}: {figure['value']}")
    return "<br>".join(lines)
