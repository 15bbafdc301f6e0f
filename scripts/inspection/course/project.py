"""A project: a workspace for pictures of one's own, with notebooks that read it.

It lies in projects/NAME and has the folders of customTF2. What its notebooks share
stands in settings.toml; what only one of them needs stays in its settings cell.
"""

import os
import re
import tempfile
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from inspection.course import copies, pairs, paths, runner
from inspection.datasets.errors import UserError
from inspection.datasets.wording import plural

BAD_SIGNS = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # what Windows refuses in a name
RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM\d|LPT\d)(\..*)?$", re.IGNORECASE)
OWN_PICTURES = re.compile(r"Your own \w+\? Change [^.]*nothing else\.")
IN_SETTINGS = "The lines with `PROJECT` come from `settings.toml`; change them there."
NOTE = (
    "\n\nA copy for the project `{name}`. What the text says of figures is about the "
    "bundled pictures; look at yours with the same questions."
)
READ = """from inspection.course import project

PROJECT = project.read_settings(WORKSPACE)  # settings.toml: what all notebooks share
"""


@dataclass(frozen=True)
class Kind:
    """A problem of computer vision: its notebooks, folders and shared settings."""

    notebooks: tuple[str, ...]
    folders: tuple[str, ...]  # for what the user brings
    settings: str  # of settings.toml
    values: dict[str, str]  # what the settings cells take from there


KINDS = {
    "detection": Kind(
        ("01", "02", "03"),
        ("images", "annotations"),
        """images = "images"  # JPEG or PNG; folder or .zip
annotations = "annotations"  # one Pascal VOC .xml for each; folder or .zip
splits = ""  # a folder of train.txt, val.txt, test.txt; "" draws them
classes = {classes}  # the order is the class id: never reorder after training
run = "first"  # the same name goes on, a new one starts afresh
""",
        {
            "IMAGES": 'PROJECT["images"]',
            "ANNOTATIONS": 'PROJECT["annotations"]',
            "SPLITS": 'PROJECT["splits"]',
            "CLASSES": 'PROJECT["classes"]',
            "RUN": 'PROJECT["run"]',
            "ALARM_CLASS": 'PROJECT["classes"][0]',
        },
    ),
    "classification": Kind(
        ("04",),
        ("images",),
        """images = "images"  # one folder for each class inside, or a .zip of it
classes = {classes}  # these folders; the last one is what we look for
source = ""  # what names of pictures of one thing share, such as "(.+)_tile"
""",
        {
            "PICTURES": 'PROJECT["images"]',
            "CLASSES": 'PROJECT["classes"]',
            "SOURCE": 'PROJECT["source"]',
            "OTHER": '""',
        },
    ),
    "segmentation": Kind(
        ("05", "06"),
        ("images", "masks"),
        """images = "images"  # JPEG or PNG; folder or .zip
masks = "masks"  # a mask of the same name for each; folder or .zip
splits = ""  # a folder of train.txt, val.txt, test.txt; "" deals them out
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
}
HEAD = """# What all notebooks of this project share. Change a line, then run them again.
# Paths begin in this folder, or are whole; write / also on Windows.
"""
KIND = """kind = "{kind}"  # what the notebooks here are for; leave it
"""
MODE = 'mode = "quick"  # "full" needs a GPU'
PATHS = ("images", "annotations", "masks", "splits")
# notebook 01 writes the lists there, its own or those it was given
WRITTEN_SPLITS = 'str(WORKSPACE / "data/splits")'


def make_project(name, kind, classes) -> Path:
    """Make projects/NAME with folders, settings and notebooks; return it.

    All of it appears, or nothing. Raises UserError for a name that is taken or that
    some system refuses, and for classes that do not suit the kind.
    """
    name = check_name(name)
    check_classes(kind, classes)
    folder = paths.PROJECTS / name
    if folder.exists():
        raise UserError(f"{paths.short(folder)} is there already; choose another name")
    paths.PROJECTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=paths.PROJECTS) as temporary:
        fresh = Path(temporary) / "project"
        fill(fresh, name, kind, classes)
        os.rename(fresh, folder)
    return folder


def check_name(name):
    """Return a name as a folder can bear it everywhere."""
    name = unicodedata.normalize("NFC", name)
    bad = BAD_SIGNS.search(name)
    if bad:
        raise UserError(f"{name!r} is no name for a folder: it holds {bad[0]!r}")
    if not name.strip(" .") or name != name.strip() or name.endswith("."):
        raise UserError(
            f"{name!r} is no name for a folder: it is empty, or begins or ends with a "
            "space or a dot"
        )
    if name.startswith(".") or RESERVED.match(name):
        raise UserError(f"{name!r} is no name for a folder: it means something else")
    return name


def check_classes(kind, classes):
    """Raise UserError where there are too few or too many classes, or one twice."""
    wanted = {"classification": 2, "segmentation": 1}.get(kind, len(classes))
    if len(classes) != wanted:
        raise UserError(
            f"{kind} takes {plural(wanted, 'class')}, not {len(classes)}: "
            f"{', '.join(classes)}"
        )
    bad = [c for c in classes if classes.count(c) > 1 or c != c.strip() or not c]
    if bad:
        raise UserError(
            "classes need different names without spaces at their ends: "
            f"{', '.join(map(repr, dict.fromkeys(bad)))}"
        )
    if kind == "classification":  # each is a folder
        for name in classes:
            check_name(name)


def fill(folder, name, kind, classes):
    """Write everything a new project holds into an empty folder."""
    parts = KINDS[kind]
    for part in (*parts.folders, "data", "training", "exported"):
        (folder / part).mkdir(parents=True)
    for class_name in classes if kind == "classification" else ():
        (folder / "images" / class_name).mkdir()
    text = settings_text(kind, classes)
    (folder / paths.SETTINGS).write_text(text, encoding="utf-8")
    texts = runner.find_notebooks(parts.notebooks, pairs.TEXTS, ".py")
    staying = {f"{text.stem}.ipynb" for text in texts}
    for text in texts:
        notebook = copy_notebook(text, name, parts.values, staying)
        copies.write(notebook, folder / f"{text.stem}.ipynb")


def settings_text(kind, classes):
    """Return what settings.toml says at first."""
    lines = KINDS[kind].settings.format(classes=write_list(classes))
    lines = copies.align_comments(KIND.format(kind=kind) + lines + MODE)
    return f"{HEAD}{lines}\n"


def write_list(names):
    """Return names as a list of TOML."""
    quoted = [name.replace("\\", "\\\\").replace('"', '\\"') for name in names]
    return "[" + ", ".join(f'"{name}"' for name in quoted) + "]"


def copy_notebook(text, name, values, staying):
    """Return a notebook, without outputs, whose settings come from the project."""
    notebook = pairs.read_text(text)
    copies.strip_badge(notebook)
    copies.strip_cover(notebook)
    copies.move_links(notebook, "../../notebooks", staying)
    notebook.cells[0].source += NOTE.format(name=name)
    for prose in copies.texts_of(notebook):
        prose.source = OWN_PICTURES.sub(IN_SETTINGS, prose.source)
    own = {"MODE": 'PROJECT["mode"]'}
    if text.stem.startswith("03"):
        own["SPLITS"] = WRITTEN_SPLITS
    cell = copies.settings_cell(notebook)
    cell.source = READ + "\n" + copies.set_values(cell.source, values | own)
    return notebook


def read_settings(folder):
    """Return the settings of a project, its paths as seen from the course's folder.

    Raises UserError where the file is none of TOML, or lacks lines.
    """
    path = Path(folder) / paths.SETTINGS
    settings = read_toml(path)
    kind = settings.get("kind")
    if kind not in KINDS:
        raise UserError(
            f"{path}: kind is {kind!r}; it must be one of {', '.join(KINDS)}"
        )
    lines = KINDS[kind].settings + MODE
    lost = set(re.findall(r"^(\w+) =", lines, re.MULTILINE)) - set(settings)
    if lost:
        raise UserError(f"{path} has lost lines: {', '.join(sorted(lost))}")
    for name in PATHS:
        if settings.get(name):
            settings[name] = from_course(path.parent / settings[name])
    return settings


def read_toml(path):
    """Return what a file of TOML says."""
    if not path.is_file():
        raise UserError(
            f"{path} is not there: open this notebook in the folder of its project, "
            "and run it from its first cell"
        )
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read: {error}") from error


def from_course(path):
    """Return a path as the notebooks need it, which work in the course's folder."""
    path = path.resolve()
    inside = path.is_relative_to(paths.ROOT)
    return (path.relative_to(paths.ROOT) if inside else path).as_posix()
