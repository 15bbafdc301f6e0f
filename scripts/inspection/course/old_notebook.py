"""What the one new cell of an old notebook calls: see docs/old_notebooks.md."""

import os
import sys
from pathlib import Path

from inspection.common.atomic_files import write_text
from inspection.common.text_files import read_text
from inspection.course import paths, setup

COMMANDS = ("model_main_tf2", "exporter_main_v2", "export_tflite_graph_tf2")
OURS = '"""Starts the course\'s command of this name, where the API has its own."""'
LAUNCHER = (
    OURS
    + """
import runpy
import sys

sys.path[0] = {folder!r}
runpy.run_path({command!r}, run_name="__main__")
"""
)


def prepare(api: str | Path | None = None) -> Path:
    """Make a notebook of the Object Detection API run; return the folder of the commands.

    The course's packages are found, in this kernel and by the programs that it starts;
    on Colab the few missing libraries are installed. The current folder stays.
    api: where the notebook expects the clone of tensorflow/models; the API's three
    programs are put there. A clone that is there already is left as it is.
    """
    commands = paths.ROOT / "scripts"
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    before = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    places = [str(commands), *(p for p in before if p and p != str(commands))]
    os.environ["PYTHONPATH"] = os.pathsep.join(places)
    if str(commands) not in sys.path:
        sys.path.insert(0, str(commands))
    if paths.on_colab():
        setup.install(setup.missing(setup.COLAB_LACKS))
    if api is not None:
        place_commands(Path(api) / "research/object_detection", commands)
    return commands


def place_commands(folder, commands):
    """Write a launcher for each of the API's programs into a folder, where it has none."""
    for name in COMMANDS:
        path = Path(folder) / f"{name}.py"
        # an older one of ours may lead to where the course was on another machine
        if not path.exists() or read_text(path).startswith(OURS):
            command = str(Path(commands, f"{name}.py"))
            write_text(path, LAUNCHER.format(folder=str(commands), command=command))
