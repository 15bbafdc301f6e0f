"""Making .venv: only what can be tested without installing anything."""

import subprocess
import sys

import pytest

import setup_env
from inspection.common import pythons


@pytest.fixture
def versions(monkeypatch):
    """Return a dict {interpreter: version} that stands in for the machine's own."""
    known = {}
    for module in (pythons, setup_env):
        monkeypatch.setattr(module, "version_of", lambda name: known.get(str(name)))
    monkeypatch.setattr(pythons.sys, "executable", "python3")
    return known


def test_version_of_this_python():
    assert pythons.version_of(sys.executable) == sys.version_info[:2]
    assert pythons.version_of("no-such-python") is None


def test_this_python_is_taken_where_it_suits(versions):
    versions.update({"python3": (3, 13), "python3.12": (3, 12)})
    assert pythons.find_python(None) == "python3"


def test_another_one_on_the_path_is_taken_where_this_is_too_new(versions):
    versions.update({"python3": (3, 14), "python3.11": (3, 11)})
    assert pythons.find_python(None) == "python3.11"


@pytest.mark.parametrize("wanted", [None, "python3.9", "nowhere"])
def test_no_suited_python_is_one_clear_message(versions, wanted):
    versions.update({"python3": (3, 10), "python3.9": (3, 9)})
    with pytest.raises(SystemExit, match=r"3\.11, 3\.12 or 3\.13 is needed"):
        pythons.find_python(wanted)


def test_a_venv_that_runs_is_kept(versions, monkeypatch):
    versions[str(setup_env.venv_python())] = (3, 12)
    calls = []
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: calls.append(a))
    setup_env.make_venv("python3.12")
    assert calls == []


def test_progress_keeps_the_last_lines_of_pip():
    lines = ["Collecting numpy\n"] + [f"line {i}\n" for i in range(20)]
    kept = setup_env.follow(lines)
    assert kept[-1] == "line 19\n" and len(kept) == 12
