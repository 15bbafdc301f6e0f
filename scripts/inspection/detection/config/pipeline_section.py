"""Read one block of a pipeline.config by name and type, collecting what is wrong."""

from inspection.detection.config import pipeline_settings as settings
from inspection.detection.config.textproto import ProtoMessage, Symbol

WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


class Section:
    """One message of the tree, read by name and type; faults go to `faults`."""

    def __init__(self, message, path, faults, line=0):
        self.message, self.path, self.faults, self.line = message, path, faults, line

    def fault(self, name, text, line=None):
        """Note what is wrong with a field, with where it is."""
        path = ".".join(part for part in (self.path, name) if part)
        line = line or self.line
        where = f"line {line}: " if line else ""
        self.faults.append(f"{where}{path} {text}")

    def field(self, name):
        """Return the one field of this name, or None."""
        found = self.message.named(name)
        if len(found) > 1:
            lines = ", ".join(str(f.line) for f in found)
            self.fault(name, f"is given {len(found)} times (lines {lines}): keep one")
        return found[0] if found else None

    def section(self, name):
        """Return the message of this name; an empty one where it is missing."""
        found = self.field(name)
        message = found.value if found else ProtoMessage()
        path = ".".join(part for part in (self.path, name) if part)
        line = found.line if found else self.line
        if not isinstance(message, ProtoMessage):
            self.fault(name, "must be a block in braces", line)
            message = ProtoMessage()
        return Section(message, path, self.faults, line)

    def value(self, name, default):
        """Return a field, of the type of its default (None stands for a float)."""
        if isinstance(default, tuple):
            return self.repeated(name)
        found = self.field(name)
        if found is None:
            return default
        kind = float if default is None else type(default)
        value = _as_kind(found.value, kind)
        if value is None:
            self.fault(name, f"must be {WORDS[kind]}", found.line)
            return default
        return value

    def repeated(self, name):
        """Return a repeated field of numbers or of text as a tuple."""
        values = tuple(self.message.values(name))
        if any(isinstance(value, ProtoMessage) for value in values):
            self.fault(name, "must be plain values", self.message.named(name)[0].line)
            return ()
        return values

    def fill(self, cls, **given):
        """Build a settings class from the fields of the same names."""
        names = settings.defaults(cls)
        read = {n: self.value(n, d) for n, d in names.items() if n not in given}
        return cls(**read, **given)

    def only(self, **wanted):
        """Refuse every field whose value is not the one the engine works with.

        Give that value, or (the API's default, that value) where they differ.
        """
        for name, value in wanted.items():
            default, expected = value if isinstance(value, tuple) else (value, value)
            if self.value(name, default) != expected:
                found = self.field(name)
                text = str(expected)
                text = text.lower() if isinstance(expected, bool) else text
                self.fault(name, f"must be {text}", found.line if found else None)

    def absent(self, *names):
        """Refuse blocks that ask for what the engine does not have."""
        for name in names:
            if found := self.field(name):
                self.fault(name, "is not supported: take it out", found.line)

    def one_of(self, *supported):
        """Return name and section of the one block given; another one is refused."""
        blocks = [f for f in self.message.fields if isinstance(f.value, ProtoMessage)]
        for f in blocks:
            if f.name in supported:
                return f.name, self.section(f.name)
        word = ", ".join(supported)
        if blocks:
            names = " and ".join(f.name for f in blocks)
            line = blocks[0].line
            self.fault(names, f"is not supported (supported: {word})", line)
        else:
            self.fault("", f"is missing or empty (it needs {word})")
        return supported[0], Section(ProtoMessage(), self.path, [], self.line)


def _as_kind(value, kind):
    """Return a scalar as bool, int, float or str; None where it is something else."""
    if kind is bool and type(value) is int and value in (0, 1):
        return bool(value)
    if kind is float and type(value) is int:
        return float(value)
    if kind is str and isinstance(value, Symbol):
        return str(value)
    return value if type(value) is kind else None
