"""Sentences of the stored notebooks, held to the figures that are stored with them."""

import ast
import copy
import math

import nbformat
import pytest

from inspection.course import claims
from inspection.publishing import notebook_sync, runner

# but 08, a benchmark of two programs, which may be without one of them
TEXTS = [
    text
    for text in runner.find_notebooks((), notebook_sync.TEXTS, ".py")
    if runner.number_of(text) != "08"
]
MOST_CHANGED = 10


def stored(text):
    return nbformat.read(notebook_sync.notebook_of(text), as_version=4)


def prose_of(notebook):
    """Return the text cells as one line."""
    cells = (c.source for c in notebook.cells if c.cell_type == "markdown")
    return " ".join(" ".join(cells).split())


def sentences_of(text):
    """Return the first part of each claim in the cells of claims, as they are written."""
    found = []
    for cell in notebook_sync.read_text(text).cells:
        if not notebook_sync.holds_claims(cell):
            continue
        for node in ast.walk(ast.parse(cell.source)):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if named and node.func.attr == "hold":
                found += [ast.literal_eval(row.elts[0]) for row in node.args[0].elts]
    return found


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_claims_are_sentences_of_the_notebook(text):
    prose = prose_of(notebook_sync.read_text(text))
    found = sentences_of(text)
    assert len(found) >= 4
    assert [sentence for sentence in found if sentence not in prose] == []
    assert [sentence for sentence in found if len(sentence) < 12] == []


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_stored_figures_hold_every_sentence(text):
    rows = claims.collect(stored(text))
    assert [row["sentence"] for row in rows] == sentences_of(text)
    assert claims.broken(rows) == []


def moved(row):
    """Return a figure that contradicts a claim: just outside of its narrower side."""
    least, most = row["least"], row["most"]
    step = 1e-6 + 0.5 * abs(row["figure"])
    return least - step if least is not None else most + step


def rows_in(notebook):
    """Return the claims as they lie in the outputs, so that they can be changed there."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return [row for o in outputs for row in o.get("data", {}).get(claims.MIME, [])]


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.stem)
def test_every_changed_figure_names_its_sentence(text):
    notebook = copy.deepcopy(stored(text))
    for row in rows_in(notebook):
        row["figure"] = moved(row)
    said = claims.broken(claims.collect(notebook))
    wanted = sentences_of(text)
    assert len(said) == len(wanted)
    assert [s for s, line in zip(wanted, said) if f'"{s}"' not in line] == []


def test_ten_changed_figures_name_ten_sentences():
    notebooks = [copy.deepcopy(stored(text)) for text in TEXTS]
    rows = [row for notebook in notebooks for row in rows_in(notebook)]
    changed = rows[:: math.ceil(len(rows) / MOST_CHANGED)][:MOST_CHANGED]
    assert len(changed) == MOST_CHANGED
    for row in changed:
        row["figure"] = moved(row)
    said = [line for n in notebooks for line in claims.broken(claims.collect(n))]
    assert len(said) == MOST_CHANGED
    assert all(f'"{row["sentence"]}"' in line for row, line in zip(changed, said))


def test_a_run_with_another_figure_fails_and_names_the_sentence(tmp_path):
    code = (
        "import sys; sys.path.insert(0, '../scripts')\n"
        "from inspection.course import claims\n"
        "claims.hold([('half of them are found', 0.2, 0.4, 0.6)])"
    )
    cell = nbformat.v4.new_code_cell(code, metadata={"tags": ["claims"]})
    source = tmp_path / "one.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), source)
    run = runner.run_notebook(source, tmp_path / "run.ipynb")
    assert run.failure and "half of them are found" in run.failure.reason
