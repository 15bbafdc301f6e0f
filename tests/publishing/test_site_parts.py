"""What the site makes of a run: of its failure, links, pictures, formulas, figures."""

import base64
import io
import os
from contextlib import redirect_stderr
from pathlib import Path

import lxml.html
import nbformat
import pytest
from PIL import Image

from helpers.commands import run_command
from helpers.notebooks import make_notebook
from inspection.course import headline
from inspection.publishing import runner
from inspection.publishing.runner import Failure, NotebookRun
from inspection.publishing.site import front, sources
from inspection.publishing.site.build import write_site
from inspection.publishing.usage import Usage


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    """Let the notebooks of a folder, which is returned, be all pages there are."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.setattr(runner.find_notebooks, "__defaults__", ((), folder, ".ipynb"))
    monkeypatch.setattr(sources, "find_pages", lambda root=None: [])
    return folder


def build(folder, runs=()):
    """Build a site; return {name: page} and what was warned of."""
    with redirect_stderr(io.StringIO()) as says:
        write_site(folder, runs)
    pages = {
        path.relative_to(folder).as_posix(): lxml.html.parse(path).getroot()
        for path in folder.rglob("*.html")
    }
    return pages, says.getvalue()


def run_of(path, **about):
    return NotebookRun(path.stem, nbformat.read(path, as_version=4), **about)


def article(page):
    """Return what a page says, without navigation."""
    return page.xpath("//article[contains(@class, 'bd-article')]")[0]


def test_a_failure_is_told_on_the_front_page_in_plain_text(notebooks, tmp_path):
    path = make_notebook(notebooks / "09_try.ipynb", "x / 0  # <tag>")
    failure = Failure(2, "x / 0  # <tag>", "ZeroDivisionError: by zero", "a\n\n```\nb")
    pages, _ = build(tmp_path / "site", [run_of(path, failure=failure)])
    says = article(pages["index.html"]).text_content()
    assert "1 stopped before the end" in says
    assert "Stopped in cell [2]." in says and "ZeroDivisionError" in says
    assert "x / 0  # <tag>" in says and "a\n\n```\nb" in says
    assert "09 · A try" in says and "What it is about." in says


def test_run_course_goes_on_after_a_failure(notebooks, tmp_path, monkeypatch, capsys):
    make_notebook(notebooks / "01_bad.ipynb", "1 / 0")
    make_notebook(notebooks / "02_good.ipynb", "print('there')")
    out = tmp_path / "out"
    before = dict(os.environ)
    status, printed, errors = run_command(
        monkeypatch, capsys, "run_course", "--output", out
    )
    assert status == 1 and errors == ""
    assert printed.splitlines()[-1] == f"open {out / 'index.html'}"
    bad, good = (
        lxml.html.parse(out / f"notebooks/{name}.html").getroot()
        for name in ("01_bad", "02_good")
    )
    assert "ZeroDivisionError" in article(bad).text_content()
    assert "there" in article(good).text_content()
    text = (out / "index.html").read_text(encoding="utf-8")
    assert "1 stopped before the end" in text
    assert dict(os.environ) == before


def test_what_did_not_run_is_shown_as_stored_and_said_to_be(notebooks, tmp_path):
    ran = make_notebook(notebooks / "01_one.ipynb", "1", title="# 01 · One\n\nRan.")
    make_notebook(notebooks / "02_two.ipynb", "2", title="# 02 · Two\n\nDid not.")
    pages, _ = build(tmp_path / "site", [run_of(ran, usage=Usage(35, 812e6))])
    says = " ".join(article(pages["index.html"]).text_content().split())
    assert "1 notebook in quick mode, 35 s in all. All ran to the end." in says
    assert "The other 1 did not run this time" in says
    assert "1 cells · 35 s · 812 MB at most" in says
    assert says.count("at most") == 1 and "02 · Two" in says


def test_a_new_site_takes_the_place_of_the_old_one(notebooks, tmp_path):
    site = tmp_path / "site"
    make_notebook(notebooks / "01_one.ipynb", "1")
    assert "notebooks/01_one.html" in build(site)[0]
    (site / "mine.txt").write_text("stays")
    (notebooks / "01_one.ipynb").rename(notebooks / "01_two.ipynb")
    pages, _ = build(site)
    assert "notebooks/01_two.html" in pages and "notebooks/01_one.html" not in pages
    assert (site / "mine.txt").read_text() == "stays"


LINKS = """# 09 · A try

[![Open in Colab](https://a/b.svg)](https://c/d.ipynb)
· quick: 2 minutes

![what will be there](attachment:cover.jpg) Look.

[the other](02_other.ipynb#setup), [a command](../scripts/detect.py),
![a page](../assets/web_page.jpg) and [none](../scripts/no_such.py)
"""


def test_links_pictures_and_badge(notebooks, tmp_path):
    path = make_notebook(notebooks / "01_one.ipynb", "1", title=LINKS)
    make_notebook(
        notebooks / "02_other.ipynb", "1", title="# 02 · Other\n\n## Setup\n\nNow."
    )
    run = run_of(path)
    run.notebook.cells[0].attachments = {"cover.jpg": {"image/jpeg": png("red")}}
    pages, says = build(tmp_path / "site", [run])
    page = article(pages["notebooks/01_one.html"])
    links = {a.text_content(): a.get("href") for a in page.iter("a")}
    assert links["Open in Colab"] == "https://c/d.ipynb"
    assert links["the other"] == "02_other.html#setup"
    assert links["a command"].endswith("/detect.py")
    assert (tmp_path / "site/notebooks" / links["a command"]).is_file()
    shown = {image.get("alt"): image.get("src") for image in page.iter("img")}
    assert set(shown) == {"what will be there", "a page"}
    assert all((tmp_path / "site/notebooks" / f).is_file() for f in shown.values())
    (line,) = says.splitlines()
    assert line.startswith("warning: notebooks/01_one.ipynb:")
    assert "../scripts/no_such.py" in line


def png(color):
    """Return a small picture as outputs and attachments hold it."""
    file = io.BytesIO()
    Image.new("RGB", (4, 4), color).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def test_pictures_of_outputs_have_their_words(notebooks, tmp_path):
    path = make_notebook(notebooks / "01_one.ipynb", "1")
    run = run_of(path)
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">\n</svg>\n'
    run.notebook.cells[1].outputs = [
        nbformat.v4.new_output(
            "display_data", {kind: content}, metadata={kind: {"alt": words}}
        )
        for kind, content, words in (
            ("image/png", png("red"), "all red"),
            ("image/png", png("blue"), 'blue, "deep" & <dark>'),
            ("image/svg+xml", svg, "nothing"),
        )
    ]
    pages, _ = build(tmp_path / "site", [run])
    shown = [i.get("alt") for i in article(pages["notebooks/01_one.html"]).iter("img")]
    assert shown == ["all red", 'blue, "deep" & <dark>', "nothing"]


FORMULAS = r"""# 09 · A try

In a line $\frac{1}{2} \le \mathrm{IoU}$, and alone

$$w \leftarrow w - \eta\,\frac{\partial L}{\partial w}$$

$$\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix} \qquad \hat{y} = \sigma(\mathbf{x}^\top w)$$
"""


def test_formulas_are_drawn_and_one_that_cannot_be_is_told(notebooks, tmp_path):
    make_notebook(notebooks / "01_one.ipynb", "1", title=FORMULAS)
    wrong = r"# 02 · Two" + "\n\n" + r"$$\nosuchthing{<1}$$"
    make_notebook(notebooks / "02_two.ipynb", "1", title=wrong)
    pages, says = build(tmp_path / "site")
    page = article(pages["notebooks/01_one.html"])
    inline, *blocks = page.iter("math")
    assert inline.get("display") is None and list(inline.iter("mfrac"))
    assert [block.get("display") for block in blocks] == ["block", "block"]
    assert len(list(blocks[1].iter("mtr"))) == 2
    assert "MathJax" not in lxml.html.tostring(pages["notebooks/01_one.html"]).decode()
    (line,) = says.splitlines()
    assert "notebooks/02_two.ipynb" in line and r"\nosuchthing" in line
    shown = article(pages["notebooks/02_two.html"]).text_content()
    assert r"\nosuchthing{<1}" in shown


def test_a_card_says_what_a_notebook_is_about_and_what_it_found(notebooks):
    run = run_of(make_notebook(notebooks / "09_try.ipynb", "1", title=LINKS))
    figure = {"name": "mAP", "value": "0.75", "note": ""}
    run.notebook.cells[1].outputs = [
        nbformat.v4.new_output("display_data", {headline.MIME: figure})
    ]
    found = front.card(run)
    assert found["title"] == "09 · A try" and found["alt"] == "what will be there"
    assert found["figures"] == [figure] and not found["cover"]


def test_pages_that_nobody_placed_come_last(monkeypatch):
    pages = ["docs/a_new_one.md", "docs/setup.md", "docs/errors.md", "README.md"]
    monkeypatch.setattr(sources, "find_pages", lambda: [Path(p) for p in pages])
    found = front.chapters([])
    assert found["Guides"] == ["docs/setup", "docs/errors", "docs/a_new_one"]
    assert found["About the course"] == ["README"]
