"""Text that users bring: UTF-8, with or without a mark, or UTF-16 with one."""

import codecs
from pathlib import Path

from inspection.common.errors import UserError

MARK = "\ufeff"  # programs that add one do not look for another
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(path):
    r"""Return the text of a file, its line ends as `\n`.

    Raises UserError with file, line and byte where it is in another encoding: which of
    the old ones it is cannot be told, and a wrong guess changes class names in silence.
    Raises OSError as `open` does.
    """
    return decode_text(Path(path).read_bytes(), path)


def decode_text(data, source):
    """Return the text of bytes, as `read_text` does; `source` is named in errors."""
    wide = data.startswith(WIDE)
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        fault = _utf16_fault(error) if wide else _utf8_fault(error)
        line = error.object[: error.start].decode(error.encoding, "replace").count("\n")
        raise _refusal(source, line + 1, fault) from None
    head, nul, _ = text.partition("\0")
    if nul:
        fault = "a NUL byte: this is no text, or UTF-16 without its mark"
        raise _refusal(source, head.count("\n") + 1, fault)
    return text.lstrip(MARK).replace("\r\n", "\n").replace("\r", "\n")


def _utf8_fault(error):
    return f"byte 0x{error.object[error.start]:02x} is no UTF-8"


def _utf16_fault(error):
    if "truncated" in error.reason or "unexpected end" in error.reason:
        return "the UTF-16 ends in the middle of a character"
    return f"0x{error.object[error.start : error.start + 2].hex()} is no UTF-16"


def _refusal(source, line, fault):
    return UserError(f"{source}, line {line}: {fault}; save it as UTF-8")
