"""Text format cut into words, and hints for what is none."""

import re
import unicodedata
from dataclasses import dataclass, field

from inspection.common.errors import DatasetError
from inspection.detection.config.textproto_strings import SLASH

TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f\v\ufeff]+) | (?P<newline>\n) | (?P<comment>\#[^\n]*)
    | (?P<string>"(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*')
    | (?P<number>-?(?:0[xX][0-9a-fA-F]+
        | (?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fF]?(?![\w.]))
    | (?P<name>-?[A-Za-z_]\w*(?:\.\w+)*) | (?P<mark>[{}<>\[\]:,;/])""",
    re.VERBOSE,
)
CURLY = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb\u2039\u203a"
HINTS = {
    "=": "write : in its place",
    "+": "write numbers without +",
    "`": "write straight quotes",
    "*": "comments begin with #",
    "!": "is this a web page? Fetch the file itself",
} | dict.fromkeys(CURLY, "write straight quotes, not curly")
SHOWN = 20  # characters of what cannot be read


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
            rest = text[position:].partition("\n")[0]
            fault = f"cannot read {_shown(rest)}{_hint(rest)}"
            raise DatasetError(f"{source}, line {line}: {fault}")
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


def _shown(rest):
    sign = rest[0]
    if unicodedata.category(sign)[0] in "ZC":
        return f"the invisible character U+{ord(sign):04X}"
    return rest[:SHOWN]


def _hint(rest):
    sign = rest[0]
    if sign in "\"'":
        path = "\\" in rest
        return f" ({SLASH})" if path else " (is a quote not closed?)"
    if unicodedata.category(sign)[0] in "ZC":
        return " (delete it, or write a space)"
    # fullwidth letters of Chinese and Japanese keyboards
    plain = unicodedata.normalize("NFKC", sign)
    if plain != sign and plain.isascii():
        return f" (a sign of another keyboard: write {plain})"
    return f" ({HINTS[sign]})" if sign in HINTS else ""
