"""Make build/jax, where tests train on JAX: the packages of the course, and JAX.

    python tools/setup_jax.py

Whoever trains on JAX installs requirements-jax.txt into the environment of the course.
The tests want both, one with it and one without; so this one, 400 MB, takes all but JAX
from the environment that it is called with. The next call takes no time where nothing
changed. Needs only the standard library.
"""

import sys
import sysconfig
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.own_environment import OwnEnvironment

ROOT = Path(__file__).resolve().parent.parent
OWN = OwnEnvironment(ROOT / "build/jax", ROOT / "requirements-jax.txt", "build/jax")
COURSE = "import site; site.addsitedir({!r})\n"  # a line of a .pth, run at each start


def show_course():
    """Let the environment find the packages of the one that runs this."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    place = OWN.run(OWN.python, "-c", code)
    line = COURSE.format(sysconfig.get_path("purelib"))
    Path(place, "course.pth").write_text(line)


def main():
    flags.parser(__doc__).parse_args()
    if not OWN.is_ready():
        print("making build/jax: a minute", flush=True)
        OWN.make(sys.executable, finish=show_course)


if __name__ == "__main__":
    main()
