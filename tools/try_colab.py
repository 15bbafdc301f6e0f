"""Run the notebooks with Colab's versions of Python and packages, and its own package.

    python tools/try_colab.py
    python tools/try_colab.py 00 03

Makes build/colab/env from colab.txt, Python 3.13, and runs the notebooks there in quick
mode. A stand-in says that this is Colab; the workspace has a space and an umlaut in its
path. The set-up cell installs what is missing, and may change nothing that was there.
The exit code is 1 where a notebook stops or a version has changed.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.course.paths import ROOT

BUILD = ROOT / "build/colab"
PYTHON = BUILD / "env/bin/python"
VERSIONS = Path(__file__).with_name("colab.txt")
STANDIN = ROOT / "tests/helpers/colab_standin"


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("notebooks", nargs="*", help="beginnings of names (all)")
    parser.add_argument("--python", default="python3.13", help="to make it of")
    arguments = parser.parse_args()
    from inspection.publishing import runner

    make_environment(arguments.python)
    before = freeze()
    with runner.separate_workspace(BUILD / "My Drive ü/customTF2"):
        use_environment()
        runs = [run(source) for source in runner.find_notebooks(arguments.notebooks)]
    changes = compare(before, freeze())
    print(json.dumps(changes, indent=2))
    bad = changes["changed"] or any(run.failure for run in runs)
    return 1 if bad else 0


def make_environment(python):
    ready = BUILD / "env/ready"
    if ready.exists():
        return
    subprocess.run([python, "-m", "venv", "--clear", BUILD / "env"], check=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "-r", VERSIONS], check=True)
    ready.touch()


def use_environment():
    """Let kernels of the name python3 run there, with the stand-in of google.colab."""
    folder = BUILD / "share/jupyter/kernels/python3"
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(PYTHON), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = {"argv": command, "display_name": "Colab", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(kernel), encoding="utf-8")
    os.environ["JUPYTER_PATH"] = str(folder.parents[1])
    os.environ["PYTHONPATH"] = str(STANDIN)


def run(source):
    from inspection.publishing import runner

    done = runner.run_notebook(source, BUILD / source.name)
    print(runner.progress_line(done), flush=True)
    return done


def freeze():
    """Return {package: version} of the environment."""
    command = [PYTHON, "-m", "pip", "freeze", "--all"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(line.split("==") for line in answer.splitlines() if "==" in line)


def compare(before, after):
    """Return what was added, and what was changed or removed, by name."""
    added = {name: after[name] for name in after if name not in before}
    changed = {
        name: [version, after.get(name)]
        for name, version in before.items()
        if after.get(name) != version
    }
    return {"added": added, "changed": changed}


if __name__ == "__main__":
    sys.exit(main())
