"""Copies of the notebooks that lie elsewhere: a project's, a student's."""

import ast
import os
import posixpath
import re
from pathlib import Path

import nbformat

from inspection.publishing import notebook_sync, runner
from inspection.publishing.reading import BADGE

COVER = re.compile(r"!\[[^\]]*\]\(attachment:cover\.jpg\)\n*")
LINK = re.compile(r"\]\((?!https?:|attachment:|#)([^)\s]+)\)")
COMMENTED = re.compile(r"^\S.*? {2,}# .*(\n\S.*? {2,}# .*)*", re.MULTILINE)
SOLUTION = re.compile(
    r"\n*<details><summary>Solution</summary>.*?</details>", re.DOTALL
)


def write_student_edition(texts, folder):
    """Write notebooks without solutions and outputs; return how many solutions fell."""
    folder.mkdir(parents=True, exist_ok=True)
    way = Path(os.path.relpath(runner.NOTEBOOKS, folder)).as_posix()
    staying = {notebook_sync.notebook_of(text).name for text in texts}
    removed = 0
    for text in texts:
        stored = notebook_sync.notebook_of(text)
        notebook = nbformat.read(stored, as_version=4)
        notebook_sync.drop_claims(notebook)
        strip_outputs(notebook)
        removed += strip_solutions(notebook)
        strip_badge(notebook)
        move_links(notebook, way, staying)
        write(notebook, folder / stored.name)
    return removed


def strip_outputs(notebook):
    """Remove outputs and counts, so that a reader meets each result by running it."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def strip_solutions(notebook):
    """Remove the folded solutions below the exercises; return how many there were."""
    count = 0
    for cell in texts_of(notebook):
        cell.source, removed = SOLUTION.subn("", cell.source)
        count += removed
    return count


def strip_badge(notebook):
    """Remove the badge from the title: Colab would open the original."""
    title = notebook.cells[0]
    title.source = BADGE.sub("", title.source)


def strip_cover(notebook):
    """Remove the picture of the title cell, which shows other data."""
    title = notebook.cells[0]
    title.source = COVER.sub("", title.source).rstrip()
    title.pop("attachments", None)


def move_links(notebook, way, staying):
    """Let links lead back to where the notebook came from.

    way: the path from the copy's folder to that of the originals.
    staying: names of files that lie beside the copy.
    """

    def moved(found):
        target = found[1]
        if target.split("#")[0] not in staying:
            target = posixpath.normpath(posixpath.join(way, target))
        return f"]({target})"

    for cell in texts_of(notebook):
        cell.source = LINK.sub(moved, cell.source)


def set_values(source, values):
    """Return the settings cell with other expressions assigned, comments kept.

    values: {name: expression}; names that the cell does not have are left out.
    """
    lines = source.splitlines()
    found = {s.targets[0].id: s.value for s in ast.parse(source).body}
    for name in found.keys() & values.keys():
        node = found[name]
        if node.lineno != node.end_lineno:
            raise ValueError(f"the value of {name} goes over more than one line")
        line = lines[node.lineno - 1].encode()  # ast counts bytes
        before, after = line[: node.col_offset], line[node.end_col_offset :]
        lines[node.lineno - 1] = (before + values[name].encode() + after).decode()
    return align_comments("\n".join(lines))


def align_comments(text):
    """Return lines with the comments of those that follow each other in one column."""
    return COMMENTED.sub(lambda block: aligned(block[0]), text)


def aligned(block):
    """Return lines that all end in a comment with these in one column."""
    halves = [re.split(r" {2,}(?=# )", line, maxsplit=1) for line in block.split("\n")]
    width = max(len(code) for code, _ in halves)
    return "\n".join(f"{code:{width}}  {comment}" for code, comment in halves)


def settings_cell(notebook):
    """Return the cell that is tagged as holding the settings."""
    tagged = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    return next(tagged)


def texts_of(notebook):
    """Return the cells of prose."""
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def write(notebook, path):
    """Write a notebook, refusing one that Jupyter could not open."""
    nbformat.validate(notebook)
    nbformat.write(notebook, path)
