"""Protocol buffer text format as a tree, without the schema.

The tree keeps the order of the fields, repeated fields, fields it has never heard of
and comments, so a file can be edited in one place and stay the user's own elsewhere.
Format: https://protobuf.dev/reference/protobuf/textformat-spec/
"""

import math
import re

from inspection.common.errors import DatasetError
from inspection.detection.config.textproto_strings import quote, unescape
from inspection.detection.config.textproto_tokens import tokenize
from inspection.detection.config.textproto_tree import Field, ProtoMessage, Symbol

CLOSING = {"{": "}", "<": ">"}
NO_VALUES = ("}", ">", "[", "]", ",", ":", ";", "/")
DEPTH = 100  # blocks within blocks, as in protocol buffers' own reader
LARGEST = 2**63  # of whole numbers, in size
DIGITS = 20  # of the longest whole number; Python refuses those of thousands


class Parser:
    """Recursive descent over the tokens of one file."""

    def __init__(self, text, source):
        self.source = source
        self.tokens = tokenize(text, source)
        self.position = 0
        self.depth = 0

    @property
    def next(self):
        return self.tokens[self.position]

    def take(self, *texts):
        """Return the next token if it is one of these (any, if none is named)."""
        token = self.next
        if texts and token.text not in texts or token.kind == "end":
            return None
        self.position += 1
        return token

    def fail(self, message, line=None):
        line = self.next.line if line is None else line
        raise DatasetError(f"{self.source}, line {line}: {message}")

    def message(self, opening=None):
        """Read fields up to the brace that closes `opening`, or to the end."""
        self.depth += 1
        if self.depth > DEPTH + 1:
            self.fail(f"blocks within blocks, more than {DEPTH} deep")
        closing = CLOSING[opening.text] if opening else None
        message = ProtoMessage(line=opening.line if opening else 1)
        while self.next.text != closing and self.next.kind != "end":
            message.fields.extend(self.field())
            self.take(",", ";")
        if opening and self.next.kind == "end":
            self.fail(f"this {opening.text} is never closed", opening.line)
        message.closing_comments = self.next.comments
        if opening and (note := self.take().note):
            message.closing_comments.append(note)
        self.depth -= 1
        return message

    def field(self):
        """Read one `name: value`; a list in brackets gives several fields."""
        name = self.field_name()
        colon = self.take(":")
        if opening := self.take("["):
            values = self.list_values(opening)
        else:
            if not colon and self.next.text not in CLOSING:
                hint = self._words_hint()
                fault = f"expected : or {{ after {name.text}, found {self.next.text}"
                self.fail(fault + hint)
            values = [self.value()]
        fields = [Field(name.text, v, name.line, note=note) for v, note in values]
        if fields:
            fields[0].comments = name.comments
        return fields

    def field_name(self):
        if self.next.text in ("}", ">"):
            self.fail(f"{self.next.text} closes nothing: one brace too many above")
        name = self.take()
        if name.text == "[":  # an extension: [package.name]
            inner = self.take()
            if not inner:
                self.fail("expected the name in [ ]", name.line)
            name.text = f"[{inner.text}]"
            if not self.take("]"):
                self.fail(f"expected ] after [{inner.text}")
        elif name.kind != "name" or name.text.startswith("-"):
            hint = self._hint(name)
            fault = f"expected the name of a field, found {name.text}{hint}"
            self.fail(fault, name.line)
        return name

    def _words_hint(self):
        before = self.tokens[max(self.position - 3, 0) : self.position]
        values = len(before) == 3 and before[0].text == ":" and before[1].kind == "name"
        return " (text belongs in quotes)" if values else ""

    def _hint(self, name):
        before = self.tokens[self.position - 2] if self.position > 1 else None
        if name.text == "/":
            return " (comments begin with #)"
        if name.kind == "number" and before and before.text == ",":
            return " (write thousands without a comma)"
        return ""

    def list_values(self, opening):
        values = []
        while not self.take("]"):
            values.append(self.value())
            if not self.take(",") and self.next.text != "]":
                self.fail("this [ is never closed", opening.line)
        return values

    def value(self):
        """Read a message or a scalar; return it with the note after it."""
        token = self.take()
        if token and token.text == "/":
            self.fail("a value is missing: text belongs in quotes", token.line)
        if token is None or token.text in NO_VALUES:
            self.fail("a value is missing", token.line if token else None)
        if token.text in CLOSING:
            return self.message(token), token.note
        if token.kind == "string":
            return self.string(token)
        try:
            return scalar(token), token.note
        except ValueError as error:
            self.fail(str(error), token.line)

    def string(self, token):
        """Join adjacent strings, as the format does."""
        text = self._unescape(token)
        while self.next.kind == "string":
            token = self.take()
            text += self._unescape(token)
        return text, token.note

    def _unescape(self, token):
        try:
            return unescape(token.text)
        except ValueError as error:
            self.fail(str(error), token.line)


def scalar(token):
    """Return the Python value of a number or a bare word; raise ValueError for neither."""
    text = token.text.lower()
    if token.kind != "number":
        return _word(token.text)
    if "0x" in text or re.fullmatch(r"-?\d+", text):
        return _whole_number(text)
    value = float(text.rstrip("f"))
    if math.isinf(value):
        raise ValueError(f"{token.text} is too large")
    return value


def _word(text):
    sign = -1 if text.startswith("-") else 1
    word = text.lower().removeprefix("-")
    if word in ("inf", "infinity"):
        return sign * math.inf
    if word == "nan":
        return math.nan
    if sign < 0:
        raise ValueError(f"{text} is neither a number nor a name")
    return {"true": True, "false": False}.get(word, Symbol(text))


def _whole_number(text):
    octal = re.match("-?0[0-7]+$", text)
    base = 16 if "0x" in text else 8 if octal else 10
    value = int(text, base) if len(text) <= DIGITS else LARGEST
    if not -LARGEST <= value < LARGEST:
        raise ValueError(f"{text[:DIGITS]} is too large")
    return value


def parse(text, source="text"):
    """Parse text format; a broken brace or quote raises DatasetError with its line."""
    parser = Parser(text, source)
    return parser.message()


def render(message):
    """Return the text of a message, two spaces deeper at each level."""
    return "".join(line + "\n" for line in _message_lines(message, ""))


def _message_lines(message, indent):
    for f in message.fields:
        yield from _field_lines(f, indent)
    for comment in message.closing_comments:
        yield indent + comment


def _field_lines(f, indent):
    note = "  " + f.note if f.note else ""
    for comment in f.comments:
        yield indent + comment
    if isinstance(f.value, ProtoMessage):
        yield f"{indent}{f.name} {{{note}"
        yield from _message_lines(f.value, indent + "  ")
        yield indent + "}"
    else:
        yield f"{indent}{f.name}: {scalar_text(f.value)}{note}"


def scalar_text(value):
    """Write a scalar: a Symbol bare, other text in double quotes, floats in full."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and not isinstance(value, Symbol):
        return quote(value)
    return str(value)
