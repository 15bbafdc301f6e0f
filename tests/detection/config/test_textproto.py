import math
import random
import re

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
        (r'a: "\ud83d\udca7 \U0001f4a7"', "💧 💧"),
        (r"a: 'C:\\Users\\x'", r"C:\Users\x"),
        ("a: 9223372036854775807", 2**63 - 1),
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
        ("a: 1\n[", 2, "expected the name in [ ]"),
        ("a: 1\n[b", 2, "expected ] after [b"),
        ("a: [", 1, "a value is missing"),
        ("a: /content/map.pbtxt", 1, "text belongs in quotes"),
        ("a: two words\nb: 1", 2, "text belongs in quotes"),
        ("a: [[1]]", 1, "a value is missing"),
        ("a:", 1, "a value is missing"),
        ("-a: 1", 1, "expected the name of a field, found -a"),
        ("a: -b", 1, "-b is neither a number nor a name"),
        ("a: 1\nb: " + "9" * 5000, 2, "is too large"),
        ("a: 0x" + "f" * 5000, 1, "is too large"),
        ("a: 9223372036854775808", 1, "is too large"),
        ("a: 1e999", 1, "is too large"),
        ("a: +8", 1, "without +"),
        ("a: 2,000", 1, "without a comma"),
        ("a: 2_000", 1, "cannot read 2_000"),
        ("a = 1", 1, "write : in its place"),
        ("a: 1 // one", 1, "comments begin with #"),
        ("a: 1 /* one */", 1, "comments begin with #"),
        ("<!DOCTYPE html>", 1, "a web page"),
        ("a: 1\nb: \N{LEFT SINGLE QUOTATION MARK}x", 2, "curly"),
        ("a: \N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}x", 1, "curly"),
        ("a: `x`", 1, "straight quotes"),
        ("a\N{FULLWIDTH COLON} 1", 1, "of another keyboard"),
        ("a: \N{FULLWIDTH DIGIT ONE}", 1, "of another keyboard"),
        *(
            (f"a: 1\n{sign} b: 2", 2, f"invisible character U+{ord(sign):04X}")
            for sign in "\u00a0\u0085\u2028\u2029\u3000\u200b\x1c\x00\x1a"
        ),
        ('a: "x"\nb: "C:\\Users\\x"', 2, "write / in paths"),
        ('b: "D:\\demo\\annot"', 1, "write / in paths"),
        ('b: "D:\\"', 1, "write / in paths"),
        ('b: "D:\\leaks\\"\nc: 1', 1, "write / in paths"),
        ("b: 'set\\map'", 1, "\\m is no escape: write / in paths"),
        ('b: "runs\\101.record"', 1, "\\101 stands for A: write it so"),
        ('b: "runs\\x41.record"', 1, "\\x41 stands for A: write it so"),
        ('b: "runs\\2024"', 1, "are not UTF-8: write / in paths"),
        ('b: "runs\\777"', 1, "\\777 is no byte"),
        (r'b: "\ud83d"', 1, r"\ud83d is half a character"),
        (r'b: "\ud83d\u0041"', 1, r"\ud83d is half a character"),
        (r'b: "\U00110000"', 1, r"\U00110000 is no character"),
        (r'b: "\Uffffffff"', 1, r"\Uffffffff is no character"),
        (r'b: "\xz"', 1, r"\x is no escape"),
        pytest.param("a { " * 1000, 1, "100 deep", id="deep"),
        pytest.param("a { " * 100_000, 1, "100 deep", id="very deep"),
        pytest.param("a < " * 101 + ">" * 101, 1, "100 deep", id="a level too deep"),
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


def test_as_deep_as_the_format_goes():
    text = "a { " * 100 + "}" * 100
    assert len(textproto.parse(text).fields) == 1


@pytest.mark.parametrize("seed", range(4))
def test_no_text_ends_in_anything_but_a_tree_or_an_error(seed):
    pieces = list("{}<>[]:,;/\"'#\\\n -+.=eExX_0189aUu\u2028\u00a0é")
    pieces += ["item", 'name: "x"', "id: 1", "\\u", "\\U", "d83d", "\\7", "inf", "nan"]
    rng = random.Random(seed)
    for _ in range(3000):
        text = "".join(rng.choices(pieces, k=rng.randrange(1, 25)))
        try:
            tree = textproto.parse(text, "f")
        except DatasetError as error:
            assert re.match(r"f, line \d+: ", str(error))
        else:
            again = textproto.parse(textproto.render(tree))
            assert textproto.render(again) == textproto.render(tree)
