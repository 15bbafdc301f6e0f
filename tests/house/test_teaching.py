"""What the notebooks teach, counted; and the words that they explain."""

import re

import pytest

import measure_teaching as teaching
from helpers import ROOT
from inspection.publishing import notebook_sync, runner

TEXT = """# %% [markdown]
# # 99 · A try
#
# A box (*bounding box*) costs $5, or $x + 1$, or
# $$y = \\frac{a}{b}$$
#
# 1. A 2001, B, [arXiv:1](https://arxiv.org/abs/1)
#
# **1.** Write it. Do.
#
# <details><summary>Solution</summary>
#
# ```python
# a = 1
# ```
#
# </details>
#
# **2.** By hand. And?
#
# <details><summary>Solution</summary>
#
# No code.
#
# </details>

# %%
x = layers.Conv2D(3, 3)(layers.ReLU()(x))

# %% tags=["claims"]
if True:
    claims.hold([
        ("a box costs five", 5, 4, 6),
        ("and nothing else", True),
    ])
"""


def test_counts_of_a_notebook(tmp_path):
    text = tmp_path / "99_a_try.py"
    text.write_text(TEXT, encoding="utf-8")
    values = teaching.measure(text)
    assert values | {"words": 1, "minutes to read": 1} == {
        "formulas": 2,
        "references": 1,
        "layers": 2,
        "claims": 2,
        "exercises": 2,
        "solutions run": 1,
        "words": 1,
        "cells": 3,
        "minutes to read": 1,
    }
    assert teaching.kinds_of(text) == {"Write it", "By hand"}


@pytest.mark.parametrize("name", ["00_a_try.py", "02_a_try.py", "09_a_try.py"])
def test_a_notebook_that_falls_short_is_named(tmp_path, name):
    text = tmp_path / name
    text.write_text(TEXT, encoding="utf-8")
    (line,) = teaching.lacking({text: teaching.measure(text)})
    assert name in line and "references" in line
    assert "Predict" in line and "solutions that run" in line


def test_no_notebook_falls_short():
    measured = teaching.measure_all()
    assert teaching.lacking(measured) == []
    assert max(values["cells"] for values in measured.values()) <= 60
    assert max(values["minutes to read"] for values in measured.values()) <= 30
    page = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    assert page == teaching.page_of(measured), "run: python tools/measure_teaching.py"


GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?!word|-)([^|]+?) \| ([^|]+) \| (.+) \|$", GLOSSARY, re.M)


def test_glossary_is_in_order_and_each_word_once():
    words = [word for word, _, _ in ROWS]
    assert len(words) > 40 and words == sorted(set(words), key=str.casefold)


@pytest.mark.parametrize("word, meaning, links", ROWS, ids=[row[0] for row in ROWS])
def test_a_word_is_used_where_the_glossary_leads(word, meaning, links):
    assert len(meaning) > 20
    ways = teaching.words_of(GLOSSARY)[word]
    for name in re.findall(r"notebooks/(\w+)\.ipynb", links):
        text = notebook_sync.TEXTS / f"{name}.py"
        cells = notebook_sync.read_text(text).cells
        prose = " ".join(" ".join(cell.source for cell in cells).split())
        assert teaching.uses(prose, ways), f"{text.name} does not say {word}"


def test_the_glossary_leads_to_every_notebook_and_back():
    for text in runner.find_notebooks((), notebook_sync.TEXTS, ".py"):
        assert f"notebooks/{text.stem}.ipynb" in GLOSSARY
        end = text.read_text(encoding="utf-8").split("## Where to go next")[1]
        assert "glossary.md" in end, text.name


def test_the_first_cell_of_code_is_the_same_in_every_notebook():
    texts = runner.find_notebooks((), notebook_sync.TEXTS, ".py")
    cells = [notebook_sync.read_text(text).cells for text in texts]
    setups = {[c for c in one if c.cell_type == "code"][0].source for one in cells}
    assert len(setups) == 1


def test_notebooks_lead_to_the_next():
    texts = runner.find_notebooks((), notebook_sync.TEXTS, ".py")
    for text, following in zip(texts, texts[1:]):
        end = text.read_text(encoding="utf-8").split("## Where to go next")[1]
        assert f"]({following.stem}.ipynb)" in end.replace("\n# ", " "), text.name
