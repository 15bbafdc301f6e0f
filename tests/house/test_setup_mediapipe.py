import subprocess
import sys

import pytest

import setup_mediapipe
from helpers.commands import run_command


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a folder in place of the repository, with pins and an environment."""
    monkeypatch.setattr(setup_mediapipe, "VENV", tmp_path / ".venv-mediapipe")
    monkeypatch.setattr(setup_mediapipe, "PINS", tmp_path / "pins.txt")
    ready = tmp_path / ".venv-mediapipe" / "ready"
    monkeypatch.setattr(setup_mediapipe, "READY", ready)
    ready.parent.mkdir()
    (tmp_path / "pins.txt").write_text("mediapipe==1.2.2\n")
    return tmp_path


def test_it_is_made_again_when_the_pins_change(place):
    assert not setup_mediapipe.is_ready()
    setup_mediapipe.READY.write_text("mediapipe==1.2.1\n")
    assert not setup_mediapipe.is_ready()
    setup_mediapipe.READY.write_text("mediapipe==1.2.2\n")
    assert setup_mediapipe.is_ready()


def test_nothing_is_run_where_it_is_ready(place, monkeypatch, capsys):
    setup_mediapipe.READY.write_text("mediapipe==1.2.2\n")
    monkeypatch.setattr(subprocess, "run", None)
    assert run_command(monkeypatch, capsys, "setup_mediapipe") == (0, "", "")


def test_a_failed_step_ends_with_its_words(place):
    with pytest.raises(SystemExit, match="(?s)no such pin.*could not be made"):
        setup_mediapipe.run(sys.executable, "-c", "raise SystemExit('no such pin')")
