import subprocess

import pytest

import setup_jax
from helpers.commands import run_command


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a folder in place of the repository, with pins and an environment."""
    monkeypatch.setattr(setup_jax, "VENV", tmp_path / "build" / "jax")
    monkeypatch.setattr(setup_jax, "PINS", tmp_path / "pins.txt")
    monkeypatch.setattr(setup_jax, "READY", tmp_path / "build" / "jax" / "ready")
    setup_jax.VENV.mkdir(parents=True)
    (tmp_path / "pins.txt").write_text("jax==0.10.2\n")
    return tmp_path


def test_it_is_made_again_when_the_pins_change(place):
    assert not setup_jax.is_ready()
    setup_jax.READY.write_text("jax==0.10.1\n")
    assert not setup_jax.is_ready()
    setup_jax.READY.write_text("jax==0.10.2\n")
    assert setup_jax.is_ready()


def test_nothing_is_run_where_it_is_ready(place, monkeypatch, capsys):
    setup_jax.READY.write_text("jax==0.10.2\n")
    monkeypatch.setattr(subprocess, "run", None)
    assert run_command(monkeypatch, capsys, "setup_jax") == (0, "", "")
