"""The solutions of exercises run, at the end of their notebook."""

import re

import nbformat
import pytest

from inspection.course import paths
from inspection.publishing import notebook_sync, runner

SOLUTIONS = re.compile(r"<summary>Solution</summary>(.*?)</details>", re.DOTALL)
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def solutions_of(text):
    """Return the code of the solutions in a text, one entry for each block."""
    prose = "\n".join(
        cell.source
        for cell in notebook_sync.read_text(text).cells
        if cell.cell_type == "markdown"
    )
    return [code for part in SOLUTIONS.findall(prose) for code in CODE.findall(part)]


TEXTS = [
    text
    for text in runner.find_notebooks((), notebook_sync.TEXTS, ".py")
    if solutions_of(text)
]


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_solutions_run(text, tmp_path):
    notebook = notebook_sync.read_text(text)
    notebook.cells += map(nbformat.v4.new_code_cell, solutions_of(text))
    source = tmp_path / f"{text.stem}.ipynb"
    nbformat.write(notebook, source)
    with runner.separate_workspace(tmp_path / paths.WORKSPACE_NAME):
        run = runner.run_notebook(source, tmp_path / f"run_{source.name}")
    assert run.failure is None, run.failure.reason + run.failure.traceback


def test_there_are_solutions_in_code():
    assert TEXTS
