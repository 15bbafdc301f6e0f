"""Write docs/errors.md from the errors that the source can raise.

    python tools/build_error_guide.py
    python tools/build_error_guide.py --check

Cause and mend stand in scripts/inspection/publishing/error_guide.toml. A message that
nothing there explains ends this command, and so does one that is no longer raised.
"""

import sys

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.course import paths
from inspection.publishing import error_guide


def main():
    parser = flags.parser(__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing, only compare"
    )
    args = parser.parse_args()
    try:
        text = error_guide.guide_text()
    except ValueError as error:
        sys.exit(f"error: {error}")
    page = error_guide.PAGE
    if args.check:
        if not page.is_file() or page.read_text(encoding="utf-8") != text:
            sys.exit(
                f"error: {paths.short(page)} is out of step; run: "
                "python tools/build_error_guide.py"
            )
        return
    print(f"wrote {paths.short(error_guide.write_guide())}")


if __name__ == "__main__":
    main()
