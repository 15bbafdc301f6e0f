"""A project: a workspace for pictures of one's own, with notebooks that read it.

It lies in projects/NAME and has the folders of customTF2. What its notebooks share
stands in settings.toml; what only one of them needs stays in its settings cell.
"""

import re
import reprlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from inspection.common.errors import UserError
from inspection.common.text_files import read_text
from inspection.course import paths


@dataclass(frozen=True)
class ProjectKind:
    """A problem of computer vision: its notebooks, folders and shared settings."""

    notebooks: tuple[str, ...]
    folders: tuple[str, ...]  # for what the user brings
    settings: str  # of settings.toml
    values: dict[str, str]  # what the settings cells take from there


KINDS = {
    "detection": ProjectKind(
        ("01", "02", "03"),
        ("images", "annotations"),
        """images = "images"  # JPEG or PNG; folder or .zip
annotations = "annotations"  # one Pascal VOC .xml for each; "" where images holds them
splits = ""  # a folder of train.txt, val.txt, test.txt; "" the set's own, or draws them
classes = {classes}  # the order is the class id: never reorder after training
run = "first"  # the same name goes on, a new one starts afresh
""",
        {
            "IMAGES": 'PROJECT["images"]',
            "ANNOTATIONS": 'PROJECT["annotations"]',
            "SPLITS": 'PROJECT["splits"]',
            "CLASSES": 'PROJECT["classes"]',
            "RUN": 'PROJECT["run"]',
            "LEAKS": '""',
            "ALARM_CLASS": 'PROJECT["classes"][0]',
        },
    ),
    "classification": ProjectKind(
        ("04",),
        ("images",),
        """images = "images"  # one folder for each class inside, or a .zip of it
classes = {classes}  # these folders; of two, the last one is what we look for
source = ""  # what names of pictures of one thing share, such as "(.+)_tile"
""",
        {
            "PICTURES": 'PROJECT["images"]',
            "CLASSES": 'PROJECT["classes"]',
            "SOURCE": 'PROJECT["source"]',
            "OTHER": '""',
            "OTHER_CLASSES": 'PROJECT["classes"]',
            "PHOTO": '""',
        },
    ),
    "segmentation": ProjectKind(
        ("05", "06"),
        ("images", "masks"),
        """images = "images"  # JPEG or PNG; folder or .zip
masks = "masks"  # a mask of the same name for each; "" where images holds them
splits = ""  # a folder of train.txt, val.txt, test.txt; "" the set's own, or deals them
classes = {classes}  # what the masks mark
run = "first"  # the same name goes on, a new one starts afresh
""",
        {
            "IMAGES": 'PROJECT["images"]',
            "MASKS": 'PROJECT["masks"]',
            "SPLITS": 'PROJECT["splits"]',
            "THING": 'PROJECT["classes"][0]',
            "RUN": 'PROJECT["run"]',
        },
    ),
    "anomaly": ProjectKind(
        ("09",),
        ("images",),
        """images = "images"  # train/good, test/good, test/KIND, ground_truth/KIND
classes = {classes}  # what the pictures show
run = "first"  # name of the model
""",
        {
            "PICTURES": 'PROJECT["images"]',
            "THING": 'PROJECT["classes"][0]',
            "RUN": 'PROJECT["run"]',
        },
    ),
}
MODE = 'mode = "quick"  # "full" needs a GPU'
PATHS = ("images", "annotations", "masks", "splits")


def read_settings(folder):
    """Return the settings of a project, its paths as seen from the course's folder.

    Raises UserError where the file is none of TOML, or lacks lines.
    """
    path = Path(folder) / paths.SETTINGS
    settings = read_toml(path)
    kind = settings.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise UserError(
            f"{path}: kind is {kind!r}; it must be one of {', '.join(KINDS)}"
        )
    lines = KINDS[kind].settings + MODE
    lost = set(re.findall(r"^(\w+) =", lines, re.MULTILINE)) - set(settings)
    if lost:
        raise UserError(f"{path} has lost lines: {', '.join(sorted(lost))}")
    for name in sorted(set(re.findall(r"^(\w+) =", lines, re.MULTILINE))):
        _check_type(path, name, settings[name])
    for name in PATHS:
        if settings.get(name):
            settings[name] = from_course(path.parent / settings[name])
    return settings


def _check_type(path, name, value):
    """Raise UserError for a setting that is no text, or no list of texts."""
    texts = value if name == "classes" else [value]
    if not isinstance(texts, list) or not all(isinstance(t, str) for t in texts):
        wanted = '["leak", "puddle"]' if name == "classes" else "text in quotes"
        raise UserError(f"{path}: {name} is {reprlib.repr(value)}; write {wanted}")
    if any("\0" in text for text in texts):
        raise UserError(f"{path}: {name} holds a NUL, which no name can")


def read_toml(path):
    """Return what a file of TOML says."""
    if not path.is_file():
        raise UserError(
            f"{path} is not there: open this notebook in the folder of its project, "
            "and run it from its first cell"
        )
    try:
        return tomllib.loads(read_text(path))
    except ValueError as error:  # also of numbers with thousands of digits
        raise UserError(f"{path} cannot be read: {error}") from error
    except RecursionError:
        raise UserError(f"{path} cannot be read: it is nested too deeply") from None


def from_course(path):
    """Return a path as the notebooks need it, which work in the course's folder."""
    path = path.resolve()
    inside = path.is_relative_to(paths.ROOT)
    return (path.relative_to(paths.ROOT) if inside else path).as_posix()
