"""List the licences of all packages in this environment, and of what their wheels hold.

    .venv/bin/python tools/list_licences.py
    .venv/bin/python tools/list_licences.py --only copyleft

What a package says of itself does not always hold for the programs and libraries that
its wheel brings along: those that play films are asked themselves.
"""

import importlib.metadata
import re
from collections import Counter

import bootstrap  # noqa: F401
from inspection.common import arguments as flags

COPYLEFT = re.compile(
    r"GPL|GNU|MPL|Mozilla|Eclipse|EPL|CDDL|EUPL|Creative Commons .*Share", re.I
)
LONGEST = 60  # some packages write the whole text into the field
FREE = "License :: OSI Approved :: "


def licence_of(distribution):
    """Return what a package says of itself: an expression, a field or its classifiers."""
    said = distribution.metadata
    classifiers = said.get_all("Classifier") or []
    named = [c.rsplit(" :: ", 1)[1] for c in classifiers if c.startswith(FREE)]
    field = " ".join((said.get("License") or "").split())
    short = field if field and len(field) <= LONGEST and field != "UNKNOWN" else ""
    texts = [said.get("License-Expression"), short, ", ".join(named)]
    return next(filter(None, texts), f"not said; see {said.get('Home-page') or 'it'}")


def packages():
    """Return sorted (name, version, licence), each package once."""
    rows = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        rows.setdefault(
            name.lower(), (name, distribution.version, licence_of(distribution))
        )
    return [rows[key] for key in sorted(rows)]


def films():
    """Return what the wheel of PyAV says of the FFmpeg in it, and what of it is GPL."""
    import av

    said = av._core.library_meta["libavcodec"]  # the only place where PyAV tells it
    gpl = re.findall(r"--enable-(libx26\d)", said["configuration"])
    return f"FFmpeg, {said['license']}; {' and '.join(gpl) or 'nothing'} in it: GPL"


def main():
    parser = flags.parser(__doc__)
    parser.add_argument(
        "--only", choices=("copyleft",), help="those that ask something in return"
    )
    arguments = parser.parse_args()
    rows = packages()
    for name, version, licence in rows:
        if not arguments.only or COPYLEFT.search(licence):
            print(f"{name:32} {version:16} {licence}")
    print(f"in the wheel of av: {films()}")
    if not arguments.only:
        counts = Counter(licence for *_, licence in rows).most_common(5)
        print(f"{len(rows)} packages;", ", ".join(f"{n} {name}" for name, n in counts))


if __name__ == "__main__":
    main()
