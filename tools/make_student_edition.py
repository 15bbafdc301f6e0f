"""Write the notebooks without solutions and outputs into build/student/.

    python tools/make_student_edition.py
    python tools/make_student_edition.py 01 02 --output build/monday

The titles keep their picture: it shows what will be built. Opened where they are
written, in the folder of the course, the notebooks find their data; their badges open
the originals on Colab and are left out.
"""

from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.course import paths


def main():
    parser = flags.parser(__doc__)
    parser.add_argument(
        "notebooks", nargs="*", help="beginnings of names; default: all"
    )
    flags.add_output(
        parser,
        type=Path,
        default=paths.ROOT / "build" / "student",
        metavar="DIR",
        help="folder of the notebooks (build/student)",
    )
    arguments = parser.parse_args()
    from inspection.publishing import editions, notebook_sync, runner

    try:
        texts = runner.find_notebooks(arguments.notebooks, notebook_sync.TEXTS, ".py")
    except ValueError as error:
        parser.error(str(error))
    removed = editions.write_student_edition(texts, arguments.output.resolve())
    print(
        f"wrote {len(texts)} notebooks without {removed} solutions to "
        f"{paths.short(arguments.output)}"
    )


if __name__ == "__main__":
    main()
