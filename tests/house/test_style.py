"""The command that measures style, on sources whose measures are known."""

import pytest

import measure_style as style
from inspection.publishing import notebook_sync, runner

SOURCE = '''"""A module. {long}"""

NAME = "x"  # why


def short(a):
    """Return it."""
    return a


def longer(a, b):
    # because
    total = a
    total += b
    return total
'''


@pytest.fixture
def module(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(SOURCE.format(long="w" * 80), encoding="utf-8")
    return style.measure_module(path)


def test_measures_of_a_module(module):
    assert module == {
        "lines": 15,
        "function median": 0,  # of two functions it says nothing
        "function max": 5,
        "comments %": 20.0,
        "public without docstring": 1,
        "code width": 17,
        "prose width": 96,
    }


def test_what_lies_outside_is_named_with_its_reason(module):
    found = style.outside("scripts/inspection/a/module.py", style.MODULE, module)
    assert {measure: why is not None for measure, _, _, why in found} == {
        "lines": True,
        "comments %": False,
        "public without docstring": False,
    }
    command = style.outside("scripts/module.py", style.MODULE, module)
    reasons = {measure: why for measure, _, _, why in command}
    assert "--help" in reasons["public without docstring"]


def test_measures_of_a_notebook():
    (text,) = runner.find_notebooks(["00"], notebook_sync.TEXTS, ".py")
    values = style.measure_notebook(text)
    assert set(values) == {target.name for target in style.NOTEBOOK}
    assert 20 < values["cells"] < 40 and values["other headings"] == 0
    assert values["settings without a why"] == 0


def test_percentile_and_share():
    assert style.percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9) == 10
    assert style.share(1, 8) == 12.5 and style.share(1, 0) == 100.0


def test_every_file_without_reason_is_counted(module, capsys):
    measured = {"scripts/inspection/a/module.py": (style.MODULE, module)}
    assert style.report(measured) == 2
    said = capsys.readouterr().out
    assert "2 measures outside without a reason" in said
    assert "one topic" in said
