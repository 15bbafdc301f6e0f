"""The newest versions: what is installed, and that a failure is never silent."""

import subprocess

import pytest

import try_newest
from helpers import ROOT
from helpers.commands import run_command


def test_all_but_tensorflow_and_its_kin_stay_pinned():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    packages = try_newest.wanted(lines)
    free = [name for name in packages if "==" not in name]
    assert sorted(free) == sorted(try_newest.NEWEST)
    assert "ruff" not in " ".join(packages) and len(packages) > 25


def test_what_pytest_is_called_with_is_installed():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = {package.split("==")[0] for package in try_newest.wanted(lines)}
    assert {"pytest", "pytest-xdist", "nbval", "ipykernel"} <= names


def test_every_test_that_is_named_is_there():
    assert [test for test in try_newest.TESTS if not (ROOT / test).exists()] == []


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """Return the commands that are run; where pip fails, it says why."""
    found = []

    def run(command, **more):
        found.append([str(part) for part in command])
        words = "ERROR: No matching distribution found for tensorflow\n"
        return subprocess.CompletedProcess(command, int("pip" in found[-1]), words)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(try_newest, "VENV", tmp_path)
    return found


@pytest.mark.parametrize("github, begin", [("", "warning: "), ("true", "::warning::")])
def test_what_cannot_be_installed_is_said(calls, monkeypatch, capsys, github, begin):
    monkeypatch.setenv("GITHUB_ACTIONS", github)
    status, out, _ = run_command(
        monkeypatch, capsys, "try_newest", "--python", "python3"
    )
    assert status == 0 and "pytest" not in sum(calls, [])
    assert f"{begin}not tested: the newest TensorFlow" in out
    assert "No matching distribution found for tensorflow" in out


def test_the_status_is_that_of_the_tests(calls, monkeypatch, capsys):
    monkeypatch.setattr(try_newest, "install", lambda python, pre: "")
    monkeypatch.setattr(try_newest, "show_versions", lambda: None)
    failing = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(subprocess, "run", lambda command, cwd: failing)
    status, *_ = run_command(
        monkeypatch, capsys, "try_newest", "--python=python3", "tests/detection"
    )
    assert status == 1
