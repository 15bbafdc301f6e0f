"""Run the tests of detection with the newest TensorFlow and Keras: `make newest`.

    python tools/try_newest.py
    python tools/try_newest.py --python python3.14 --pre
    python tools/try_newest.py --no_install tests/detection/export/test_export_tflite.py

Makes .venv-newest, 2 GB, with what requirements.txt pins, but TensorFlow, Keras and what
goes with them as new as there is. Where they cannot be installed, for lack of a network or
of a wheel for this Python, a warning says so and nothing is tested. The network and what
it is trained, exported and compared with are tested; other tests can be named.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.pythons import find_python

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-newest"
PINS = ROOT / "requirements.txt"
NEWEST = ("tensorflow", "keras", "tf-keras", "tensorboard", "protobuf")
# of notebooks and of maintaining; the tests of the engine do without. Not nbval, whose
# flags pytest is called with, nor the kernel that it needs
LEFT_OUT = "jupyterlab ipywidgets papermill nbconvert jupytext playwright"
LEFT_OUT += " ruff jinja2 setuptools backports-strenum"
TESTS = (
    "tests/keras_shared/test_precision.py",
    "tests/keras_shared/test_fused_batch_norm.py",
    "tests/detection/model",
    "tests/detection/training/test_optimizer.py",
    "tests/detection/training/test_losses.py",
    "tests/detection/training/test_training_state.py",
    "tests/detection/training/test_going_on.py",  # a stop, in the same process
    "tests/detection/training/test_model_main.py",  # a kill, in a new one
    "tests/detection/export",
)
PIN = re.compile(r"([\w.-]+)==(\S+)")


def parse_arguments():
    parser = flags.parser(__doc__)
    add = parser.add_argument
    add("tests", nargs="*", default=TESTS, metavar="TEST", help="(those of the engine)")
    add("--python", metavar="PYTHON", help="interpreter (one that suits the course)")
    add("--pre", action="store_true", help="take versions before their release, too")
    add("--no_install", action="store_true", help="test with what is installed already")
    return parser.parse_args()


def wanted(lines):
    """Return what pip is to install, from the lines of requirements.txt.

    >>> wanted(["numpy==2.1.3  # all", "keras==3.13.2", "ruff==0.17.6"])
    ['numpy==2.1.3', 'keras']
    """
    pins = [match for line in lines if (match := PIN.match(line))]
    kept = [match for match in pins if match[1] not in LEFT_OUT.split()]
    return [match[1] if match[1] in NEWEST else match[0] for match in kept]


def venv_python():
    """Return the path of the interpreter inside .venv-newest."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install(python, pre):
    """Make or renew .venv-newest; return "", or why that cannot be done."""
    if not venv_python().exists():
        failed = run(python, "-m", "venv", VENV)
        if failed:
            return failed
    (VENV / ".gitignore").write_text("*\n")
    print("installing into .venv-newest, 2 GB: some minutes", flush=True)
    packages = wanted(PINS.read_text(encoding="utf-8").splitlines())
    command = [venv_python(), "-m", "pip", "install", "--quiet", "--upgrade"]
    command += ["--progress-bar=off", "--only-binary=:all:"] + ["--pre"] * pre
    return run(*command, *packages)


def run(*command):
    """Run a command; return "" or the last line of what it said when it failed."""
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if not done.returncode:
        return ""
    lines = [line for line in done.stdout.splitlines() if line.startswith("ERROR")]
    return (lines or done.stdout.splitlines() or ["without a word"])[-1]


def warn(text):
    """Print a warning, on GitHub as one that stands above the run."""
    begin = "::warning::" if os.environ.get("GITHUB_ACTIONS") else "warning: "
    print(f"{begin}{text}", flush=True)


def show_versions():
    """Print which Python and which libraries are tested."""
    code = "import sys; from importlib.metadata import version as v; "
    code += "print('Python', sys.version.split()[0], *(f'{n} {v(n)}' for n in sys.argv[1:]))"
    subprocess.run([venv_python(), "-c", code, *NEWEST], check=True)


def main():
    arguments = parse_arguments()
    if not arguments.no_install:
        python = arguments.python or find_python(None)
        if failed := install(python, arguments.pre):
            warn(
                f"not tested: the newest TensorFlow and Keras are not installable: {failed}"
            )
            return 0
    show_versions()
    command = [venv_python(), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2"]
    command += ["--dist", "loadfile", *arguments.tests]
    return subprocess.run(command, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
