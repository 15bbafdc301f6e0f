"""Inputs that are well-formed and make no sense, by hypothesis, for readers of text."""

import json
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from helpers.fuzz.reader_seeds import PATHS

TAGS = (
    *(
        "annotation",
        "object",
        "objects",
        "bndbox",
        "polygon",
        "robndbox",
        "part",
        "size",
    ),
    *(
        "name",
        "filename",
        "width",
        "height",
        "xmin",
        "ymin",
        "xmax",
        "ymax",
        "x1",
        "y1",
    ),
    *("cx", "cy", "w", "h", "angle", "deleted", "difficult", "pt", "x", "y"),
)
NUMBERS = st.sampled_from(
    ["0", "-1", "3", "11.5", "1e308", "-1e308", "1e-320", "nan", "1_0", "٣", "", " 7 "]
) | st.floats().map(str)
TEXTS = NUMBERS | st.text(max_size=8)
COLUMNS = "filename,width,height,class,xmin,ymin,xmax,ymax".split(",")


def elements():
    """Make the text of XML elements in each other."""
    plain = st.builds(_element, st.sampled_from(TAGS), TEXTS.map(_xml_text))
    return st.recursive(
        plain,
        lambda inner: st.builds(
            _element, st.sampled_from(TAGS), st.lists(inner, max_size=6).map("".join)
        ),
        max_leaves=25,
    )


def _element(tag, inside):
    return f"<{tag}>{inside}</{tag}>"


def _xml_text(text):
    return escape("".join(sign for sign in text if sign.isprintable()))


def xmls():
    """Make an annotation whose tags are the right ones, in any order."""
    inside = st.lists(elements(), max_size=8).map("".join)
    return inside.map(lambda text: f"<annotation>{text}</annotation>")


def csvs():
    """Make a table with the right columns."""
    cells = TEXTS | st.sampled_from(["a.jpg", "b", "images/a.jpg", "leak"])
    row = st.lists(cells.map(_cell), min_size=0, max_size=9).map(",".join)
    head = st.just(COLUMNS) | st.permutations(COLUMNS)
    return st.builds(
        lambda names, rows: "\n".join([",".join(names), *rows]),
        head,
        st.lists(row, max_size=5),
    )


def _cell(text):
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\n') else text


def label_maps():
    """Make a label map of any ids and names."""
    number = st.integers() | NUMBERS
    name = TEXTS.map(json.dumps) | NUMBERS
    item = st.builds("item {{ id: {} name: {} }}".format, number, name)
    return st.lists(item, max_size=5).map("\n".join)


def documents(*keys):
    """Make JSON whose objects have these keys, and others."""
    key = st.sampled_from(keys) | st.text(max_size=3)
    plain = (
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
    )
    plain |= st.sampled_from(["a.jpg", "x/0a1b2c3d-b.png", "1"])
    return st.recursive(
        plain,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(key, inner, max_size=5)
        ),
        max_leaves=12,
    ).map(json.dumps)


def folder_names():
    """Make paths of pictures in class folders."""
    known = st.sampled_from(b"/".join(PATHS).decode().replace("\n", "/").split("/"))
    part = known | st.sampled_from(["Train", "test", "dev", "."]) | st.text(max_size=6)
    path = st.lists(part, min_size=1, max_size=4).map("/".join)
    return st.lists(path.map(lambda one: f"{one}.png"), max_size=6).map("\n".join)


STRATEGIES = {
    "VOC XML": xmls(),
    "CSV": csvs(),
    "label map": label_maps(),
    "list of names": st.text(max_size=40),
    "split list": st.text(max_size=40),
    "Label Studio JSON": documents("id", "data", "image"),
    "settings JSON": documents("size", "classes"),
    "run.json": documents("settings", "data", "weights", "train", "a"),
    "class folder names": folder_names(),
}


def encoded(name):
    """Return a strategy of the bytes for the reader of this name."""
    return STRATEGIES[name].map(lambda text: text.encode("utf-8", "surrogatepass"))
