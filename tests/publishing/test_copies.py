"""Copies of the notebooks: the student edition, and what copies are made with."""

import nbformat
import pytest

from helpers.commands import run_command
from inspection.publishing import editions, notebook_sync, runner

PROSE = """# 09 · A try

[![Open in Colab](https://x/badge.svg)](https://colab.research.google.com/x) · 3 minutes

![a try](attachment:cover.jpg)

See [02](02_train.ipynb#data), [the data](../data/README.md) and [a site](https://x.org).

**1.** Why?

<details><summary>Solution</summary>

Because.

</details>

**2.** And then?
"""


@pytest.fixture
def notebook():
    cell = nbformat.v4.new_code_cell("1", execution_count=3)
    cell.outputs = [nbformat.v4.new_output("stream", text="1")]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(PROSE), cell])


def test_solutions_are_removed_and_questions_stay(notebook):
    assert editions.strip_solutions(notebook) == 1
    text = notebook.cells[0].source
    assert "Because" not in text and "details" not in text
    assert "**1.** Why?\n\n**2.** And then?" in text


def test_outputs_and_counts_are_removed(notebook):
    editions.strip_outputs(notebook)
    assert notebook.cells[1].outputs == [] and notebook.cells[1].execution_count is None


def test_badge_and_cover_are_removed_alone(notebook):
    editions.strip_badge(notebook)
    editions.strip_cover(notebook)
    text = notebook.cells[0].source
    assert text.startswith("# 09 · A try\n\n3 minutes\n\nSee [02]")


def test_links_follow(notebook):
    editions.move_links(notebook, "../../notebooks", {"03_other.ipynb"})
    text = notebook.cells[0].source
    assert "](../../notebooks/02_train.ipynb#data)" in text
    assert "](../../data/README.md)" in text
    assert "](https://x.org)" in text and "](attachment:cover.jpg)" in text
    editions.move_links(notebook, "..", {"../../notebooks/02_train.ipynb"})
    assert "](../../notebooks/02_train.ipynb#data)" in notebook.cells[0].source


def test_values_change_and_comments_stay_in_a_column():
    source = 'A = "ä"   # one\nLONG = 2  # two\n\nB = {\n    1: 2,\n}\nC = 3  # three'
    changed = editions.set_values(source, {"A": "read('é')", "C": "4", "D": "5"})
    assert changed == (
        "A = read('é')  # one\nLONG = 2       # two\n\nB = {\n    1: 2,\n}\nC = 4  # three"
    )
    with pytest.raises(ValueError, match="more than one line"):
        editions.set_values(source, {"B": "1"})


def test_student_edition_of_all_notebooks(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "for Monday ü"
    flags = ("--output", folder)
    _, out, _ = run_command(monkeypatch, capsys, "make_student_edition", *flags)
    texts = runner.find_notebooks((), notebook_sync.TEXTS, ".py")
    assert f"wrote {len(texts)} notebooks" in out
    for text in texts:
        edition = nbformat.read(
            folder / notebook_sync.notebook_of(text).name, as_version=4
        )
        prose = "\n".join(cell.source for cell in editions.texts_of(edition))
        assert "Solution" not in prose and "details>" not in prose
        assert "## Exercises" in prose and "## Where to go next" in prose
        links = [link.split("#")[0] for link in editions.LINK.findall(prose)]
        assert [link for link in links if not (folder / link).exists()] == []
        assert not any(cell.get("outputs") for cell in edition.cells)
        assert "cover.jpg" in edition.cells[0].attachments
        original = nbformat.read(notebook_sync.notebook_of(text), as_version=4)
        notebook_sync.drop_claims(original)
        assert len(edition.cells) == len(original.cells)
