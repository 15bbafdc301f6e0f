"""Make .venv-mediapipe, where a test runs exported models as phones do.

    python tools/setup_mediapipe.py

MediaPipe is not part of the course: it asks for another OpenCV and another numpy, so it
gets an environment of its own, 700 MB, from requirements-mediapipe.lock. The next call
takes no time where nothing changed. Needs only the standard library.
"""

from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.own_environment import PIP, OwnEnvironment
from inspection.common.pythons import find_python

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "requirements-mediapipe.lock"  # with the hashes of all files
OWN = OwnEnvironment(ROOT / ".venv-mediapipe", PINS, ".venv-mediapipe")
PACKAGE_COMMAND = (*PIP, "--require-hashes")


def main():
    flags.parser(__doc__).parse_args()
    if not OWN.is_ready():
        print("making .venv-mediapipe: a minute or two", flush=True)
        OWN.make(find_python(None), PACKAGE_COMMAND)


if __name__ == "__main__":
    main()
