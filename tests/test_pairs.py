"""Building a notebook from its text: only a whole one is stored."""

import pytest

from inspection.course import pairs, runner

TEXT = """# %% [markdown]
# # 00 · A title
# %%
print(6 * 7)
"""
FAILS = TEXT.replace("6 * 7", "1 / 0")


@pytest.fixture
def text(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.setattr(runner, "NOTEBOOKS", folder)
    monkeypatch.setattr(pairs, "HALF_BUILT", tmp_path / "build")
    monkeypatch.setattr(pairs, "add_cover", lambda notebook, name: None)
    source = tmp_path / "00_title.py"
    source.write_text(TEXT, encoding="utf-8")
    return source


def test_stores_a_notebook_with_its_outputs(text):
    run = pairs.build(text)
    assert (run.name, run.failure) == ("00_title", None)
    assert pairs.is_in_step(text)
    assert "42" in pairs.notebook_of(text).read_text(encoding="utf-8")


def test_nothing_half_built_lies_among_the_notebooks(text, monkeypatch):
    seen = []

    def cut_off(source, *rest):
        seen.extend(runner.NOTEBOOKS.iterdir())
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run_notebook", cut_off)
    with pytest.raises(KeyboardInterrupt):
        pairs.build(text)
    assert seen == []


def test_keeps_the_stored_notebook_where_the_new_one_fails(text):
    pairs.build(text)
    before = pairs.notebook_of(text).read_bytes()
    text.write_text(FAILS, encoding="utf-8")
    run = pairs.build(text)
    assert "ZeroDivisionError" in run.failure.reason
    assert pairs.notebook_of(text).read_bytes() == before
    assert not list(pairs.HALF_BUILT.iterdir())
