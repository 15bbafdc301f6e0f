"""Environments of their own: made once, made again for other pins, or said why not."""

import subprocess
import sys

import pytest

import setup_jax
import setup_mediapipe
from helpers.commands import run_command
from inspection.common.own_environment import OwnEnvironment


@pytest.fixture
def own(tmp_path):
    """Return an environment that is not made yet, and its pins."""
    own = OwnEnvironment(tmp_path / "venv", tmp_path / "pins.txt", "venv")
    own.venv.mkdir()
    own.pins.write_text("jax==0.10.2\n")
    return own


def test_it_is_made_again_when_the_pins_change(own):
    assert not own.is_ready()
    own.ready.write_text("jax==0.10.1\n")
    assert not own.is_ready()
    own.ready.write_text("jax==0.10.2\n")
    assert own.is_ready()


@pytest.mark.parametrize("command", [setup_jax, setup_mediapipe])
def test_nothing_is_run_where_it_is_ready(own, command, monkeypatch, capsys):
    own.ready.write_text("jax==0.10.2\n")
    monkeypatch.setattr(command, "OWN", own)
    monkeypatch.setattr(subprocess, "run", None)
    assert run_command(monkeypatch, capsys, command.__name__) == (0, "", "")


def test_a_failed_step_ends_with_its_words(own):
    with pytest.raises(SystemExit, match="(?s)no such pin.*venv could not be made"):
        own.run(sys.executable, "-c", "raise SystemExit('no such pin')")


def test_it_counts_as_ready_when_all_steps_are_done(own, capsys):
    own.pins.write_text("")  # nothing to fetch

    def fail():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        own.make(sys.executable, finish=fail)
    assert not own.is_ready()
    own.make(sys.executable)
    assert own.is_ready() and "ready: venv in" in capsys.readouterr().out
    version = own.run(own.python, "-c", "import sys; print(sys.version_info[:2])")
    assert version == str(tuple(sys.version_info[:2]))
