"""Make build/jax, where tests train on JAX: the packages of the course, and JAX.

    python tools/setup_jax.py

Whoever trains on JAX installs requirements-jax.txt into the environment of the course.
The tests want both, one with it and one without; so this one, 400 MB, takes all but JAX
from the environment that it is called with. The next call takes no time where nothing
changed. Needs only the standard library.
"""

import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "build" / "jax"
PINS = ROOT / "requirements-jax.txt"
READY = VENV / "ready"
PACKAGE_COMMAND = ["-m", "pip", "install", "--quiet", "--no-deps", "--progress-bar=off"]
COURSE = "import site; site.addsitedir({!r})\n"  # a line of a .pth, run at each start


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
        sys.exit(f"{done.stdout}error: build/jax could not be made, see above")
    return done.stdout.strip()


def main():
    flags.parser(__doc__).parse_args()
    if is_ready():
        return
    start = time.time()
    print("making build/jax: a minute", flush=True)
    run(sys.executable, "-m", "venv", "--clear", VENV)
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(python, *PACKAGE_COMMAND, "-r", PINS)
    place = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    packages = sysconfig.get_path("purelib")
    (Path(place) / "course.pth").write_text(COURSE.format(packages))
    READY.write_bytes(PINS.read_bytes())
    print(f"ready: build/jax in {time.time() - start:.0f} s")


if __name__ == "__main__":
    main()
