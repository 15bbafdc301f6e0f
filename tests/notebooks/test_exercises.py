"""The solutions of exercises: which notebooks have them, and that tests run them.

They run at the end of their own notebook, in `pytest --nbval`: in its last cell, that of
the claims, on the figures of a whole training.
"""

import pytest

from helpers import ROOT
from helpers.commands import run_python
from inspection.course import solutions
from inspection.publishing import notebook_sync, runner

WITH_SOLUTIONS = [
    text
    for text in runner.find_notebooks((), notebook_sync.TEXTS, ".py")
    if solutions.read(text)
]


def test_there_are_solutions_in_code():
    numbers = {runner.number_of(text) for text in WITH_SOLUTIONS}
    assert numbers == {"00", "01", "01b", *(f"0{n}" for n in range(2, 10))}


@pytest.mark.parametrize("text", WITH_SOLUTIONS, ids=lambda path: path.stem)
def test_the_last_cell_of_code_runs_them(text):
    cells = notebook_sync.read_text(text).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    asked = f'solutions.run_if_wanted("{runner.number_of(text)}", globals())'
    assert notebook_sync.holds_claims(code[-1])
    assert asked in code[-1].source


@pytest.mark.parametrize("flags, told", [(["--nbval"], "1"), ([], "None")])
def test_pytest_asks_for_them_where_it_tests_notebooks(flags, told):
    code = "import os, sys, pytest; pytest.main(sys.argv[1:])\n"
    code += f"print('wanted:', os.environ.get({solutions.WANTED!r}))"
    # in a process of its own: the answer is what it leaves in its environment
    done = run_python(
        "-c", code, *flags, "--co", "-q", "tests/house/test_schedule.py", cwd=ROOT
    )
    assert f"wanted: {told}" in done.stdout, done.stderr


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """Write the text of a notebook 77 with two solutions; the second needs the first."""
    folder = tmp_path / "notebooks/text"
    folder.mkdir(parents=True)
    text = folder / "77_trial.py"
    text.write_text(
        "# %% [markdown]\n# <details><summary>Solution</summary>\n#\n"
        "# ```python\n# def twice(x):\n#     return 2 * x\n#\n# ```\n#\n# </details>\n"
        "#\n# ```python\n# raise RuntimeError('no solution')\n# ```\n#\n"
        "# <details><summary>Solution</summary>\n#\n# Words.\n#\n"
        "# ```python\n# assert twice(side) == 6\n# ```\n# </details>\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(solutions.paths, "ROOT", tmp_path)
    return text


def test_blocks_are_read_as_they_stand(notebook):
    first, second = solutions.read(notebook)
    assert first == "def twice(x):\n    return 2 * x\n\n"
    assert second == "assert twice(side) == 6\n"


def test_they_run_on_names_of_the_notebook(notebook, monkeypatch):
    monkeypatch.setenv(solutions.WANTED, "1")
    names = {"side": 3}
    solutions.run_if_wanted("77", names)
    assert names == {"side": 3}
    with pytest.raises(AssertionError):
        solutions.run_if_wanted("77", {"side": 4})
    monkeypatch.delenv(solutions.WANTED)
    solutions.run_if_wanted("77", {"side": 4})  # only tests pay for it
