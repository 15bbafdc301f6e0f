"""Which pictures come from one source, told by their names.

Copies that an export made of one photograph must not stand on both sides of a split:
the test would then ask for what was learnt by heart.
"""

import re

from inspection.common.errors import DatasetError

# pipe_jpg.rf.0a1b2c.jpg is one of Roboflow's versions of pipe.jpg
ROBOFLOW = re.compile(r"(?:_(?:jpe?g|png|bmp|webp|tiff?))?\.rf\.[0-9a-z]+$", re.I)
# pipe_aug_3, pipe-flip, pipe_rot90, "pipe - Copy (2)"
COPY = re.compile(
    r"[ _-]+(?:aug(?:mented)?|copy|[hv]?flip(?:ped)?|mirror(?:ed)?|rot(?:ated)?)"
    r"[ _-]*\(?\d*\)?$",
    re.I,
)


def source_name(stem, pattern=None):
    """Return the name of what a picture was made from; its own stem if it says nothing.

    `pattern`, a regular expression with one group, tells of tiles or video frames:
    `(.+)_tile` or `(.+)_frame`.
    """
    name = ROBOFLOW.sub("", stem)
    while COPY.search(name):
        name = COPY.sub("", name)
    found = re.search(pattern, name) if pattern else None
    return found[1] if found and found[1] else name or stem


def check_pattern(pattern):
    """Raise DatasetError unless `pattern` is None or has exactly one group."""
    try:
        groups = 1 if pattern is None else re.compile(pattern).groups
    except re.error as error:
        raise DatasetError(f"source pattern {pattern!r}: {error}") from None
    if groups != 1:
        raise DatasetError(
            f"source pattern {pattern!r} has {groups} groups; put ( ) around the one "
            "part of the name that the pictures of one source share, as in (.+)_tile"
        )
