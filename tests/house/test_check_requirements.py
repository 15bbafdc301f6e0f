"""The check of all requirements files: none is left out, and a clash is not silent."""

import subprocess

import pytest

import check_requirements
from helpers import ROOT
from helpers.commands import run_command


def test_every_file_is_checked():
    checked = [
        check_requirements.COURSE,
        *check_requirements.BESIDE,
        *check_requirements.ALONE,
    ]
    assert sorted(checked) == sorted(p.name for p in ROOT.glob("requirements*.txt"))


@pytest.fixture
def pip(monkeypatch, tmp_path):
    """Return {words of pip: what it answers}; all else succeeds."""
    answers = {}

    def run(command, **more):
        words = [part for part in command if part in answers]
        status, said = answers[words[0]] if words else (0, "No broken requirements\n")
        return subprocess.CompletedProcess(command, status, said)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(check_requirements, "BUILD", tmp_path)
    monkeypatch.setattr(check_requirements.shutil, "rmtree", lambda folder: None)
    return answers


def check(monkeypatch, capsys, *files):
    words = ("--python", "python3", "--files", *files)
    return run_command(monkeypatch, capsys, "check_requirements", *words)


def test_clean_files_are_told_one_by_one(pip, monkeypatch, capsys):
    files = "requirements-beam.txt", "requirements-edge.txt"
    status, out, _ = check(monkeypatch, capsys, *files)
    assert status == 0
    told = [line.split(", ")[1].split(":")[0] for line in out.splitlines()]
    assert told == [check_requirements.COURSE, *files]


@pytest.mark.parametrize("word", ["check", "install", "venv"])
def test_a_clash_is_told_and_ends_with_one(pip, monkeypatch, capsys, word):
    pip[word] = (1, "pyarrow 25 is not what beam wants\n")
    status, out, err = check(monkeypatch, capsys, "requirements-beam.txt")
    assert status not in (0, None)
    assert "pyarrow 25 is not what beam wants" in f"{out}{err}{status}"
