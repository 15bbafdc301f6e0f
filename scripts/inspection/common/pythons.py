"""Find a Python that suits the course; even an old one can run this and say so."""

import subprocess
import sys

SUITED = [(3, 11), (3, 12), (3, 13)]
NAMES = ["python3.12", "python3.13", "python3.11"]


def version_of(python):
    """Return the (major, minor) of an interpreter, None where it does not run."""
    code = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [str(python), "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return tuple(int(part) for part in answer.stdout.split())


def find_python(wanted):
    """Return a suited interpreter: the wanted one, this one, or one on the PATH."""
    for name in [wanted] if wanted else [sys.executable] + NAMES:
        if version_of(name) in SUITED:
            return name
    asked = wanted or sys.executable
    version = version_of(asked)
    found = "Python {}.{}".format(*version) if version else "does not run"
    sys.exit(
        "error: Python 3.11, 3.12 or 3.13 is needed; {} is: {}\n"
        "install one, then name it: make course PYTHON=python3.12".format(asked, found)
    )
