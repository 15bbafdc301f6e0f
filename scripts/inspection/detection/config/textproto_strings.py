"""Quoted text of the text format: escapes read as the format says, or refused."""

import re

ESCAPE = re.compile(
    rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})"
    rb"|u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))",
    re.DOTALL,
)
NAMED = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
NAMED |= {b"v": b"\v", b"?": b"?", b"\\": b"\\", b'"': b'"', b"'": b"'"}
DRIVE = re.compile(r"[A-Za-z]:\\(?!\\)")
SLASH = "write / in paths"
ESCAPED = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
ESCAPED |= {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\v": r"\v"}
QUOTED = str.maketrans(ESCAPED)


def unescape(quoted):
    r"""Return the text between the quotes; `\303\251` and `\xc3\xa9` are UTF-8 bytes.

    Raises ValueError for what is no escape, or plainly meant as a path of Windows.
    """
    inner = quoted[1:-1]
    if DRIVE.match(inner):
        raise ValueError(f"a backslash begins an escape: {SLASH}")
    raw = ESCAPE.sub(_character, inner.encode())
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise ValueError(f"the escapes in {quoted} are not UTF-8: {SLASH}") from None


def quote(text):
    """Return text in double quotes, as `unescape` reads it."""
    return '"' + text.translate(QUOTED) + '"'


def _character(match):
    octal, byte, high, low, short, long, char = match.groups()
    written = match.group().decode(errors="replace")
    if octal or byte:
        return _byte(int(octal, 8) if octal else int(byte, 16), written)
    if high:
        return bytes.fromhex((high + low).decode()).decode("utf-16-be").encode()
    if short or long:
        return _code_point(int(short or long, 16), written)
    if char not in NAMED:
        raise ValueError(f"{written} is no escape: {SLASH}")
    return NAMED[char]


def _byte(value, written):
    if value > 255:
        raise ValueError(f"{written} is no byte: {SLASH}")
    # what writes this format leaves plain letters as they are; in a path it is a slip
    if 32 <= value < 127:
        raise ValueError(
            f"{written} stands for {chr(value)}: write it so, and / in paths"
        )
    return bytes([value])


def _code_point(value, written):
    if 0xD800 <= value < 0xE000:
        raise ValueError(f"{written} is half a character")
    if value > 0x10FFFF:
        raise ValueError(f"{written} is no character")
    return chr(value).encode()
