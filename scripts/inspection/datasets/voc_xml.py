"""The tree of an XML in any encoding, its tags in lower case and without namespace."""

import codecs
import functools
import re
import xml.etree.ElementTree as ElementTree

from inspection.common.errors import DatasetError
from inspection.datasets.faults import Fault

INVISIBLE = " \t\r\n\ufeff\u200b\u00a0"
# the longer marks first: UTF-32's begins as UTF-16's does
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
DEEPEST = 50  # tags in each other; an annotation has six
DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)""")
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
WIDE = ("utf-16", "utf-32", "ucs-2", "ucs2", "iso-10646-ucs-2", "unicode")
# programs write the younger character set under the older one's name
YOUNGER = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
YOUNGER |= {"euc_kr": "cp949"}


def read_xml(path):
    """Return the text of an XML by its byte order mark, else as it declares, else UTF-8.

    Raises DatasetError where the bytes are not of that encoding, or Python knows none
    of that name.
    """
    data = path.read_bytes()
    encoding = _encoding(data)
    try:
        codec = codecs.lookup(encoding).name
        text = data.decode(YOUNGER.get(codec, codec))
    except LookupError:
        detail = f"is in the encoding {encoding}, which is not known"
        raise unreadable(path, detail) from None
    except UnicodeError as error:
        line = data[: getattr(error, "start", 0)].count(b"\n") + 1
        shown = encoding.upper() if encoding.startswith("utf") else encoding
        raise unreadable(path, f"is not {shown} text: line {line}") from None
    return text.lstrip(INVISIBLE)


def is_utf8(data):
    """Tell whether an XML is UTF-8, and says so or nothing."""
    declared = _encoding(data)
    try:
        return codecs.lookup(declared).name == "utf-8" and bool(
            data.decode("utf-8-sig")
        )
    except (LookupError, UnicodeError):
        return False


def parse_xml(path):
    """Return the root of an XML file; raise DatasetError where it is not well-formed."""
    text = read_xml(path)
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise unreadable(path, f"is not well-formed XML: {error}") from None
    if _depth(root) > DEEPEST:
        raise unreadable(path, f"is nested more than {DEEPEST} deep")
    for element in root.iter():
        element.tag = _plain(element.tag)
    return root


@functools.lru_cache(maxsize=1000)  # a million tags are some twenty strings
def _plain(tag):
    """Return a tag in lower case and without its namespace."""
    return tag.rpartition("}")[2].lower()


def _depth(root):
    """Return how deep the tags stand in each other, to DEEPEST and one more."""
    level, depth = [root], 0
    while level and depth <= DEEPEST:
        level, depth = [child for element in level for child in element], depth + 1
    return depth


def unreadable(path, detail):
    """Return the DatasetError of an XML that is of no use as a whole."""
    fault = Fault("unreadable-xml", path.name, detail)
    return DatasetError(f"{path.name} cannot be read", [fault])


def _encoding(data):
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            return encoding
    declared = DECLARED.match(data)
    name = declared.group(1).decode("ascii") if declared else "utf-8"
    # a declaration that can be read byte by byte is in no wide encoding
    return "utf-8" if name.lower().startswith(WIDE) else name
