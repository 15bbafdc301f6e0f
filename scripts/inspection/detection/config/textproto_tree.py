"""The tree of a text-format file: messages, fields and the paths to them."""

import re
from dataclasses import dataclass, field

from inspection.common.errors import DatasetError


class Symbol(str):
    """A bare word: the name of an enum value, such as SIGMOID."""


@dataclass
class Field:
    """One `name: value` or `name { ... }`, with the comments that belong to it."""

    name: str
    value: object
    line: int = 0
    comments: list = field(default_factory=list)  # on the lines above it
    note: str = ""  # after it, on its own line


@dataclass
class ProtoMessage:
    """The fields between two braces, in the order of the file."""

    fields: list = field(default_factory=list)
    line: int = 0
    closing_comments: list = field(default_factory=list)  # before its last brace

    def named(self, name):
        """Return the fields of this name, in order."""
        return [f for f in self.fields if f.name == name]

    def find(self, path):
        """Return the fields at a path such as `item[1].name`; none is an empty list."""
        messages, found = [self], []
        for name, index in split_path(path):
            found = [f for message in messages for f in message.named(name)]
            found = found if index is None else found[index : index + 1]
            messages = [f.value for f in found if isinstance(f.value, ProtoMessage)]
        return found

    def values(self, path):
        """Return every value at a path; for a repeated field, all of them."""
        return [f.value for f in self.find(path)]

    def get(self, path, default=None):
        """Return the one value at a path, or the default; two of them are an error."""
        found = self.find(path)
        if len(found) > 1:
            lines = " and ".join(str(f.line) for f in found)
            raise DatasetError(f"{path} is given {len(found)} times: lines {lines}")
        return found[0].value if found else default

    def walk(self):
        """Yield every field, of inner blocks too."""
        for inner in self.fields:
            yield inner
            if isinstance(inner.value, ProtoMessage):
                yield from inner.value.walk()

    def add(self, name, value):
        """Append a field and return its value."""
        self.fields.append(Field(name, value))
        return value

    def set(self, path, value):
        """Replace the value at a path, a list for a repeated field; make what lacks."""
        *parents, (name, index) = split_path(path)
        message = self
        for parent, position in parents:
            found = message.named(parent)[position or 0 :]
            message = found[0].value if found else message.add(parent, ProtoMessage())
            if not isinstance(message, ProtoMessage):
                raise DatasetError(f"{path}: {parent} is a plain value, without fields")
        message._replace(name, index, value if isinstance(value, list) else [value])

    def _replace(self, name, index, values):
        old = self.named(name)
        old = old if index is None else old[index : index + 1]
        if old and isinstance(old[0].value, Symbol):
            values = [Symbol(v) if type(v) is str else v for v in values]
        for kept, value in zip(old, values, strict=False):
            kept.value = value
        at = self._position(old[-1]) + 1 if old else len(self.fields)
        self.fields[at:at] = [Field(name, value) for value in values[len(old) :]]
        for surplus in old[len(values) :]:
            del self.fields[self._position(surplus)]

    def _position(self, wanted):
        # by identity: two fields may be equal
        return next(i for i, f in enumerate(self.fields) if f is wanted)


def split_path(path):
    """Split `a.b[2].c` into (("a", None), ("b", 2), ("c", None))."""
    parts = re.findall(r"([^.\[\]]+)(?:\[(\d+)\])?", path)
    return [(name, int(index) if index else None) for name, index in parts]
