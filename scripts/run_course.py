"""Run the notebooks from top to bottom and build the site, build/course/index.html.

    python scripts/run_course.py
    python scripts/run_course.py 01 02
    python scripts/run_course.py 02 --mode full

Each notebook runs on its own, in a workspace of its own (build/course/customTF2): what
you trained in customTF2 is not touched. One that fails does not stop the others; the
front page says in which cell and why, and the exit code is 1. The site is a book of the
notebooks and of all pages, with search; it opens from its folder, offline.
"""

import sys
from pathlib import Path

from inspection.common import arguments as flags
from inspection.course import mode, paths


def run_all(notebooks, mode_name, folder):
    """Run notebooks one after the other, print a line for each, return the runs."""
    from inspection.publishing import runner

    runs = []
    settings = {} if mode_name == "quick" else {"MODE": mode_name}
    for source in notebooks:
        output = folder / source.name
        bar = sys.stderr.isatty()
        run = runner.run_notebook(source, output, settings, progress=bar)
        print(runner.progress_line(run), flush=True)
        runs.append(run)
    return runs


def parse_arguments():
    parser = flags.parser(__doc__)
    parser.add_argument(
        "notebooks", nargs="*", help="beginnings of names; default: all"
    )
    parser.add_argument("--mode", choices=mode.MODES, default="quick")
    flags.add_output(
        parser,
        type=Path,
        default=paths.ROOT / "build" / "course",
        metavar="DIR",
        help="folder of the site (build/course)",
    )
    return parser, parser.parse_args()


def main():
    parser, arguments = parse_arguments()
    from inspection.publishing import runner
    from inspection.publishing.site.build import write_site

    try:
        notebooks = runner.find_notebooks(arguments.notebooks)
    except ValueError as error:
        parser.error(str(error))
    output = arguments.output
    output.mkdir(parents=True, exist_ok=True)
    with runner.separate_workspace(output.resolve() / paths.WORKSPACE_NAME):
        runs = run_all(notebooks, arguments.mode, output)
    index = write_site(output, runs, arguments.mode)
    print(f"\nopen {index}")
    return 1 if any(run.failure for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
