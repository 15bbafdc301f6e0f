"""The bar is drawn for people alone, and not where it was switched off."""

import sys

import pytest

from inspection.common import progress


@pytest.fixture
def place(monkeypatch):
    """Return a function that sets where the bar is drawn."""

    def set_place(terminal=False, notebook=False, switched_off=False):
        monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
        monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
        monkeypatch.delenv("TQDM_DISABLE", raising=False)
        if notebook:
            monkeypatch.setitem(sys.modules, "ipykernel", object())
        if switched_off:
            monkeypatch.setenv("TQDM_DISABLE", "1")

    return set_place


@pytest.mark.parametrize(
    "where, quiet",
    [
        ({}, True),  # a file or a pipe
        ({"terminal": True}, False),
        ({"notebook": True}, False),
        ({"terminal": True, "switched_off": True}, True),
        ({"notebook": True, "switched_off": True}, True),
    ],
)
def test_where_the_bar_is_drawn(place, where, quiet):
    place(**where)
    bar = progress.bar(range(3))
    assert bar.disable is quiet
    assert list(bar) == [0, 1, 2]
