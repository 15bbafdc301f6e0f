"""What the set-up cell of every notebook calls."""

import importlib.metadata
import os
import subprocess
import sys
import tempfile

import pandas as pd

from inspection.course import paths, plots

# what Colab lacks; the pins are those of constraints.txt
COLAB_LACKS = ("ai-edge-litert", "av", "google-crc32c", "waitress")

TESTED = ("tensorflow", "keras", "numpy", "opencv-python")


def prepare(use_drive=False):
    """Make a notebook ready and return its workspace folder.

    The repository becomes the current folder, so that data/leaks means the same
    everywhere. On Colab the few missing packages are installed; elsewhere nothing is.
    """
    paths.enter_project()
    os.chdir(paths.ROOT)
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if paths.on_colab():
        install(missing(COLAB_LACKS))
    check_versions()
    plots.use_style()
    pd.set_option("display.max_colwidth", None)
    return paths.workspace(use_drive)


def check_versions():
    """Say in one line which libraries are of another version than tested.

    Raises RuntimeError where one is not there at all.
    """
    found = {name: version_of(name) for name in TESTED}
    absent = [name for name, version in found.items() if version is None]
    if absent:
        raise RuntimeError(
            f"this Python has no {', '.join(absent)}: choose the kernel of .venv, or "
            "start the notebooks with: make lab"
        )
    tested = {name: read_pins()[name].split("==")[1] for name in TESTED}
    other = [
        f"{n} {v} (here tested: {tested[n]})"
        for n, v in found.items()
        if v.split(".")[:2] != tested[n].split(".")[:2]
    ]
    if other:
        print("Other versions than tested:", ", ".join(other))


def missing(packages):
    """Return the packages that are not installed in any version."""
    return [name for name in packages if version_of(name) is None]


def version_of(package):
    """Return the installed version of a package, or None."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def install(packages):
    """Install packages and leave every version that is already there alone."""
    if not packages:
        return
    pins = {name: pin for name, pin in read_pins().items() if name in packages}
    wanted = [pins[name] for name in packages]
    print("installing", *wanted)
    # numpy or TensorFlow moved under a running kernel would break it
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
        file.write("\n".join(installed_versions()))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "-c", file.name]
    try:
        subprocess.run(command + wanted, check=True)
    finally:
        os.unlink(file.name)


def read_pins():
    """Return {package: "package==version"} of constraints.txt."""
    lines = (paths.ROOT / "constraints.txt").read_text().splitlines()
    pins = [line.split(";")[0].strip() for line in lines if "==" in line]
    return {pin.split("==")[0]: pin for pin in pins}


def installed_versions():
    """Return "package==version" of all that is installed."""
    found = {d.name: d.version for d in importlib.metadata.distributions() if d.name}
    # a local build such as 2.9+cu126 is no version that pip could look up
    return [
        f"{name}=={version}" for name, version in found.items() if "+" not in version
    ]
