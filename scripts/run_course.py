"""Run the notebooks from top to bottom and write build/course/index.html.

    python scripts/run_course.py
    python scripts/run_course.py 01 02
    python scripts/run_course.py 02 --mode full

Each notebook runs on its own, in a workspace of its own (build/course/customTF2): what
you trained in customTF2 is not touched. One that fails does not stop the others; the
page says in which cell and why, and the exit code is 1.
"""

import sys
from pathlib import Path

from inspection.common import arguments as flags
from inspection.course import mode, paths
from inspection.publishing import page, runner, usage


def run_all(notebooks, mode_name, folder):
    """Run notebooks one after the other, print a line for each, return the runs."""
    runs = []
    settings = {} if mode_name == "quick" else {"MODE": mode_name}
    for source in notebooks:
        output = folder / source.name
        bar = sys.stderr.isatty()
        run = runner.run_notebook(source, output, settings, progress=bar)
        page.write_notebook_page(run, folder)
        print(progress_line(run), flush=True)
        runs.append(run)
    return runs


def progress_line(run):
    """Return name, cells, time and memory of a run, and where it stopped if it did."""
    seconds = usage.write_seconds(run.usage.seconds)
    memory = usage.write_bytes(run.usage.peak_bytes)
    line = f"{run.name:32} {run.cells:3} cells  {seconds:>12}  {memory:>8}"
    if run.failure is None:
        return line
    where = f" in cell [{run.failure.cell}]" if run.failure.cell else ""
    return f"{line}  stopped{where}: {run.failure.reason}"


def main():
    parser = flags.parser(__doc__)
    parser.add_argument(
        "notebooks", nargs="*", help="beginnings of names; default: all"
    )
    parser.add_argument("--mode", choices=mode.MODES, default="quick")
    parser.add_argument(
        "--output", type=Path, default=paths.ROOT / "build" / "course", help="folder"
    )
    args = parser.parse_args()
    try:
        notebooks = runner.find_notebooks(args.notebooks)
    except ValueError as error:
        parser.error(str(error))
    args.output.mkdir(parents=True, exist_ok=True)
    with runner.separate_workspace(args.output.resolve() / paths.WORKSPACE_NAME):
        runs = run_all(notebooks, args.mode, args.output)
    index = page.write_index(runs, args.mode, args.output)
    print(f"\nopen {index}")
    return 1 if any(run.failure for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
