"""Make .venv-mediapipe, where a test runs exported models as phones do.

    python tools/setup_mediapipe.py

MediaPipe is not part of the course: it asks for another OpenCV and another numpy, so it
gets an environment of its own, 700 MB, from requirements-mediapipe.lock. The next call
takes no time where nothing changed. Needs only the standard library.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.pythons import find_python

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-mediapipe"
PINS = ROOT / "requirements-mediapipe.lock"  # with the hashes of all files
READY = VENV / "ready"
PACKAGE_COMMAND = ["-m", "pip", "install", "--quiet", "--no-deps", "--progress-bar=off"]
PACKAGE_COMMAND += ["--require-hashes"]


def is_ready():
    """Tell whether the environment holds what is pinned now."""
    return READY.is_file() and READY.read_bytes() == PINS.read_bytes()


def run(*command):
    """Run a command, or end with what it said."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{done.stdout}error: .venv-mediapipe could not be made, see above")


def main():
    flags.parser(__doc__).parse_args()
    if is_ready():
        return
    start = time.time()
    print("making .venv-mediapipe: a minute or two", flush=True)
    run(find_python(None), "-m", "venv", "--clear", VENV)
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(python, *PACKAGE_COMMAND, "-r", PINS)
    (VENV / ".gitignore").write_text("*\n")
    READY.write_bytes(PINS.read_bytes())
    print(f"ready: .venv-mediapipe in {time.time() - start:.0f} s")


if __name__ == "__main__":
    main()
