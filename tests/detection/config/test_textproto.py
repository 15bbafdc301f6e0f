import math

import pytest

from inspection.common.errors import DatasetError
from inspection.detection.config import textproto
from inspection.detection.config.textproto import ProtoMessage, Symbol


def parse_one(text):
    """Return the value of the only field of a text."""
    (field,) = textproto.parse(text).fields
    return field.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 3", 3),
        ("a: -0x1F", -31),
        ("a: 017", 15),
        ("a: 1e-8", 1e-8),
        ("a: .5f", 0.5),
        ("a: -inf", -math.inf),
        ("a: true", True),
        ("a: SIGMOID", Symbol("SIGMOID")),
        ('a: "x" \'y\'\n "z"', "xyz"),
        (r'a: "\303\251 \xc3\xa9 \u00e9 \n \"q\" \\"', 'é é é \n "q" \\'),
        ("a: 'rohr \"undicht\" é'", 'rohr "undicht" é'),
    ],
)
def test_scalars(text, value):
    read = parse_one(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "text", ["a { b: 1 }", "a: { b: 1; }", "a < b: 1, >", "a:<b:1>"]
)
def test_every_form_of_a_block(text):
    assert parse_one(text).get("b") == 1


def test_lists_are_repeated_fields():
    tree = textproto.parse("a: [1, 2.5] b: [{c: 1}, {c: 2}] d: []")
    assert tree.values("a") == [1, 2.5]
    assert tree.values("b.c") == [1, 2]
    assert tree.values("d") == []


def test_order_unknown_fields_and_comments_survive():
    text = (
        "# a file of mine\n"
        "model {  # the network\n"
        "  [my.extension] {\n"
        '    never_heard_of: "1 \\" 2"\n'
        "  }\n"
        "  # the last word in here\n"
        "}\n"
        "z: 1  # why\n"
        "a: 2\n"
        "z: 3\n"
        "# the end\n"
    )
    assert textproto.render(textproto.parse(text)) == text


def test_floats_are_written_in_full():
    text = "a: 3.9999998989515007e-05\n"
    assert textproto.render(textproto.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a {\n  b {\n    c: 1\n  }\n", 1, "{ is never closed"),
        ("a: 1\n}\n", 2, "} closes nothing"),
        ("a {\n  b: 1 ]\n}", 2, "found ]"),
        ("a {\n  b: 1 >\n}", 2, "> closes nothing"),
        ('a: 1\nb: "open\nc: 2', 2, "quote not closed"),
        ("a: 1\nb: \n}", 3, "a value is missing"),
        ("a 5", 1, "expected : or { after a"),
        ("a: [1, 2\nb: 3", 1, "[ is never closed"),
        (
            "a: \N{LEFT DOUBLE QUOTATION MARK}x\N{RIGHT DOUBLE QUOTATION MARK}",
            1,
            "curly",
        ),
        ("a: 1\n\n5: 2", 3, "expected the name of a field, found 5"),
    ],
)
def test_broken_text_is_refused_with_its_line(text, line, message):
    with pytest.raises(DatasetError) as error:
        textproto.parse(text, "some.config")
    assert f"some.config, line {line}: " in str(error.value)
    assert message in str(error.value)


def test_set_replaces_adds_and_shortens():
    tree = textproto.parse("a { p: 1 p: 2 p: 3 kind: OLD } b: 1")
    tree.set("b", 2)
    tree.set("a.p[1]", 7)
    assert tree.values("a.p") == [1, 7, 3]
    tree.set("a.p", [4, 4])
    tree.set("a.kind", "NEW")
    tree.set("c.d", "text")
    assert textproto.render(tree) == (
        'a {\n  p: 4\n  p: 4\n  kind: NEW\n}\nb: 2\nc {\n  d: "text"\n}\n'
    )
    tree.set("a.p", [4, 4, 5])
    assert tree.values("a.p") == [4, 4, 5]


def test_two_values_where_one_is_asked_for():
    tree = textproto.parse("a: 1\na: 2")
    with pytest.raises(DatasetError, match="a is given 2 times: lines 1 and 2"):
        tree.get("a")


def test_an_empty_file_is_an_empty_message():
    assert textproto.parse("  # nothing\n").fields == []
    assert ProtoMessage().get("a.b", "default") == "default"
