"""The types and the parser that all commands share."""

import pytest

from inspection.common import arguments

RIGHT = {
    "positive_int": ("1", "40"),
    "non_negative_int": ("0", "40"),
    "seed": ("0", "4294967295"),
    "port": ("0", "65535"),
    "positive_float": ("0.001", "2", "1e-4"),
    "non_negative_float": ("0", "2.5"),
    "learning_rate": ("1e-4",),
    "threshold": ("0", "0.5", "1"),
    "share": ("0", "0.999"),
}
WRONG = {
    "positive_int": {
        "0": "0 is not at least 1",
        "1.5": "'1.5' is not a whole number",
        "nan": "'nan' is not a whole number",
    },
    "non_negative_int": {"-1": "-1 is not at least 0"},
    "seed": {
        "-1": "-1 is not between 0 and 4294967295",
        "4294967296": "4294967296 is not between 0 and 4294967295",
    },
    "port": {"70000": "70000 is not between 0 and 65535", "http": "not a whole number"},
    "positive_float": {
        "0": "0 is not above 0",
        "inf": "inf is not a finite number",
        "nan": "nan is not a finite number",
        "x": "'x' is not a number",
    },
    "non_negative_float": {"-3": "-3 is below 0", "-inf": "not a finite number"},
    "learning_rate": {"0": "0 is not above 0", "nan": "not a finite number"},
    "threshold": {
        "50": "50 is not between 0 and 1",
        "-0.1": "-0.1 is not between 0 and 1",
        "nan": "nan is not a finite number",
    },
    "share": {
        "1": "1 is not from 0 to less than 1",
        "1.5": "not from 0 to less than 1",
    },
}


def parse(name, text):
    parser = arguments.parser("Do a thing.")
    parser.add_argument("--value", type=getattr(arguments, name))
    return parser.parse_args([f"--value={text}"]).value


@pytest.mark.parametrize(
    "name, text", [(name, text) for name, texts in RIGHT.items() for text in texts]
)
def test_good_values_are_taken(name, text):
    assert parse(name, text) == float(text)


@pytest.mark.parametrize(
    "name, text, words",
    [(name, text, words) for name, bad in WRONG.items() for text, words in bad.items()],
)
def test_bad_values_are_refused_in_one_line(name, text, words, capsys):
    with pytest.raises(SystemExit) as end:
        parse(name, text)
    assert end.value.code == 2
    *_, last = capsys.readouterr().err.splitlines()
    assert "error: argument --value: " in last and last.endswith(words)


@pytest.mark.parametrize(
    "text, meant", [("0", 0), ("12", 12), ("film.mp4", "film.mp4"), ("²", "²")]
)
def test_a_source_is_a_camera_only_as_a_plain_number(text, meant):
    assert arguments.source(text) == meant


def test_a_camera_beyond_all_cameras_is_refused():
    with pytest.raises(
        arguments.argparse.ArgumentTypeError, match="no camera, 0 to 99"
    ):
        arguments.source("100000000000")


def marking():
    parser = arguments.parser("Mark.", former=("--model", "--input"))
    parser.add_argument("model")
    parser.add_argument("sources", nargs="+")
    arguments.add_output(parser, "--out", metavar="DIR")
    return parser


@pytest.mark.parametrize(
    "line",
    [
        "m a -o d",
        "--model m --input a --out d",
        "--out=d --input=a --model=m",
        "--model m a --output d",
        "-o d m a",
    ],
)
def test_flags_that_became_positionals_still_work(line):
    found = marking().parse_args(line.split())
    assert vars(found) == {"model": "m", "sources": ["a"], "output": "d"}


def test_older_spellings_are_not_shown():
    text = marking().format_help()
    assert "--output" in text
    assert "--out " not in text and "--input" not in text and "--model" not in text


def test_an_output_is_required_unless_it_has_a_default(capsys):
    with pytest.raises(SystemExit):
        marking().parse_args(["m", "a"])
    assert "required: -o/--output" in capsys.readouterr().err
    parser = arguments.parser("Do.")
    arguments.add_output(parser, default="here")
    assert parser.parse_args([]).output == "here"
