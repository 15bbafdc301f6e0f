"""Environments of their own, for packages that cannot stand beside those of the course."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PIP = ("-m", "pip", "install", "--quiet", "--no-deps", "--progress-bar=off")


@dataclass(frozen=True)
class OwnEnvironment:
    """An environment in a folder, and the file of pins that it is made from.

    name: of the folder, as messages show it.
    """

    venv: Path
    pins: Path
    name: str

    @property
    def ready(self):
        """Return the path of the mark: a copy of the pins that were installed."""
        return self.venv / "ready"

    @property
    def python(self):
        """Return the path of its interpreter."""
        return self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def is_ready(self):
        """Tell whether it holds what is pinned now."""
        return (
            self.ready.is_file() and self.ready.read_bytes() == self.pins.read_bytes()
        )

    def run(self, *command):
        """Run a command and return what it said, or end with that."""
        done = subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            sys.exit(f"{done.stdout}error: {self.name} could not be made, see above")
        return done.stdout.strip()

    def make(self, python, pip=PIP, finish=None):
        """Make it anew with an interpreter, and install the pins; say how long it took.

        finish: is called before it counts as ready.
        """
        start = time.time()
        self.run(python, "-m", "venv", "--clear", self.venv)
        self.run(self.python, *pip, "-r", self.pins)
        if finish:
            finish()
        (self.venv / ".gitignore").write_text("*\n")
        self.ready.write_bytes(self.pins.read_bytes())
        print(f"ready: {self.name} in {time.time() - start:.0f} s")
