"""The page of errors against the source that raises them."""

import ast
import re

import pytest

from helpers.commands import run_command
from inspection.datasets.faults import KINDS
from inspection.publishing import error_guide, error_sources

SOURCE = """
class OwnError(errors.UserError):
    pass

def read(path, names):
    hint = f"one of {', '.join(names)}"
    if not path:
        raise errors.DatasetError(f"0 files in {path.parent}" + "; look again")
    if names:
        return OwnError(f"{path.name!r} is none: take {hint}")
    raise ValueError("not for users")
"""


def test_messages_are_found_where_they_are_made():
    tree = ast.parse(SOURCE)
    names = error_sources.user_errors([tree]) | {"DatasetError"}
    assert names == {"UserError", "OwnError", "DatasetError"}
    assert error_sources.messages_of(tree, names) == [
        "0 files in <parent>; look again",
        "<name> is none: take one of <names>",
    ]


def test_all_of_the_package_is_read():
    found = error_sources.find_messages()
    assert len(found) > 150
    parts = {message.module.split(".")[0] for message in found}
    assert {"datasets", "detection", "segmentation", "deploy", "tflite"} <= parts
    texts = [message.text for message in found]
    assert "0 pictures found in <folder>" in texts


def test_page_is_in_step():
    page = error_guide.PAGE.read_text(encoding="utf-8")
    assert page == error_guide.guide_text(), "run: python tools/build_error_guide.py"


def test_every_message_and_every_fault_is_on_the_page_once():
    page = error_guide.PAGE.read_text(encoding="utf-8")
    lines = page.splitlines()
    texts = {message.text for message in error_sources.find_messages()}
    assert [text for text in texts if lines.count(text) != 1] == []
    titles = [error_guide.in_table(kind.title) for kind in KINDS.values()]
    assert [title for title in titles if f"| {title} |" not in page] == []


def test_contents_lead_to_headings():
    page = error_guide.PAGE.read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    anchors = {error_guide.anchor(heading) for heading in headings}
    links = re.findall(r"\]\(#(.+?)\)", page)
    assert links and set(links) <= anchors


@pytest.fixture
def one_more(monkeypatch):
    known = error_sources.find_messages()
    new = error_sources.ErrorMessage("datasets.new", "quite another <thing>")
    monkeypatch.setattr(error_guide, "find_messages", lambda: [*known, new])


def test_a_message_without_explanation_is_named(one_more, monkeypatch, capsys):
    status, _, _ = run_command(monkeypatch, capsys, "build_error_guide", "--check")
    assert "datasets.new: quite another <thing>" in status


def test_an_explanation_without_message_is_named(monkeypatch):
    monkeypatch.setattr(error_guide, "find_messages", lambda: [])
    with pytest.raises(ValueError, match="no longer in the source: .*shards"):
        error_guide.guide_text()
