"""What the set-up cell of every notebook calls."""

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
import tempfile

from inspection.common.errors import UserError
from inspection.course import hosts, paths

# what Colab and Kaggle lack; the pins are those of constraints.txt
COLAB_LACKS = ("ai-edge-litert", "av", "google-crc32c", "waitress")
INSTALL_ON = ("Colab", "Kaggle")

# {package: its module}: the module decides, for it comes in packages of several names,
# as cv2 in opencv-python-headless and tensorflow in tensorflow-cpu
TESTED = {
    "tensorflow": "tensorflow",
    "keras": "keras",
    "numpy": "numpy",
    "opencv-python": "cv2",
}
NEEDED = TESTED | {"pandas": "pandas", "matplotlib": "matplotlib"}


def prepare(use_drive=False):
    """Make a notebook ready and return its workspace folder.

    The repository becomes the current folder, so that data/leaks means the same
    everywhere. On Colab and Kaggle the few missing packages are installed; elsewhere
    nothing is.
    """
    paths.enter_project()
    os.chdir(paths.ROOT)
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if hosts.name() in INSTALL_ON:
        install(missing(COLAB_LACKS))
    check_versions()
    # only now: another Python may lack them, and is told so
    import pandas as pd

    from inspection.course import plots

    plots.use_style()
    pd.set_option("display.max_colwidth", None)
    return paths.workspace(use_drive)


def check_versions():
    """Say in one line which libraries are of another version than tested.

    Raises UserError where one is not there at all.
    """
    absent = [n for n, module in NEEDED.items() if not has_module(module)]
    if absent:
        raise UserError(
            f"this Python has no {', '.join(absent)}: {hosts.to_a_kernel()}"
        )
    found = {name: version_of_module(module) for name, module in TESTED.items()}
    tested = {name: read_pins()[name].split("==")[1] for name in TESTED}
    other = [
        f"{n} {v} (here tested: {tested[n]})"
        for n, v in found.items()
        if v and v.split(".")[:2] != tested[n].split(".")[:2]
    ]
    if other:
        print("Other versions than tested:", ", ".join(other))


def has_module(module):
    """Return whether a module could be imported, from whichever package."""
    return importlib.util.find_spec(module) is not None


def version_of_module(module):
    """Return the version of the package that brings a module, None where none says."""
    packages = importlib.metadata.packages_distributions().get(module, ())
    return next(filter(None, map(version_of, packages)), None)


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
        done = subprocess.run(command + wanted)
    finally:
        os.unlink(file.name)
    if done.returncode:
        raise UserError(
            f"{' '.join(wanted)} could not be installed; above, pip says why. Without "
            "network (on Kaggle Internet is off at first) switch it on, and run this "
            "cell again"
        )


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
