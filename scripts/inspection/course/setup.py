"""What the set-up cell of every notebook calls."""

import importlib.metadata
import os
import subprocess
import sys
import tempfile

from inspection.course import paths, plots

# what Colab lacks; the pins are those of constraints.txt
COLAB_LACKS = ("ai-edge-litert", "google-crc32c", "imageio-ffmpeg", "waitress")


def prepare(use_drive=False):
    """Make a notebook ready and return its workspace folder.

    The repository becomes the current folder, so that data/leaks means the same
    everywhere. On Colab the few missing packages are installed; elsewhere nothing is.
    """
    os.chdir(paths.ROOT)
    # TensorFlow reads these when imported: errors only, no chat about the hardware
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if paths.on_colab():
        install(missing(COLAB_LACKS))
    plots.use_style()
    return paths.workspace(use_drive)


def missing(packages):
    """Return the packages that are not installed in any version."""
    return [name for name in packages if not is_installed(name)]


def is_installed(package):
    """Return whether a package is installed in any version."""
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


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
