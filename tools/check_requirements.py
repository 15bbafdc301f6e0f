"""Install every requirements file on every Python, and ask `pip check` what is missing.

    python tools/check_requirements.py --python python3.11 python3.12 python3.13
    python tools/check_requirements.py --python python3.13 --files requirements-beam.txt

Each Python gets build/requirements/PYTHON, 3 GB, with requirements.txt, then the files that
go into the same environment, one after the other, and a check after each; those that want
an environment of their own get one. Takes a quarter of an hour for each Python. Removed
afterwards, but for what failed.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.own_environment import OwnEnvironment

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/requirements"
COURSE = "requirements.txt"
# into the environment of the course, in this order
BESIDE = (
    "requirements-jax.txt",
    "requirements-beam.txt",
    "requirements-modelgarden.txt",
)
ALONE = (
    "requirements-serve.txt",
    "requirements-edge.txt",
    "requirements-mediapipe.txt",
)


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("--python", nargs="+", default=[sys.executable], help="interpreters (this one)")
    add("--files", nargs="+", default=[*BESIDE, *ALONE], metavar="FILE", help="(all)")
    return parser.parse_args()


def say(*command):
    """Run a command in the repository; return (exit status, its last line)."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = done.stdout.strip().splitlines() or [""]
    return done.returncode, lines[-1]


class Environment:
    """An environment of one Python, filled one file after the other."""

    def __init__(self, python, name):
        self.folder = BUILD / f"{Path(python).name}-{name}"
        self.python = OwnEnvironment(self.folder, ROOT / COURSE, name).python
        status, said = say(python, "-m", "venv", "--clear", self.folder)
        if status:
            sys.exit(f"error: {python} makes no environment: {said}")
        _, self.version = say(self.python, "--version")

    def add(self, file):
        """Install a requirements file and check all; return whether that is clean."""
        pip = (self.python, "-m", "pip")
        quiet = ("--quiet", "--disable-pip-version-check", "--progress-bar=off")
        # as the head of requirements-modelgarden.txt says
        status, said = say(*pip, "install", *quiet, "--use-pep517", "-r", file)
        if not status:
            status, said = say(*pip, "check")
        print(f"{self.version}, {file}: {said}", flush=True)
        return not status

    def remove(self):
        """Take the environment away."""
        shutil.rmtree(self.folder)


def check(python, files):
    """Return whether every file installs cleanly on one Python."""
    groups = [[COURSE, *(file for file in files if file in BESIDE)]]
    groups += [[file] for file in files if file not in BESIDE]
    clean = True
    for number, group in enumerate(groups):
        environment = Environment(python, number)
        results = [environment.add(file) for file in group]
        clean &= all(results)
        if all(results):
            environment.remove()
    return clean


def main():
    arguments = parse_arguments()
    results = [check(python, arguments.files) for python in arguments.python]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
