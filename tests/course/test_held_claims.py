"""Sentences held to figures: which are named when a figure moves."""

import ast
from pathlib import Path

import nbformat
import pytest

from inspection.course import claims, mode, own_set
from inspection.publishing import notebook_sync, runner

CLAIMS = [
    ("most of them are found", 0.8, 0.7, 0.9),
    ("no slower than before", 3.0, None, 4),
    ("at least twice as many", 2.5, 2, None),
    ("the first is the best", True),
]


@pytest.mark.parametrize(
    ("place", "wrong", "word"),
    [(0, 0.95, "at most 0.9"), (1, 5.0, "at most 4"), (2, 1.9, "at least 2")],
)
def test_a_figure_outside_names_its_sentence(place, wrong, word):
    rows = [claims.as_row(*claim) for claim in CLAIMS]
    assert claims.broken(rows) == []
    rows[place]["figure"] = wrong
    (line,) = claims.broken(rows)
    assert CLAIMS[place][0] in line and word in line and f"{wrong:.4g}" in line


def test_nan_and_what_is_no_longer_so_are_named():
    rows = [claims.as_row("as many", float("nan"), 0, None), claims.as_row("so", False)]
    lines = claims.broken(rows)
    assert "as many" in lines[0] and "nan" in lines[0]
    assert lines[1] == '"so" is not so any more'


def test_all_broken_sentences_are_named_at_once():
    with pytest.raises(AssertionError) as raised:
        claims.hold([("one", 1, 2, 3), ("two", 5, 2, 3), ("three", 2, 2, 3)])
    assert "one" in str(raised.value) and "two" in str(raised.value)
    assert "three" not in str(raised.value)


def test_claims_stay_in_the_output(tmp_path):
    cell = nbformat.v4.new_code_cell(
        "import sys; sys.path.insert(0, '../scripts')\n"
        "from inspection.course import claims\n"
        f"claims.hold({CLAIMS!r})"
    )
    source = tmp_path / "claims.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), source)
    run = runner.run_notebook(source, tmp_path / "run.ipynb")
    assert run.failure is None
    rows = claims.collect(run.notebook)
    assert [row["sentence"] for row in rows] == [claim[0] for claim in CLAIMS]
    assert [row["figure"] for row in rows] == [0.8, 3.0, 2.5, 1.0]


TEXTS = runner.find_notebooks((), notebook_sync.TEXTS, ".py")
CLAIMING = [t for t in TEXTS if "tell_of_this_run" in t.read_text(encoding="utf-8")]


def settings_of(cells):
    """Return what the settings cell of a notebook names, {name: value}."""
    (cell,) = [c for c in cells if "parameters" in c.metadata.get("tags", [])]
    names = {}
    exec(cell.source, names)
    return names


def targets(statement):
    """Return the names that a statement binds."""
    return {n.id for t in statement.targets for n in ast.walk(t) if hasattr(n, "id")}


def change_settings(cells, names):
    """Run the statements of a notebook's code that bind one of its settings anew."""
    settings = {name for name in names if name.isupper()}
    names |= {"mode": mode, "own_set": own_set, "made": None}
    code = [c for c in cells if c.cell_type == "code"]
    code = [c for c in code if "parameters" not in c.metadata.get("tags", [])]
    for statement in (s for c in code for s in ast.parse(c.source).body):
        if isinstance(statement, ast.Assign) and targets(statement) & settings:
            exec(ast.unparse(statement), names)


@pytest.mark.parametrize("text", CLAIMING, ids=lambda path: path.stem)
def test_sentences_tell_of_the_stored_settings_alone(text):
    number = text.stem.split("_")[0]
    cells = notebook_sync.read_text(text).cells
    names = settings_of(cells)
    other = names | {"MODE": "full"}
    assert claims.tell_of_this_run(number, names)
    assert not claims.tell_of_this_run(number, other)
    change_settings(cells, names)
    assert claims.tell_of_this_run(number, names)


def test_a_picked_setting_is_the_same_in_its_own_mode_alone():
    both = {"quick": "data/leaks/images", "full": "bccd"}
    assert claims.same(both, both, "quick")
    assert claims.same("data/leaks/images", both, "quick")
    assert claims.same(Path("data/leaks/images"), both, "quick")
    assert not claims.same("bccd", both, "quick")
    assert not claims.same(Path("my/pictures"), both, "quick")
    shares = {"val": 0.1, "test": 0.2}  # a setting that does not ask for the mode
    assert claims.same(shares, dict(shares), "quick")
    assert not claims.same({"val": 0.1, "test": 0.3}, shares, "quick")


def test_an_opened_folder_is_the_same_setting():
    assert claims.same(Path("data/rust/masks"), "data/rust/masks")
    assert not claims.same(Path("data/rust/images"), "data/rust/masks")
    assert claims.same({"quick": 3}, {"quick": 3}) and not claims.same(3, "3.0")
