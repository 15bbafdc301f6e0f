"""Workspaces for somebody's own pictures: scripts/new_project.py."""

import os
import shutil
import tomllib

import nbformat
import papermill
import pytest

from helpers.commands import run_command, run_python
from inspection.common.errors import UserError
from inspection.course import headline, paths, project
from inspection.publishing import editions, notebook_sync, project_writer, runner

TEXTS = {
    runner.number_of(text): text
    for text in runner.find_notebooks((), notebook_sync.TEXTS, ".py")
}
KINDS = [k for k, kind in project.KINDS.items() if set(kind.notebooks) <= set(TEXTS)]
CLASSES = {
    "detection": ["Tropfen ü", "puddle"],
    "classification": ["heil", "Riss ü"],
    "segmentation": ["rust"],
    "anomaly": ["flange"],
}


@pytest.fixture
def projects(tmp_path, monkeypatch):
    folder = tmp_path / "the course ü" / "projects"
    folder.parent.mkdir()
    monkeypatch.setattr(paths, "PROJECTS", folder)
    return folder


def notebooks_in(folder):
    return [nbformat.read(path, 4) for path in sorted(folder.glob("*.ipynb"))]


@pytest.mark.parametrize("kind", KINDS)
def test_folders_settings_and_notebooks_are_there(projects, kind):
    folder = project_writer.make_project("Halle 3 ü", kind, CLASSES[kind])
    assert folder == projects / "Halle 3 ü"
    found = {path.name for path in folder.iterdir() if path.is_dir()}
    assert found == {*project.KINDS[kind].folders, "data", "training", "exported"}
    settings = tomllib.loads((folder / "settings.toml").read_text(encoding="utf-8"))
    assert settings["classes"] == CLASSES[kind]
    assert len(notebooks_in(folder)) == len(project.KINDS[kind].notebooks)
    assert os.listdir(projects) == ["Halle 3 ü"]


@pytest.mark.parametrize("kind", KINDS)
def test_settings_cells_are_pointed_at_the_project(projects, monkeypatch, kind):
    folder = project_writer.make_project("a b", kind, CLASSES[kind])
    monkeypatch.setattr(paths, "ROOT", projects.parent)
    for notebook in notebooks_in(folder):
        known = {"WORKSPACE": folder}
        exec(editions.settings_cell(notebook).source, known)
        images = known.get("IMAGES") or known["PICTURES"]
        assert images == "projects/a b/images"
        assert known["MODE"] == "quick"
        named = known.get("CLASSES") or [known.get("THING") or known["ALARM_CLASS"]]
        assert named == CLASSES[kind][: len(named)]
        assert known.get("SPLITS", "") == known.get("LEAKS", "") == ""


@pytest.mark.parametrize("kind", KINDS)
def test_copies_hold_no_outputs_and_their_links_lead_somewhere(projects, kind):
    folder = project_writer.make_project("a", kind, CLASSES[kind])
    for part in ("notebooks", "assets", "docs"):
        (projects.parent / part).symlink_to(paths.ROOT / part)
    built = {f"{text.stem}.ipynb" for text in TEXTS.values()}
    for notebook in notebooks_in(folder):
        texts = editions.texts_of(notebook)
        links = [link for cell in texts for link in editions.LINK.findall(cell.source)]
        lost = [link for link in links if not (folder / link.split("#")[0]).exists()]
        assert {os.path.basename(link) for link in lost} <= built
        title = notebook.cells[0].source
        assert "colab" not in title and "attachment" not in title
        assert "project `a`" in title
        assert not any(cell.get("outputs") for cell in notebook.cells)


def test_a_project_of_three_classes(projects):
    names = ["heil", "Riss ü", "Fleck"]
    folder = project_writer.make_project("a", "classification", names)
    assert {p.name for p in (folder / "images").iterdir()} == set(names)
    (notebook,) = notebooks_in(folder)
    settings = editions.settings_cell(notebook).source
    for line in ('OTHER = ""', 'OTHER_CLASSES = PROJECT["classes"]', 'PHOTO = ""'):
        assert f"\n{line} " in settings


def test_nothing_is_overwritten(projects):
    folder = project_writer.make_project("leaks", "detection", ["leak"])
    (folder / "images" / "own.jpg").write_bytes(b"mine")
    before = sorted(projects.rglob("*"))
    with pytest.raises(UserError, match="there already"):
        project_writer.make_project("leaks", "segmentation", ["rust"])
    assert sorted(projects.rglob("*")) == before


@pytest.mark.parametrize(
    "name", ["", " ", ".", "..", "../x", "a/b", "a\\b", "con", "NUL.txt", "x.", "a:b"]
)
def test_names_that_no_folder_can_bear(projects, name):
    with pytest.raises(UserError, match="no name for a folder"):
        project_writer.make_project(name, "detection", ["leak"])
    assert not projects.exists()


@pytest.mark.parametrize(
    "kind, classes",
    [
        ("detection", ["leak", "leak"]),
        ("detection", ["leak "]),
        ("classification", ["crack"]),
        ("classification", ["a/b", "c"]),
        ("segmentation", ["rust", "paint"]),
    ],
)
def test_classes_that_do_not_suit(projects, kind, classes):
    with pytest.raises(UserError):
        project_writer.make_project("a", kind, classes)
    assert not projects.exists()


def test_nothing_half_made_stays(projects, monkeypatch):
    monkeypatch.setattr(editions, "write", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        project_writer.make_project("a", "detection", ["leak"])
    assert os.listdir(projects) == []


def test_class_names_with_signs_of_toml(projects):
    names = ['1/2" pipe', "back\\slash", "#"]
    folder = project_writer.make_project("a", "detection", names)
    assert project.read_settings(folder)["classes"] == names


@pytest.mark.parametrize(
    "text, told",
    [
        ("classes = [", "cannot be read"),
        ('mode = "quick"', "kind is None"),
        ('kind = "detection"\nmode = "quick"', "lost lines: annotations, classes, im"),
    ],
)
def test_settings_that_cannot_be_used(tmp_path, text, told):
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(UserError, match=told):
        project.read_settings(tmp_path)


def test_settings_of_no_project(tmp_path):
    with pytest.raises(UserError, match="in the folder of its project"):
        project.read_settings(tmp_path)


def test_whole_paths_stay(tmp_path):
    far = (tmp_path / "customTF2" / "pictures").as_posix()
    text = project_writer.settings_text("detection", ["a"])
    text = text.replace('images = "images"', f'images = "{far}"')
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8-sig")
    assert project.read_settings(tmp_path)["images"] == far
    assert project.read_settings(tmp_path)["splits"] == ""


def test_a_notebook_opened_in_a_project_works_there(projects, monkeypatch):
    folder = project_writer.make_project("a ü", "detection", ["leak"])
    monkeypatch.setenv(paths.WORKSPACE_VARIABLE, "elsewhere")
    monkeypatch.chdir(folder)
    paths.enter_project()
    assert paths.workspace() == folder
    monkeypatch.chdir(projects)  # as after the first set-up cell
    paths.enter_project()
    assert paths.workspace() == folder


def test_other_folders_are_no_projects(tmp_path, monkeypatch):
    (tmp_path / "settings.toml").write_text("")
    monkeypatch.setenv(paths.WORKSPACE_VARIABLE, "as before")
    monkeypatch.chdir(tmp_path)
    paths.enter_project()
    assert os.environ[paths.WORKSPACE_VARIABLE] == "as before"


@pytest.mark.parametrize(
    ("kind", "folders"),
    [
        ("detection", ["annotations", "images"]),
        ("classification", ["images"]),
        ("segmentation", ["images", "masks"]),
    ],
)
def test_command_says_what_comes_next(projects, monkeypatch, capsys, kind, folders):
    command = ("new_project", "Halle 3", "--kind", kind, "--classes", "leak", "puddle")
    command = command[:-1] if kind == "segmentation" else command
    status, out, _ = run_command(monkeypatch, capsys, *command)
    assert status == 0 and "jupyter lab" in out
    (line,) = (line for line in out.splitlines() if "check_dataset.py" in line)
    assert all(f"Halle 3/{folder}" in line for folder in folders)
    status, _, err = run_command(monkeypatch, capsys, *command)
    assert (status, err.count("\n")) == (2, 1)


@pytest.fixture
def real_project():
    """Yield a project in the course's own folder, with some of the leaks in it."""
    name = f"Test ü {os.getpid()}"
    script = paths.ROOT / "scripts/new_project.py"
    done = run_python(script, name, "--classes", "leak", "puddle")
    assert done.returncode == 0, done.stderr
    folder = paths.PROJECTS / name
    for part in ("images", "annotations"):
        for path in sorted((paths.ROOT / "data/leaks" / part).iterdir())[:24]:
            shutil.copy(path, folder / part)
    yield folder
    shutil.rmtree(folder)


def test_first_notebook_begins_in_a_project(real_project):
    source = real_project / f"{TEXTS['01'].stem}.ipynb"
    notebook = nbformat.read(source, 4)
    notebook.cells = notebook.cells[:7]  # set-up, settings, and what reads the pictures
    notebook.cells.append(nbformat.v4.new_code_cell("print(WORKSPACE, IMAGES)"))
    nbformat.write(notebook, source)
    done = papermill.execute_notebook(
        source, source, kernel_name="python3", cwd=real_project, progress_bar=False
    )
    (figure, *_) = headline.collect(done)
    assert figure == {"name": "Annotated pictures", "value": "24", "note": ""}
    images = f"projects/{real_project.name}/images"
    assert done.cells[-1].outputs[0].text == f"{real_project} {images}\n"
