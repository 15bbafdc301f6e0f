"""The notebooks as they are stored; `pytest --nbval notebooks` runs them."""

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

from helpers.commands import run_python
from inspection.course import paths
from inspection.datasets import voc
from inspection.publishing import notebook_sync, reading, runner

TEXTS = runner.find_notebooks(folder=notebook_sync.TEXTS, suffix=".py")
LONGEST_CELL = 25
SHORTEST_ALT = 15
STRIPPED_BYTES = 50_000
STORED_BYTES = 3_000_000
HEADINGS = ["Setup", "Settings", "Data", "Summary", "Exercises", "Where to go next"]
OF_THE_WORK = ["Model", "Train", "Evaluate", "Use it"]  # where there is such a part
ALL_HEADINGS = HEADINGS[:3] + OF_THE_WORK + HEADINGS[3:]
MACHINE_PATH = re.compile(r"(?<![\w.])(/home/|/root/|/Users/|/work/|/tmp/|[A-Z]:\\\\)")
LINK = re.compile(r"\]\((?!https?:|attachment:|#)([^)\s]+)\)")


@pytest.fixture(params=TEXTS, ids=lambda path: path.stem)
def text(request):
    return request.param


@pytest.fixture
def notebook(text):
    return nbformat.read(notebook_sync.notebook_of(text), as_version=4)


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose_of(notebook):
    return "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")


def tagged(notebook, tag):
    return [c for c in notebook.cells if tag in c.metadata.get("tags", [])]


def test_there_are_notebooks():
    assert TEXTS


def test_every_notebook_has_a_text():
    assert {p.stem for p in runner.find_notebooks()} == {p.stem for p in TEXTS}


def test_pair_is_in_step(text):
    assert notebook_sync.is_in_step(text), "run: make notebooks"


def test_ran_from_top_to_bottom_without_errors(notebook):
    code = code_of(notebook)
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = [o.output_type for cell in code for o in cell.outputs]
    assert "error" not in kinds
    assert [o.text for c in code for o in c.outputs if o.get("name") == "stderr"] == []


def test_set_up_cell_is_the_same_in_all(notebook):
    first = nbformat.read(notebook_sync.notebook_of(TEXTS[0]), as_version=4)
    set_up = code_of(notebook)[0].source
    assert set_up == code_of(first)[0].source
    assert f'"{paths.REPOSITORY}"' in set_up


def test_title_cell(text, notebook):
    title = notebook.cells[0]
    assert title.source.startswith(f"# {runner.number_of(text)} · ")
    repository = paths.REPOSITORY.removeprefix("https://")
    badge = (
        repository.replace("github.com", "github") + f"/blob/main/notebooks/{text.stem}"
    )
    assert f"colab.research.google.com/{badge}.ipynb" in title.source
    assert "attachment:cover.jpg" in title.source
    assert title.attachments["cover.jpg"]["image/jpeg"]


def test_settings_cell_holds_constants_with_reasons(notebook):
    (settings,) = tagged(notebook, "parameters")
    assert 'MODE = "quick"' in settings.source
    for statement in ast.parse(settings.source).body:
        assert isinstance(statement, ast.Assign)
        assert statement.targets[0].id.isupper()
    lines = [line for line in settings.source.splitlines() if " = " in line]
    assert [line for line in lines if "#" not in line] == []


def test_headings_come_in_order(notebook):
    found = re.findall(r"^## (.+)$", prose_of(notebook), re.MULTILINE)
    assert [heading for heading in found if heading in HEADINGS] == HEADINGS
    assert len(re.findall(r"^# ", prose_of(notebook), re.MULTILINE)) == 1


def test_headings_are_the_same_in_all(notebook):
    found = re.findall(r"^## (.+)$", prose_of(notebook), re.MULTILINE)
    assert found == [heading for heading in ALL_HEADINGS if heading in found]


def test_title_cell_says_what_it_costs(notebook):
    costs = reading.costs(notebook)
    assert re.search(r"\d+ (second|minute)s? on two cores, \d[.\d]* GB", costs)
    assert "; full: " in costs or "alike in both modes" in costs
    assert reading.cover_text(notebook)
    assert 5 <= reading.minutes(notebook) <= 30, "one sitting"


def test_pictures_in_prose_have_alternative_text(notebook):
    prose = prose_of(notebook)
    assert re.findall(r"!\[\s*\]\(", prose) == []
    images = re.findall(r"<img [^>]*>", prose)
    assert [tag for tag in images if not re.search(r'alt="[^"]+"', tag)] == []


def test_figures_have_alternative_text(notebook):
    outputs = [output for cell in code_of(notebook) for output in cell.outputs]
    without = [
        list(output.data)
        for output in outputs
        for kind in output.get("data", {})
        if kind.startswith("image/")
        and len(output.metadata.get(kind, {}).get("alt", "")) < SHORTEST_ALT
    ]
    assert without == [], "run: make notebooks"


def test_cells_are_short(notebook):
    shown = [c for c in code_of(notebook) if not notebook_sync.holds_claims(c)]
    assert max(len(c.source.splitlines()) for c in shown) <= LONGEST_CELL


def test_size(text, notebook):
    assert notebook_sync.notebook_of(text).stat().st_size < STORED_BYTES
    for cell in notebook.cells:
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            cell.outputs = []
    assert len(nbformat.writes(notebook).encode()) < STRIPPED_BYTES


def test_holds_no_machine_path(notebook):
    kept = [c.source for c in notebook.cells]
    for cell in code_of(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            kept += [v for k, v in data.items() if not k.startswith("image/")]
            kept.append(output.get("text", ""))
    assert MACHINE_PATH.findall(json.dumps(kept)) == []


def test_links_lead_somewhere(text, notebook):
    folder = notebook_sync.notebook_of(text).parent
    links = [link.split("#")[0] for link in LINK.findall(prose_of(notebook))]
    assert [link for link in links if not (folder / link).exists()] == []


def test_exercises_have_folded_solutions(notebook):
    exercises = prose_of(notebook).split("## Exercises")[1]
    questions = len(re.findall(r"^\*\*\d+\.\*\*", exercises, re.MULTILINE))
    assert questions >= 2
    assert exercises.count("<details><summary>Solution</summary>") == questions


def test_voice(notebook):
    prose = re.sub(r"!\[|`[^`]*`|```.*?```", "", prose_of(notebook), flags=re.DOTALL)
    assert re.findall(r"!|\bsimply\b|\bas you can see\b", prose, re.IGNORECASE) == []
    assert not any(ord(sign) > 0x2FFF for sign in prose), "no emoji"


def test_no_paragraph_waits_to_be_written(notebook):
    assert re.findall(r"^[A-Z][A-Z0-9-]{3,}$", prose_of(notebook), re.MULTILINE) == []


def test_text_files_are_named_like_their_title(text):
    assert re.fullmatch(r"\d\d[a-z]?_[a-z0-9_]+", Path(text).stem)


def bccd_settings(shared_data):
    """Return the settings of notebook 00 for the blood cells of BCCD."""
    return {
        "IMAGES": str(shared_data / "bccd" / "images"),
        "ANNOTATIONS": str(shared_data / "bccd" / "annotations"),
        "CLASSES": ["WBC", "RBC", "Platelets"],
        "PICTURE": "BloodImage_00001",
    }


def test_notebook_00_runs_on_other_pictures(shared_data, tmp_path):
    source = runner.NOTEBOOKS / "00_start_here.ipynb"
    run = runner.run_notebook(
        source, tmp_path / "out.ipynb", bccd_settings(shared_data)
    )
    assert run.failure is None
    (boxed,) = tagged(run.notebook, "cover")
    assert boxed.outputs


def test_notebook_00_runs_on_a_scene_without_objects(tmp_path):
    annotations = voc.read_folder(paths.ROOT / "data/leaks/annotations")
    empty = next(a.path.stem for a in annotations if not a.boxes)
    source = runner.NOTEBOOKS / "00_start_here.ipynb"
    run = runner.run_notebook(source, tmp_path / "out.ipynb", {"PICTURE": empty})
    assert run.failure is None


def test_set_up_cell_fetches_the_course_where_it_is_not(tmp_path):
    if not (paths.ROOT / ".git").exists():
        pytest.skip("needs the repository's history, which an archive has not")
    first = nbformat.read(notebook_sync.notebook_of(TEXTS[0]), as_version=4)
    code = code_of(first)[0].source + "\nprint(Path.cwd().name, WORKSPACE.name)"
    elsewhere = {  # git fetches from here what the cell asks for by its address
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{paths.ROOT.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": paths.REPOSITORY,
    }
    for _ in range(2):  # the second time it is there already
        done = run_python("-c", code, cwd=tmp_path, **elsewhere)
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == [paths.NAME, paths.WORKSPACE_NAME]
