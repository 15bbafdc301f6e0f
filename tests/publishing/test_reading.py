"""What notebooks say to those who choose one, and to those who cannot see it."""

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from inspection.course import headline, plots
from inspection.course.alt_text import LONGEST, alt_text
from inspection.publishing import contents, notebook_sync, reading

TITLE = """# 09 · A try

[![Open in Colab](https://x/badge.svg)](https://colab.research.google.com/x)
· quick: 3 minutes on two cores,
2 GB; full: an hour on a GPU · you need: nothing

![what "it" is](attachment:cover.jpg)

What it is about.
"""


@pytest.fixture
def notebook():
    cells = [nbformat.v4.new_markdown_cell(TITLE)]
    cells.append(nbformat.v4.new_markdown_cell("word " * 400))
    cells.append(nbformat.v4.new_code_cell("x = 1\n\n" * 30))
    for name, note in (("count", ""), ("mAP", "quick mode"), ("size", "")):
        data = {headline.MIME: {"name": name, "value": "7", "note": note}}
        cells[-1].outputs.append(nbformat.v4.new_output("display_data", data=data))
    return nbformat.v4.new_notebook(cells=cells)


def test_facts_of_a_notebook(notebook, tmp_path):
    assert reading.minutes(notebook) == 4
    folded = nbformat.v4.new_code_cell("assert x\n" * 60, metadata={"tags": ["claims"]})
    notebook.cells.append(folded)
    assert reading.minutes(notebook) == 4
    notebook.cells.pop()
    line = "quick: 3 minutes on two cores, 2 GB; full: an hour on a GPU"
    assert reading.costs(notebook) == line
    assert reading.cover_text(notebook) == "what &quot;it&quot; is"
    nbformat.write(notebook, tmp_path / "09_try.ipynb")
    row = contents.gallery_row(tmp_path / "09_try.ipynb")
    assert "4 minutes to read<br>quick: 3 minutes on two cores, 2 GB<br>full:" in row
    assert row.endswith("<br>quick mode, mAP: 7 |\n") and row.count("\n") == 1
    row = contents.list_row(tmp_path / "09_try.ipynb")
    link = "[09 · A try](notebooks/09_try.ipynb)"
    assert row == f"| {link} | what &quot;it&quot; is | 3 minutes |\n"


def test_a_notebook_without_its_time_is_named(notebook, tmp_path):
    notebook.cells[0].source = TITLE.replace("3 minutes on two cores", "a while")
    nbformat.write(notebook, tmp_path / "09_try.ipynb")
    with pytest.raises(ValueError, match="09_try.ipynb: .* no time on two cores"):
        contents.list_row(tmp_path / "09_try.ipynb")


def test_a_chart_in_words():
    figure, axis = plt.subplots()
    axis.plot([1, 2], label="leak")
    axis.legend()
    plots.label(axis, "The losses", "step", "loss")
    assert alt_text(figure) == "chart: The losses, loss against step, for leak"


def test_pictures_in_words():
    plots.show_images([np.zeros((200, 300, 3), np.uint8)] * 3, ["one", "two", "two"])
    assert alt_text(plt.gcf()) == "3 pictures: one; two"
    plots.show_images([np.zeros((200, 300, 3), np.uint8)] * 3)
    assert alt_text(plt.gcf()) == "3 pictures"


def test_boxes_in_words():
    boxes = [np.array([[0, 0, 0.5, 0.5]]), np.zeros((0, 4))]
    plots.show_boxes([np.zeros((200, 300, 3), np.uint8)] * 2, boxes, [[1], []])
    assert alt_text(plt.gcf()) == "2 pictures: 1 box; 0 boxes"


def test_a_title_on_the_left_counts_and_long_ones_are_cut():
    figure, axis = plt.subplots()
    axis.plot([1, 2])
    axis.set_title("word " * 200, loc="left")
    figure.suptitle("All")
    text = alt_text(figure)
    assert text.startswith("All chart: word word")
    assert text.endswith("word ...") and len(text) <= LONGEST


@pytest.mark.parametrize("side, kind", [(4, "image/png"), (200, "image/jpeg")])
def test_words_are_stored_beside_the_figure(monkeypatch, side, kind):
    shell = InteractiveShell()
    monkeypatch.setattr(plots, "get_ipython", lambda: shell)
    plots.store_photographs_small()
    plots.show_images([np.zeros((side, side), np.uint8)], ["dark"])
    data, metadata = shell.display_formatter.format(plt.gcf())
    assert [name for name in data if name.startswith("image/")] == [kind]
    metadata["needs_background"] = "light"
    output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
    (kept,) = notebook_sync.tidy_outputs([output])
    assert kept.metadata == {kind: {"alt": "picture: dark"}}


def test_bars_are_not_stored():
    bar = {
        notebook_sync.WIDGET: {"model_id": "1"},
        "text/plain": "drawing:   0%|   | 0/80",
    }
    outputs = [
        nbformat.v4.new_output("display_data", data=bar),
        nbformat.v4.new_output("display_data", data={"text/plain": "leak"}),
    ]
    (kept,) = notebook_sync.tidy_outputs(outputs)
    assert kept.data["text/plain"] == "leak"
