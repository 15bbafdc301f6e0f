"""Building a notebook from its text: only a whole one is stored."""

import pytest

from inspection.publishing import notebook_sync, runner

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
    monkeypatch.setattr(notebook_sync, "HALF_BUILT", tmp_path / "build")
    monkeypatch.setattr(notebook_sync, "add_cover", lambda notebook, name: None)
    source = tmp_path / "00_title.py"
    source.write_text(TEXT, encoding="utf-8")
    return source


def test_stores_a_notebook_with_its_outputs(text):
    run = notebook_sync.build(text)
    assert (run.name, run.failure) == ("00_title", None)
    assert notebook_sync.is_in_step(text)
    assert "42" in notebook_sync.notebook_of(text).read_text(encoding="utf-8")


def test_nothing_half_built_lies_among_the_notebooks(text, monkeypatch):
    seen = []

    def cut_off(source, *rest):
        seen.extend(runner.NOTEBOOKS.iterdir())
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "run_notebook", cut_off)
    with pytest.raises(KeyboardInterrupt):
        notebook_sync.build(text)
    assert seen == []


def test_keeps_the_stored_notebook_where_the_new_one_fails(text):
    notebook_sync.build(text)
    before = notebook_sync.notebook_of(text).read_bytes()
    text.write_text(FAILS, encoding="utf-8")
    run = notebook_sync.build(text)
    assert "ZeroDivisionError" in run.failure.reason
    assert notebook_sync.notebook_of(text).read_bytes() == before
    assert not list(notebook_sync.HALF_BUILT.iterdir())
