"""Where things are: the repository, the workspace, Google Drive."""

import os
import tempfile
from pathlib import Path

from inspection.common.errors import UserError
from inspection.course import hosts

ROOT = Path(__file__).resolve().parents[3]
# tools/set_repository.py changes both lines, and all that repeats them
REPOSITORY = "https://github.com/visual-inspection-course/visual-inspection-course"
BRANCH = ""  # "" for the main one
NAME = REPOSITORY.split("/")[-1]

WORKSPACE_NAME = "customTF2"
# tests and `make course` set this, so that they never touch what you trained
WORKSPACE_VARIABLE = "INSPECTION_WORKSPACE"
PROJECTS = ROOT / "projects"
SETTINGS = "settings.toml"  # of a project

DRIVE = Path("/content/drive")
DRIVE_FOLDERS = ("MyDrive", "My Drive")
LOCAL = (
    "Working in a local folder: download your results before the session ends, or mend "
    "it and run this cell again."
)


def on_colab():
    """Return whether this Python runs on Google Colab."""
    return hosts.on_colab()


def workspace(use_drive=False):
    """Make and return the training workspace, on Google Drive if asked and possible."""
    chosen = os.environ.get(WORKSPACE_VARIABLE)
    if chosen:
        return make_folders(Path(chosen))
    drive = mount_drive() if use_drive else None
    if drive is not None:
        try:
            return make_folders(drive / WORKSPACE_NAME)
        except OSError as error:  # a full Drive, or one that has gone away
            print(f"Google Drive takes no files ({error.strerror}). {LOCAL}")
    try:
        return make_folders(ROOT / WORKSPACE_NAME)
    except OSError as error:
        raise UserError(_read_only(error)) from error


def _read_only(error):
    """Return what to do where nothing can be written beside the course."""
    name, folder = hosts.name(), hosts.writable()
    where = f"on {name} {folder} can be written" if folder else "a disk with room"
    return (
        f"{ROOT} takes no files ({error.strerror}), and the course writes beside its "
        f"pictures. Copy the whole folder to where it may ({where}), open this notebook "
        "there and run this cell again"
    )


def make_folders(folder):
    """Make the folders of a workspace, see that files can be written, return it."""
    for name in ("data", "training", "exported"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(b"is there room?")
    return folder


def enter_project():
    """Make the project in whose folder a notebook was opened its workspace."""
    here = Path.cwd().resolve()
    if here.parent == PROJECTS and (here / SETTINGS).is_file():
        # a set-up cell that runs twice finds itself elsewhere the second time
        os.environ[WORKSPACE_VARIABLE] = str(here)


def mount_drive():
    """Mount Google Drive and return its folder, or say why not and return None."""
    if not on_colab():
        print("Google Drive is there on Colab only: working in a local folder.")
        return None
    from google.colab import drive

    # a refused or broken mount raises many kinds of errors; none may end the lesson
    try:
        drive.mount(str(DRIVE))
    except Exception as error:
        print(f"Google Drive could not be mounted ({error}). {LOCAL}")
        return None
    return drive_folder(DRIVE)


def drive_folder(mountpoint):
    """Return the user's folder under a mount point: MyDrive, or the older My Drive."""
    for name in DRIVE_FOLDERS:
        if (mountpoint / name).is_dir():
            return mountpoint / name
    print(
        f"No {' or '.join(DRIVE_FOLDERS)} in {mountpoint}: working in a local folder."
    )
    return None


def short(path: str | Path) -> str:
    """Return a path as a reader wants it: from the repository or the workspace on.

    >>> short(ROOT / "data/leaks/images")
    'data/leaks/images'
    """
    path = Path(path).resolve()
    if WORKSPACE_NAME in path.parts:
        start = path.parts.index(WORKSPACE_NAME)
        return "/".join(path.parts[start:])
    if path.is_relative_to(ROOT):
        return path.relative_to(ROOT).as_posix()
    return path.as_posix()
