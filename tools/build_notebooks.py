"""Write notebooks/NN_name.ipynb, with outputs, from notebooks/text/NN_name.py.

    python tools/build_notebooks.py
    python tools/build_notebooks.py 01 02
    python tools/build_notebooks.py --prose 02
    python tools/build_notebooks.py --check

Each text is run in quick mode, in a workspace of its own. A notebook that fails, or
that writes warnings, is not stored. The lists in README.md and notebooks/README.md
follow. --prose runs nothing: where only text cells have changed, they are put into the
stored notebook. --check runs nothing either and only says which are out of step.
"""

import sys

import bootstrap  # noqa: F401
from inspection.common import arguments as flags


def out_of_step(texts):
    """Print and return the texts whose notebook does not hold the same cells."""
    from inspection.publishing import notebook_sync

    stale = [text for text in texts if not notebook_sync.is_in_step(text)]
    for text in stale:
        print(f"out of step: {text.name}; run: make notebooks", file=sys.stderr)
    return stale


def build_all(texts):
    """Build the notebooks in order, print a line for each, return the failed names."""
    from inspection.publishing import notebook_sync, usage

    failed = []
    for text in texts:
        try:
            run = notebook_sync.build(text, progress=sys.stderr.isatty())
            reason = run.failure and f"cell [{run.failure.cell}]: {run.failure.reason}"
        except notebook_sync.NotebookFault as fault:
            reason = str(fault)
        if reason:
            failed.append(text.name)
            print(f"{text.name}: not stored: {reason}", file=sys.stderr)
        else:
            print(
                f"{run.name:32} {usage.write_seconds(run.usage.seconds):>12}",
                flush=True,
            )
    return failed


def refresh_all(texts):
    """Put changed prose into the stored notebooks, return the names that must run."""
    from inspection.publishing import notebook_sync

    failed = []
    for text in texts:
        try:
            notebook_sync.refresh_prose(text)
        except notebook_sync.NotebookFault as fault:
            failed.append(text.name)
            print(f"not stored: {fault}", file=sys.stderr)
    return failed


def main():
    parser = flags.parser(__doc__)
    parser.add_argument(
        "notebooks", nargs="*", help="beginnings of names; default: all"
    )
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--check", action="store_true", help="run nothing, only compare")
    only.add_argument(
        "--prose", action="store_true", help="run nothing, store changed text cells"
    )
    arguments = parser.parse_args()
    from inspection.course import paths
    from inspection.publishing import contents, notebook_sync, runner

    try:
        texts = runner.find_notebooks(arguments.notebooks, notebook_sync.TEXTS, ".py")
    except ValueError as error:
        parser.error(str(error))
    if arguments.check:
        return 1 if out_of_step(texts) else 0
    if arguments.prose:
        failed = refresh_all(texts)
        contents.fill_pages()
        return 1 if failed else 0
    with runner.separate_workspace(notebook_sync.HALF_BUILT / paths.WORKSPACE_NAME):
        failed = build_all(texts)
    contents.fill_pages()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
