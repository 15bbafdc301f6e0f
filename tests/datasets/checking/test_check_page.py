"""The HTML report: a page of its own, with every fault and its picture."""

import re
from dataclasses import replace

from helpers.sets.voc_sets import BOXES, leak_boxes

LEAK, PUDDLE = BOXES


def test_page_needs_no_other_file(voc_set, run, tmp_path):
    voc_set.add(
        "<b>", boxes=[replace(LEAK, name="<leak>"), *leak_boxes({"xmax": 4, "ymax": 6})]
    )
    page = tmp_path / "out" / "report.html"
    _, out, _ = run("--html", page)
    assert f"wrote {page}" in out
    text = page.read_text(encoding="utf-8")
    assert "&lt;leak&gt;" in text and "<leak>" not in text
    assert text.count('src="data:image/jpeg;base64,') >= 5
    assert not re.search(r"""(src|href)=["'](?!data:)""", text)
    assert [path.name for path in page.parent.iterdir()] == ["report.html"]


def test_page_shows_faults_without_a_readable_picture(voc_set, run, tmp_path):
    voc_set.add("x", b"no picture")
    page = tmp_path / "report.html"
    run("--html", page)
    assert "is no picture" in page.read_text(encoding="utf-8")
