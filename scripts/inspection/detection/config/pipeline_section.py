"""Read one block of a pipeline.config by name and type, collecting what is wrong."""

from inspection.detection.config import pipeline_settings as settings
from inspection.detection.config.field_names import meant_field
from inspection.detection.config.pipeline_limits import number_fault, order_faults
from inspection.detection.config.textproto import ProtoMessage, Symbol

WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


class Section:
    """One message of the tree, read by name and type; faults go to `faults`.

    `asked` maps each message to (its section, the names that were asked for).
    """

    def __init__(self, message, path, faults, line=0, asked=None):
        self.message, self.path, self.faults, self.line = message, path, faults, line
        self.asked = {} if asked is None else asked
        self.asked.setdefault(id(message), (self, set()))

    def fault(self, name, text, line=None):
        """Note what is wrong with a field, with where it is."""
        path = ".".join(part for part in (self.path, name) if part)
        line = line or self.line
        where = f"line {line}: " if line else ""
        self.faults.append(f"{where}{path} {text}")

    def field(self, name):
        """Return the one field of this name, or None."""
        self.asked[id(self.message)][1].add(name)
        found = self.message.named(name)
        if len(found) > 1:
            lines = ", ".join(str(f.line) for f in found)
            self.fault(name, f"is given {len(found)} times (lines {lines}): keep one")
        return found[0] if found else None

    def section(self, name):
        """Return the message of this name; an empty one where it is missing."""
        found = self.field(name)
        if found is None:
            path = ".".join(part for part in (self.path, name) if part)
            return Section(ProtoMessage(), path, self.faults, self.line)
        return self._block(found)

    def blocks(self, name):
        """Return a section for each of the repeated blocks of this name."""
        self.asked[id(self.message)][1].add(name)
        return [self._block(field) for field in self.message.named(name)]

    def _block(self, field):
        path = ".".join(part for part in (self.path, field.name) if part)
        message = field.value
        if not isinstance(message, ProtoMessage):
            self.fault(field.name, "must be a block in braces", field.line)
            return Section(ProtoMessage(), path, [], field.line)
        return Section(message, path, self.faults, field.line, self.asked)

    def value(self, name, default):
        """Return a field, of the type of its default (None stands for a float)."""
        if isinstance(default, tuple):
            return self.repeated(name, settings.REPEATED.get(name, str))
        found = self.field(name)
        if found is None:
            return default
        kind = float if default is None else type(default)
        value = _as_kind(found.value, kind)
        if value is None:
            self.fault(name, f"must be {WORDS[kind]}", found.line)
            return default
        return value if self._is_possible(name, value, found.line) else default

    def repeated(self, name, kind):
        """Return a repeated field of numbers or of text as a tuple."""
        self.asked[id(self.message)][1].add(name)
        values = []
        for field in self.message.named(name):
            value = _as_kind(field.value, kind)
            if value is None:
                self.fault(name, f"must be {WORDS[kind]}", field.line)
            elif self._is_possible(name, value, field.line):
                values.append(value)
        return tuple(values)

    def _is_possible(self, name, value, line):
        fault = number_fault(name, value) if type(value) in (int, float) else ""
        if fault:
            self.fault(name, fault, line)
        return not fault

    def fill(self, cls, **given):
        """Build a settings class from the fields of the same names."""
        names = settings.defaults(cls)
        read = {n: self.value(n, d) for n, d in names.items() if n not in given}
        self.check_order(read)
        return cls(**read, **given)

    def check_order(self, values):
        """Note where a least value of these, {field: value}, is above its most."""
        for name, text in order_faults(values):
            found = self.message.named(name)
            self.fault(name, text, found[0].line if found else None)

    def fault_misspelt(self):
        """Note every field, in here and below, that is nearly one that was asked for."""
        for section, names in list(self.asked.values()):
            given = {field.name for field in section.message.fields}
            for field in section.message.fields:
                known = field.name in names
                meant = None if known else meant_field(field.name, names - given)
                if meant:
                    text = f"is not known: did you mean {meant}?"
                    section.fault(field.name, text, field.line)

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
        self.asked[id(self.message)][1].update(f.name for f in blocks)
        chosen = [f for f in blocks if f.name in supported]
        if len({f.name for f in chosen}) > 1:
            names = " and ".join(f.name for f in chosen)
            self.fault(names, "stand in one block: keep one", chosen[1].line)
        if chosen:
            return chosen[0].name, self.section(chosen[0].name)
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
