"""Protocol buffer text format as a tree, without the schema.

The tree keeps the order of the fields, repeated fields, fields it has never heard of
and comments, so a file can be edited in one place and stay the user's own elsewhere.
Format: https://protobuf.dev/reference/protobuf/textformat-spec/
"""

import math
import re
from dataclasses import dataclass, field

from inspection.common.errors import DatasetError
from inspection.detection.config.textproto_tree import Field, ProtoMessage, Symbol

TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f\v\ufeff]+) | (?P<newline>\n) | (?P<comment>\#[^\n]*)
    | (?P<string>"(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*')
    | (?P<number>-?(?:0[xX][0-9a-fA-F]+ | (?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[fF]?
        (?![\w.]))
    | (?P<name>-?[A-Za-z_]\w*(?:\.\w+)*) | (?P<mark>[{}<>\[\]:,;/])""",
    re.VERBOSE,
)
ESCAPE = re.compile(
    rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})"
    rb"|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))"
)
NAMED_ESCAPES = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n"}
NAMED_ESCAPES |= {b"r": b"\r", b"t": b"\t", b"v": b"\v"}
ESCAPED = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
QUOTE_HINTS = dict.fromkeys("\"'", " (is a quote not closed?)")
QUOTE_HINTS |= dict.fromkeys(
    "\u201c\u201d\u201e", " (write straight quotes, not curly)"
)
CLOSING = {"{": "}", "<": ">"}


@dataclass
class Token:
    """A word of the file, with the comments above it and after it on its line."""

    kind: str
    text: str
    line: int
    comments: list = field(default_factory=list)
    note: str = ""


def tokenize(text, source):
    """Cut text into tokens, the last of kind "end"."""
    tokens, comments, position, line = [], [], 0, 1
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            rest = text[position:].splitlines()[0][:20]
            hint = QUOTE_HINTS.get(rest[0], "")
            raise DatasetError(f"{source}, line {line}: cannot read {rest}{hint}")
        kind, word, position = match.lastgroup, match.group(), match.end()
        line += kind == "newline"
        if kind == "comment" and tokens and tokens[-1].line == line:
            tokens[-1].note = word
        elif kind == "comment":
            comments.append(word)
        elif kind not in ("space", "newline"):
            tokens.append(Token(kind, word, line, comments))
            comments = []
    return tokens + [Token("end", "the end of the file", line, comments)]


class Parser:
    """Recursive descent over the tokens of one file."""

    def __init__(self, text, source):
        self.source = source
        self.tokens = tokenize(text, source)
        self.position = 0

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
        return message

    def field(self):
        """Read one `name: value`; a list in brackets gives several fields."""
        name = self.field_name()
        colon = self.take(":")
        if opening := self.take("["):
            values = self.list_values(opening)
        else:
            if not colon and self.next.text not in CLOSING:
                self.fail(f"expected : or {{ after {name.text}, found {self.next.text}")
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
            name.text = "[" + self.take().text + "]"
            if not self.take("]"):
                self.fail(f"expected ] after {name.text[:-1]}")
        elif name.kind != "name":
            self.fail(f"expected the name of a field, found {name.text}", name.line)
        return name

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
        if token is None or token.text in CLOSING.values() or token.text in "],:;/":
            self.fail("a value is missing", token.line if token else None)
        if token.text in CLOSING:
            return self.message(token), token.note
        if token.kind == "string":
            return self.string(token)
        return scalar(token), token.note

    def string(self, token):
        """Join adjacent strings, as the format does."""
        text = unescape(token.text)
        while self.next.kind == "string":
            token = self.take()
            text += unescape(token.text)
        return text, token.note


def unescape(quoted):
    """Return the text between the quotes; \\303\\251 and \\xc3\\xa9 are UTF-8 bytes."""

    def replace(match):
        octal, byte, short, long, char = match.groups()
        if octal or byte:
            return bytes([int(octal, 8) & 255 if octal else int(byte, 16)])
        if short or long:
            return chr(int(short or long, 16)).encode()
        return NAMED_ESCAPES.get(char, char)

    raw = quoted[1:-1].encode()
    return ESCAPE.sub(replace, raw).decode(errors="replace")


def scalar(token):
    """Return the Python value of a number or a bare word."""
    text = token.text.lower()
    if token.kind != "number":
        words = {"true": True, "false": False, "inf": math.inf, "-inf": -math.inf}
        return words.get(text, math.nan if text == "nan" else Symbol(token.text))
    if "0x" in text:
        return int(text, 16)
    if re.fullmatch(r"-?\d+", text):
        return int(text, 8 if re.match("-?0[0-7]+$", text) else 10)
    return float(text.rstrip("f"))


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
        return '"' + value.translate(str.maketrans(ESCAPED)) + '"'
    return str(value)
