"""Make a project: its folders, its settings.toml, its notebooks."""

import re
import unicodedata
from pathlib import Path

from inspection.common.atomic_files import whole_folder
from inspection.common.drafts import settle
from inspection.common.errors import UserError
from inspection.course import paths
from inspection.course.project import KINDS, MODE
from inspection.publishing import editions, notebook_sync, runner

BAD_SIGNS = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # what Windows refuses in a name
RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM\d|LPT\d)(\..*)?$", re.IGNORECASE)
OWN_IMAGES = re.compile(r"Your own \w+\? Change [^.]*nothing else\.")
IN_SETTINGS = "The lines with `PROJECT` come from `settings.toml`; change them there."
NOTE = (
    "\n\nA copy for the project `{name}`. What the text says of figures is about the "
    "bundled pictures; look at yours with the same questions."
)
READ = """from inspection.course import project

PROJECT = project.read_settings(WORKSPACE)  # settings.toml: what all notebooks share
"""
HEAD = """# What all notebooks of this project share. Change a line, then run them again.
# Paths begin in this folder, or are whole; write / also on Windows.
"""
KIND = """kind = "{kind}"  # what the notebooks here are for; leave it
"""


def make_project(name, kind, classes) -> Path:
    """Make projects/NAME with folders, settings and notebooks; return it.

    All of it appears, or nothing. Raises UserError for a name that is taken or that
    some system refuses, and for classes that do not suit the kind.
    """
    name = check_name(name)
    check_classes(kind, classes)
    folder = paths.PROJECTS / name
    settle(folder)
    _refuse_taken(folder)
    with whole_folder(folder) as draft:
        fill(draft, name, kind, classes)
        _refuse_taken(folder)
    return folder


def _refuse_taken(folder):
    if folder.exists():
        raise UserError(f"{paths.short(folder)} is there already; choose another name")


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
    if kind in ("segmentation", "anomaly") and len(classes) != 1:
        raise UserError(
            f"{kind} takes 1 class, not {len(classes)}: {', '.join(classes)}"
        )
    if kind == "classification" and len(classes) < 2:
        raise UserError(f"{kind} takes two classes or more, not {', '.join(classes)}")
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
    for inner in inner_folders(kind, classes):
        (folder / "images" / inner).mkdir(parents=True)
    text = settings_text(kind, classes)
    (folder / paths.SETTINGS).write_text(text, encoding="utf-8")
    texts = runner.find_notebooks(parts.notebooks, notebook_sync.TEXTS, ".py")
    staying = {f"{text.stem}.ipynb" for text in texts}
    for text in texts:
        notebook = copy_notebook(text, name, parts.values, staying)
        editions.write(notebook, folder / f"{text.stem}.ipynb")


def inner_folders(kind, classes):
    """Return the folders in which pictures of a kind are sorted."""
    if kind == "anomaly":
        return ("train/good", "test/good", "test/bad")
    return classes if kind == "classification" else ()


def settings_text(kind, classes):
    """Return what settings.toml says at first."""
    lines = KINDS[kind].settings.format(classes=write_list(classes))
    lines = editions.align_comments(KIND.format(kind=kind) + lines + MODE)
    return f"{HEAD}{lines}\n"


def write_list(names):
    """Return names as a list of TOML."""
    quoted = [name.replace("\\", "\\\\").replace('"', '\\"') for name in names]
    return "[" + ", ".join(f'"{name}"' for name in quoted) + "]"


def copy_notebook(text, name, values, staying):
    """Return a notebook, without outputs, whose settings come from the project."""
    notebook = notebook_sync.read_text(text)
    notebook_sync.drop_claims(notebook)
    editions.strip_badge(notebook)
    editions.strip_cover(notebook)
    editions.move_links(notebook, "../../notebooks", staying)
    notebook.cells[0].source += NOTE.format(name=name)
    for prose in editions.texts_of(notebook):
        prose.source = OWN_IMAGES.sub(IN_SETTINGS, prose.source)
    own = {"MODE": 'PROJECT["mode"]'}
    cell = editions.settings_cell(notebook)
    cell.source = READ + "\n" + editions.set_values(cell.source, values | own)
    return notebook
