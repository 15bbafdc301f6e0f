"""The set-up of the notebooks on Colab, against a stand-in of its package."""

import importlib
import os
import shutil
import sys
import zipfile

import nbformat
import pytest

from helpers import ROOT
from helpers.commands import run_python
from inspection.common import atomic_files
from inspection.common.errors import WriteError
from inspection.course import paths
from inspection.datasets.fetching import archives
from inspection.publishing import notebook_sync, runner

STANDIN = ROOT / "tests/helpers/colab_standin"


@pytest.fixture
def drive(tmp_path, monkeypatch):
    """Return the stand-in of google.colab.drive; paths find it and its mount point."""
    monkeypatch.syspath_prepend(STANDIN)
    monkeypatch.delenv(paths.WORKSPACE_VARIABLE, raising=False)
    monkeypatch.setattr(paths, "DRIVE", tmp_path / "content" / "drive")
    monkeypatch.setattr(paths, "ROOT", tmp_path / "content" / paths.NAME)
    module = importlib.import_module("google.colab.drive")
    module.cloud = tmp_path / "cloud"
    module.cloud.mkdir()
    monkeypatch.setattr(os, "open", module.open_unless_full)
    monkeypatch.setattr(os, "mkdir", module.mkdir_unless_full)
    yield module
    for name in ("google.colab.drive", "google.colab"):
        del sys.modules[name]


@pytest.fixture
def on_drive(drive):
    return paths.DRIVE / "My Drive" / paths.WORKSPACE_NAME


@pytest.fixture
def local(drive):
    return paths.ROOT / paths.WORKSPACE_NAME


def test_colab_is_seen_by_its_package(drive):
    assert paths.on_colab()


def test_workspace_is_in_my_drive(drive, on_drive, capsys):
    assert paths.workspace(use_drive=True) == on_drive
    made = {path.name for path in (drive.cloud / "customTF2").iterdir()}
    assert made == {"data", "training", "exported"}
    assert capsys.readouterr().out == f"Mounted at {paths.DRIVE}\n"


def test_the_set_up_cell_may_run_twice(drive, on_drive):
    paths.workspace(use_drive=True)
    (on_drive / "training" / "ckpt-1.index").write_bytes(b"weights")
    assert paths.workspace(use_drive=True) == on_drive
    assert (drive.cloud / "customTF2/training/ckpt-1.index").is_file()


def test_without_the_flag_nobody_is_asked_for_drive(drive, local):
    assert paths.workspace() == local
    assert not paths.DRIVE.exists()


def test_a_mount_that_fails_once_is_said_and_works_the_next_time(
    drive, on_drive, local, capsys
):
    drive.failures = 1
    assert paths.workspace(use_drive=True) == local
    said = capsys.readouterr().out
    assert "could not be mounted (mount failed)" in said
    assert "run this cell again" in said and "Traceback" not in said
    assert paths.workspace(use_drive=True) == on_drive


def test_files_in_the_mount_point_do_not_end_the_lesson(drive, local, capsys):
    paths.DRIVE.mkdir(parents=True)
    (paths.DRIVE / "left.txt").write_text("behind")
    assert paths.workspace(use_drive=True) == local
    assert "must not already contain files" in capsys.readouterr().out


def test_a_full_drive_is_said_and_the_work_stays_local(drive, local, capsys):
    drive.full = True
    assert paths.workspace(use_drive=True) == local
    assert (local / "training").is_dir()
    said = capsys.readouterr().out
    assert "Google Drive takes no files" in said and "quota" in said.lower()
    assert not list(drive.cloud.rglob("*"))


def test_a_workspace_on_a_full_drive_is_not_left_half_used(drive, local, capsys):
    paths.workspace(use_drive=True)  # its folders are there from another day
    drive.full = True
    assert paths.workspace(use_drive=True) == local
    assert "takes no files" in capsys.readouterr().out


def test_a_drive_that_fills_up_keeps_the_file_before(drive, on_drive):
    folder = paths.workspace(use_drive=True)
    atomic_files.write_text(folder / "data" / "label_map.pbtxt", "old")
    drive.full = True
    with pytest.raises(WriteError, match="label_map.pbtxt cannot .* quota"):
        atomic_files.write_text(folder / "data" / "label_map.pbtxt", "new")
    drive.full = False
    assert [p.name for p in (folder / "data").iterdir()] == ["label_map.pbtxt"]
    assert (folder / "data" / "label_map.pbtxt").read_text() == "old"


def test_pictures_come_from_a_zip_on_drive(drive, on_drive, tmp_path):
    workspace = paths.workspace(use_drive=True)
    with zipfile.ZipFile(workspace / "images.zip", "w") as archive:
        archive.writestr("images/Rohr ü 1.jpg", b"picture")
    folder = archives.open_folder(workspace / "images.zip", tmp_path / "unpacked")
    assert [path.name for path in folder.iterdir()] == ["Rohr ü 1.jpg"]


SESSION = """
import sys
from pathlib import Path
sys.path.insert(0, {scripts!r})
from google.colab import drive
from inspection.course import paths
drive.cloud, paths.DRIVE = Path("cloud").resolve(), Path("drive").resolve()
drive.failures = 1
for again in range(2):
    exec({cell!r})
    print("WORKSPACE", WORKSPACE.relative_to(paths.DRIVE if again else paths.ROOT))
"""


def test_set_up_cell_of_the_notebooks_in_a_session(tmp_path, monkeypatch):
    course = tmp_path / "content" / paths.NAME
    shutil.copytree(paths.ROOT / "scripts", course / "scripts")
    shutil.copy(paths.ROOT / "constraints.txt", course)
    stored = notebook_sync.notebook_of(
        runner.find_notebooks((), notebook_sync.TEXTS, ".py")[0]
    )
    cells = nbformat.read(stored, as_version=4).cells
    cell = next(cell.source for cell in cells if cell.cell_type == "code")
    asked = cell.replace("USE_DRIVE = False", "USE_DRIVE = True")
    assert asked != cell
    (tmp_path / "content" / "cloud").mkdir()
    monkeypatch.delenv(paths.WORKSPACE_VARIABLE, raising=False)
    session = SESSION.format(scripts=str(course / "scripts"), cell=asked)
    place = tmp_path / "content"
    done = run_python("-c", session, cwd=place, PYTHONPATH=str(STANDIN))
    assert done.returncode == 0, done.stderr
    assert "mount failed" in done.stdout and "installing" not in done.stdout
    lines = [line for line in done.stdout.splitlines() if line.startswith("WORKSPACE")]
    assert lines == ["WORKSPACE customTF2", "WORKSPACE My Drive/customTF2"]
