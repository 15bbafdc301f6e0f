"""Make .venv with every pinned package.

    python scripts/setup_env.py
    python scripts/setup_env.py --python python3.12
    python scripts/setup_env.py --clean

The next call takes a second where nothing changed. Needs only the standard library.
"""

import argparse
import collections
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from inspection.common.pythons import SUITED, find_python, version_of

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
READY = VENV / "ready"


def venv_python():
    """Return the path of the interpreter inside .venv."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make_venv(python):
    """Make .venv, or make it again where it is broken or of an unsuited version."""
    if version_of(venv_python()) in SUITED:
        return
    print("making .venv with Python {}.{}".format(*version_of(python)), flush=True)
    done = subprocess.run(
        [str(python), "-m", "venv", "--clear", str(VENV)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        sys.exit(
            "error: no .venv could be made: {}\non Debian and Ubuntu: apt install "
            "python3-venv".format(done.stdout.decode(errors="replace").strip())
        )


def install():
    """Install into .venv the files that requirements.lock names, and nothing else.

    pip refuses a file whose hash is not in there.
    """
    print("installing pinned packages into .venv, 3.2 GB: some minutes", flush=True)
    command = [str(venv_python()), "-m", "pip", "install", "--no-deps"]
    command += ["--progress-bar=off", "--require-hashes", "-r", "requirements.lock"]
    pip = subprocess.Popen(
        command,
        cwd=str(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        universal_newlines=True,
    )
    last_lines = follow(pip.stdout)
    if pip.wait():
        sys.exit(
            "".join(last_lines)
            + "error: the packages could not be installed, see above; "
            "the same command goes on where it stopped"
        )


def follow(lines):
    """Show how far pip is, and return the last lines it wrote."""
    total = sum("==" in line for line in (ROOT / "requirements.lock").open())
    last, count = collections.deque(maxlen=12), 0
    for line in lines:
        last.append(line)
        count += line.startswith(("Collecting", "Requirement already"))
        if line.startswith("Installing"):
            show_progress("{} packages are there, unpacking them".format(count))
        elif count:
            show_progress("package {} of about {}".format(count, total))
    show_progress("")
    return last


def show_progress(text):
    """Write a line over the line before, where a person is watching."""
    if sys.stdout.isatty():
        print("\r  {:60}\r".format(text), end="", flush=True)


def check_opencv():
    """Stop with the mend where OpenCV misses a library of the system."""
    done = subprocess.run(
        [str(venv_python()), "-c", "import cv2"], stderr=subprocess.PIPE
    )
    if done.returncode:
        sys.exit(
            "error: OpenCV does not start: {}\non a bare Debian or Ubuntu: apt install "
            "libgl1 libglib2.0-0".format(done.stderr.decode().strip().split("\n")[-1])
        )


def clean():
    """Remove .venv and build/."""
    for folder in [VENV, ROOT / "build"]:
        shutil.rmtree(str(folder), ignore_errors=True)
        print("removed {}".format(folder))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", help="interpreter for .venv; default: this one")
    parser.add_argument("--clean", action="store_true", help="remove .venv and build/")
    args = parser.parse_args()
    if args.clean:
        return clean()
    start = time.time()
    make_venv(find_python(args.python))
    install()
    check_opencv()
    READY.touch()
    print("ready: .venv in {:.0f} s".format(time.time() - start))


if __name__ == "__main__":
    main()
