"""Run the course's commands: in this process, or as a program of its own."""

import contextlib
import importlib
import io
import os
import subprocess
import sys

import pytest


def run_command(monkeypatch, capsys, name, *arguments):
    """Run NAME.py of scripts/ or tools/ here; return (exit status, stdout, stderr).

    TensorFlow, once loaded, is not loaded again: prefer this to `run_python`.
    """
    monkeypatch.setattr("sys.argv", [f"{name}.py", *map(str, arguments)])
    status = 0
    try:
        status = importlib.import_module(name).main() or 0
    except SystemExit as stop:
        status = stop.code
    out, err = capsys.readouterr()
    return status, out, err


def run_here(name, *arguments):
    """Run a command as `run_command` does, for fixtures of a whole module."""
    status = 0
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as streams:
        patch.setattr(sys, "argv", [f"{name}.py", *map(str, arguments)])
        out = streams.enter_context(contextlib.redirect_stdout(io.StringIO()))
        err = streams.enter_context(contextlib.redirect_stderr(io.StringIO()))
        try:
            status = importlib.import_module(name).main() or 0
        except SystemExit as stop:
            status = stop.code
    return status, out.getvalue(), err.getvalue()


def run_python(*arguments, cwd=None, **environment):
    """Run a Python of its own; return what has ended, output and errors as text.

    arguments: a script and its flags, or "-c" and code. environment: variables that
    are set beside those of this process.
    """
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
