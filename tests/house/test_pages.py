"""The pages: what they link to, show and name is there; the front page is short."""

import re

import pytest
import yaml

from helpers import ROOT
from helpers.source_tree import FLOORS, PACKAGE, name_of
from inspection.publishing import error_guide

README = ROOT / "README.md"
LONGEST_README = 8192  # bytes
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("notebooks/*.md"),
        *ROOT.glob("customTF2/README.md"),
        *ROOT.glob("data/*/README.md"),
    ]
)
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)|(?:src|href)=\"(?!https?:)(.+?)\"")
PYTHON_FILE = re.compile(r"(?<![\w*{}])(?:\w+/)*[a-z]\w*\.py\b")


def text_of(page):
    return page.read_text(encoding="utf-8")


def anchors_of(page):
    """Return the names by which links reach the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {error_guide.anchor(heading) for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_pictures_lead_somewhere(page):
    lost = []
    for link in (one or other for one, other in LINK.findall(text_of(page))):
        name, _, heading = link.partition("#")
        there = page.parent / name if name else page
        if not there.exists():
            lost.append(link)
        elif heading and (there.suffix != ".md" or heading not in anchors_of(there)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pictures_have_words(page):
    text = text_of(page)
    assert re.findall(r"!\[\]\(|<img(?![^>]*alt=\"[^\"]+\")[^>]*>", text) == []


def test_every_picture_is_shown():
    texts = [text_of(p) for p in [*PAGES, *ROOT.glob("notebooks/text/*.py")]]
    pictures = [p for p in (ROOT / "assets").rglob("*.*") if p.suffix != ".json"]
    assert len(pictures) > 15
    lost = [p.name for p in pictures if not any(p.name in text for text in texts)]
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_that_pages_name_are_there(page):
    known = {p.relative_to(ROOT).as_posix() for p in python_files()}
    names = set(PYTHON_FILE.findall(text_of(page)))
    # a bare name stands for a file of any folder, one with folders for that place
    lost = [n for n in names if not any(f"/{k}".endswith(f"/{n}") for k in known)]
    assert lost == []


def python_files():
    """Return the files of the repository that a page may name."""
    folders = ("scripts", "tools", "tests", "notebooks/text")
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py")]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_targets_that_pages_name_are_there(page):
    makefile = text_of(ROOT / "Makefile")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    text = text_of(page)
    named = re.findall(r"`make ([a-z]+)", text)
    named += re.findall(r"^make ([a-z]+)", text, re.MULTILINE)
    assert set(named) <= targets


def test_front_page_is_short_and_has_one_picture():
    text = text_of(README)
    assert len(text.encode()) <= LONGEST_README
    assert len(re.findall(r"<img|!\[", text)) == 1


def layout_block():
    """Return the lines of the block in README.md that shows the folders."""
    section = text_of(README).split("## How it is laid out")[1]
    return re.search(r"```text\n(.+?)```", section, re.DOTALL)[1].splitlines()


def folders_of(line, room):
    """Return the room that a line is about, and the folders that it names in it."""
    names = re.findall(r"(?:[\w.]+/)+", line)
    if re.match(r"  [a-z]", line):
        room, *names = [PACKAGE / names[0], *names[1:]]
        return room, [room, *(room / name for name in names)]
    if re.match(r"\S", line):
        return None, [ROOT / name for name in names]
    return room, [room / name for name in names]  # a line goes on


def test_folders_of_the_layout_are_there():
    room, shown = None, []
    for line in layout_block():
        room, folders = folders_of(line, room)
        shown += folders
    # what your own work is kept in is made when it is needed
    missing = {name_of(f) for f in shown if not f.is_dir()} - {"projects"}
    assert missing == set() and len(shown) > 40


def test_layout_shows_every_room_on_its_floor():
    blocks = "\n".join(layout_block()).split("\n\n")
    rooms = [
        set(re.findall(r"^  ([a-z]\w*)/", block, re.MULTILINE)) for block in blocks
    ]
    assert [floor for floor in rooms if floor] == FLOORS


def test_way_of_the_data_names_commands():
    way = re.search(r"```text\n(pictures.+?)```", text_of(README), re.DOTALL)[1]
    names = re.findall(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b|\bdetect\b|\bserve\b", way)
    assert len(names) > 7
    assert [n for n in names if not (ROOT / f"scripts/{n}.py").exists()] == []


def yaml_of(name):
    return yaml.safe_load(text_of(ROOT / name))


def test_a_bug_report_asks_for_what_finds_the_bug():
    form = yaml_of(".github/ISSUE_TEMPLATE/bug.yml")
    fields = {part["id"]: part for part in form["body"] if "id" in part}
    assert {"command", "error", "versions"} <= set(fields)
    assert "error:" in fields["error"]["attributes"]["label"]
    must = {n for n, f in fields.items() if f.get("validations", {}).get("required")}
    assert {"command", "error", "versions"} <= must


def test_actions_are_kept_up_to_date():
    (update,) = yaml_of(".github/dependabot.yml")["updates"]
    assert update["package-ecosystem"] == "github-actions"


def test_hooks_before_a_commit_run_what_there_is():
    hooks = [h for r in yaml_of(".pre-commit-config.yaml")["repos"] for h in r["hooks"]]
    assert {"ruff-check", "ruff-format", "notebooks"} <= {hook["id"] for hook in hooks}
    for hook in hooks:
        named = re.findall(r"\S+\.py", hook["entry"])
        assert [name for name in named if not (ROOT / name).exists()] == []


def test_hooks_use_one_version_of_ruff_that_of_the_environment():
    names = (".pre-commit-config.yaml", "requirements.txt", "constraints.txt")
    hooks, *others = (re.findall(r"\bruff==([\d.]+)", text_of(ROOT / n)) for n in names)
    assert len(hooks) == 2
    assert len({*hooks, *(version for found in others for version in found)}) == 1
