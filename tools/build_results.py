"""Write docs/results.md, its figures and the tables of README.md from assets/results/.

    python tools/build_results.py
    python tools/build_results.py --check

Run it after a benchmark has written new measurements. --check writes nothing and says
which page or figure is out of step.
"""

import argparse
import sys

import bootstrap  # noqa: F401
from inspection.course import paths


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing, only compare"
    )
    args = parser.parse_args()
    # late: --help answers without matplotlib
    from inspection.publishing import contents
    from inspection.publishing.results import figures, page

    if args.check:
        stale = [*stale_pages(contents, page), *figures.stale()]
        for path in stale:
            print(
                f"out of step: {paths.short(path)}; run: python tools/build_results.py",
                file=sys.stderr,
            )
        return 1 if stale else 0
    contents.fill_pages()
    for path in [page.write_page(), *figures.write_all()]:
        print(f"wrote {paths.short(path)}")
    return 0


def stale_pages(contents, page):
    """Return the pages that do not say what was measured."""
    readme = contents.README.read_text(encoding="utf-8")
    results = page.PAGE.read_text(encoding="utf-8")
    stale = [contents.README] if contents.filled_readme(readme) != readme else []
    return stale + ([page.PAGE] if page.page_text() != results else [])


if __name__ == "__main__":
    sys.exit(main())
