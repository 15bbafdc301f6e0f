"""Make a workspace for pictures of your own, with notebooks that read it.

    python scripts/new_project.py "hall 3" --classes leak puddle
    python scripts/new_project.py walls --kind classification --classes clean crack
    python scripts/new_project.py girders --kind segmentation --classes rust
    python scripts/new_project.py flanges --kind anomaly --classes flange

It lies in projects/NAME: folders for pictures and what belongs to them, settings.toml,
and the notebooks of its kind without outputs. Nothing that is there is overwritten.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

from inspection.common import arguments as flags
from inspection.common.errors import exit_on_error
from inspection.course import paths, project

PUT = {
    "detection": "pictures into images/, one Pascal VOC .xml each into annotations/",
    "classification": "pictures into the folder of their class in images/",
    "segmentation": "pictures into images/, a mask of the same name each into masks/",
    "anomaly": "good parts into images/train/good/, others into the folders of test/",
}
# what check_dataset.py is told, folders as they lie in the project
CHECK = {
    "detection": ("-x", "annotations", "-i", "images"),
    "classification": ("images",),
    "segmentation": ("-i", "images", "--masks", "masks"),
    "anomaly": ("images",),
}


def parse_arguments():
    parser = flags.parser(__doc__)
    parser.add_argument("name", metavar="NAME", help="of the folder to make")
    parser.add_argument("--kind", choices=project.KINDS, default="detection")
    parser.add_argument(
        "--classes", nargs="+", required=True, metavar="CLASS", help="in their order"
    )
    return parser.parse_args()


def print_next(folder, kind):
    """Say what to do now, with commands that can be copied."""
    print(f"made {paths.short(folder)}; next, in the folder of the course:")
    print(f"  put {PUT[kind]}")
    words = [word if word.startswith("-") else folder / word for word in CHECK[kind]]
    show("scripts/check_dataset.py", *words)
    show("-m", "jupyter", "lab", min(folder.glob("*.ipynb")))


def show(*arguments):
    """Print a line for the shell of this system, run by this Python."""
    # not resolved: the interpreter of .venv is a link to one without the packages
    words = [Path(sys.executable), *arguments]
    words = [w.relative_to(paths.ROOT) if is_ours(w) else w for w in words]
    print("  " + quote([str(word) for word in words]))


def is_ours(word):
    """Return whether a word is a path inside the course."""
    return isinstance(word, Path) and word.is_relative_to(paths.ROOT)


def quote(words):
    """Return words as one line of the shell."""
    if os.name == "nt":
        return subprocess.list2cmdline(words)
    return shlex.join(words)


@exit_on_error()
def main():
    arguments = parse_arguments()
    from inspection.publishing import project_writer

    folder = project_writer.make_project(
        arguments.name, arguments.kind, arguments.classes
    )
    print_next(folder, arguments.kind)


if __name__ == "__main__":
    main()
