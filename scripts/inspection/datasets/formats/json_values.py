"""JSON of annotation tools: read within bounds, and its values held against their kinds.

Whatever a file holds, nothing but a DatasetError comes of it, which names the place:
`annotations[12].bbox`.
"""

import json
from pathlib import Path

import numpy as np

from inspection.common.errors import DatasetError
from inspection.common.text_files import decode_text

LARGEST_FILE = 1 << 29  # bytes; COCO's own largest has 4.5e8
LARGEST = 1e6  # pixels; what is further away is a mistake


def read_json(path):
    """Return what a JSON file holds; raise DatasetError naming its faulty line."""
    path = Path(path)
    if path.stat().st_size > LARGEST_FILE:
        raise DatasetError(
            f"{path} is too large: {path.stat().st_size / 1e6:,.0f} MB of JSON; "
            "export the set in parts"
        )
    text = decode_text(path.read_bytes(), path)
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise DatasetError(
            f"{path}, line {error.lineno}: no JSON: {error.msg}"
        ) from None
    except RecursionError:
        raise DatasetError(f"{path}: no JSON: nested too deep") from None
    except ValueError as error:
        raise DatasetError(f"{path}: no JSON: {error}") from None


def _refuse_constant(name):
    raise ValueError(f"{name} is no number")


class Place:
    """A value in a JSON file and the way to it, as `annotations[12].bbox`."""

    def __init__(self, value, path, name=""):
        self.value = value
        self.path = path
        self.name = name

    def refuse(self, wanted):
        """Return a DatasetError: at this place stands something else than is wanted."""
        shown = repr(self.value)[:40] if self._is_short() else type(self.value).__name__
        return DatasetError(
            f"{self.path}: {self.name or 'it'} is no {wanted}: {shown}; export it again, "
            "or give another file"
        )

    def _is_short(self):
        return self.value is None or isinstance(self.value, (str, int, float))

    def get(self, name):
        """Return the Place of an entry of an object; None stands where there is none."""
        if not isinstance(self.value, dict):
            raise self.refuse("object")
        inner = f"{self.name}.{name}" if self.name else name
        return Place(self.value.get(name), self.path, inner)

    def items(self):
        """Return the Places in a list."""
        if not isinstance(self.value, list):
            raise self.refuse("list")
        return [
            Place(value, self.path, f"{self.name}[{number}]")
            for number, value in enumerate(self.value)
        ]

    def text(self):
        """Return a text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.refuse("text")
        return self.value.strip()

    def key(self):
        """Return an id, a number or a text, as text: exporters write both."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, str)):
            raise self.refuse("id")
        return str(self.value)

    def number(self):
        """Return a finite number of a reasonable size."""
        if not _is_number(self.value):
            raise self.refuse("number of pixels")
        return float(self.value)

    def side(self):
        """Return a width or height, a whole number of at least 1."""
        number = self.number()
        if number < 1 or number != int(number):
            raise self.refuse("width or height")
        return int(number)

    def numbers(self, count=None):
        """Return float [N] of a list, of `count` where that is given."""
        values = self.value
        if not isinstance(values, list) or count not in (None, len(values)):
            raise self.refuse(f"list of {count or ''} numbers".replace("  ", " "))
        wrong = next((i for i, v in enumerate(values) if not _is_number(v)), None)
        if wrong is not None:
            raise self.items()[wrong].refuse("number of pixels")
        return np.array(values, np.float64)


def _is_number(value):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    # not math.isfinite, which cannot take a whole number beyond all floats
    return abs(value) <= LARGEST
