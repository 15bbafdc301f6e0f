"""Run the course's commands: in this process, or as a program of its own."""

import importlib
import os
import subprocess
import sys


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
