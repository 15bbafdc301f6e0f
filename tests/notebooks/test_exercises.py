"""The solutions of exercises run, at the end of their notebook.

Notebooks that train do so briefly here: a solution is about the code, and what a whole
training comes to, nbval looks at.
"""

import re

import nbformat
import pytest

from inspection.course import paths
from inspection.publishing import notebook_sync, runner

SOLUTIONS = re.compile(r"<summary>Solution</summary>(.*?)</details>", re.DOTALL)
WALLS = {"mobilenetv2_035": "data/weights/walls.npz"}
BRIEFLY = {
    "02": {"STEPS": 20, "IMAGE_SIZE": 128},
    "03": {"SECONDS": 6, "ROUNDS": 3},
    "04": {"MODELS": {"quick": WALLS}, "TUNE_EPOCHS": 1},
    "06": {"EPOCHS": 2, "SIZE": 64},
    "07": {"EPOCHS": 1},
    "08": {"STEPS": 10, "IMAGE_SIZE": 128},
    "09": {"SIZE": 96},
}
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
        settings = BRIEFLY.get(runner.number_of(text))
        run = runner.run_notebook(source, tmp_path / f"run_{source.name}", settings)
    assert run.failure is None, run.failure.reason + run.failure.traceback


def test_there_are_solutions_in_code_in_every_notebook():
    assert TEXTS == runner.find_notebooks((), notebook_sync.TEXTS, ".py")
