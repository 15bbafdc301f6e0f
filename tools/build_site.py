"""Build the site of the course from the notebooks as they are stored, none is run.

    python tools/build_site.py
    python tools/build_site.py --output build/monday

`make course` builds the same site from notebooks that it has run on your machine. Both
need no network, to be built and to be read: open index.html.
"""

from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.course import paths


def main():
    parser = flags.parser(__doc__)
    flags.add_output(
        parser,
        type=Path,
        default=paths.ROOT / "build" / "site",
        metavar="DIR",
        help="folder of the site (build/site)",
    )
    output = parser.parse_args().output
    from inspection.publishing.site.build import write_site

    print(f"open {write_site(output)}")


if __name__ == "__main__":
    main()
