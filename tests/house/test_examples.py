"""The commands that help, README, docs and notebooks show: their flags are real."""

import argparse
import re
import runpy
import shlex
import sys

import pytest

from helpers import ROOT

COMMANDS = [
    path
    for folder in ("scripts", "tools")
    for path in (ROOT / folder).glob("*.py")
    if path.stem != "bootstrap"
]
SOURCES = sorted(
    [
        *COMMANDS,
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("notebooks/text/*.py"),
    ]
)
BUNDLED = ("data/", "notebooks/", "scripts/", "tools/", "tests/")


class Parsed(BaseException):
    """The arguments were read; the work itself is not done here."""


def examples_of(path):
    """Return the commands "python scripts/NAME.py ..." of a file, continued lines joined."""
    text = path.read_text(encoding="utf-8")
    if path in COMMANDS:
        text = text.split('"""')[1]
    text = re.sub(r"\\\\?\n[# ]*", "", text)
    found = re.findall(
        r"^[# !>$]*(?:\S*python[\d.]* )((?:scripts|tools)/\w+\.py[^`]*?)$", text, re.M
    )
    return [line.split("  #")[0] for line in found]


EXAMPLES = sorted({line for path in SOURCES for line in examples_of(path)})


def test_examples_are_found():
    assert len(EXAMPLES) > 60
    shown = {line.split()[0] for line in EXAMPLES}
    assert shown == {path.relative_to(ROOT).as_posix() for path in COMMANDS}


@pytest.mark.parametrize("line", EXAMPLES)
def test_example_is_understood(line, monkeypatch):
    command, *arguments = shlex.split(line)
    parse = argparse.ArgumentParser.parse_known_args

    def parse_only(parser, *args, **options):
        _, unknown = parse(parser, *args, **options)
        assert unknown == []
        raise Parsed

    monkeypatch.setattr(argparse.ArgumentParser, "parse_known_args", parse_only)
    monkeypatch.setattr(sys, "argv", [command, *arguments])
    with pytest.raises(Parsed):
        runpy.run_path(str(ROOT / command), run_name="__main__")


@pytest.mark.parametrize("line", EXAMPLES)
def test_example_names_bundled_files(line):
    names = [n.split("=")[-1] for n in shlex.split(line)]
    named = [name for name in names if name.startswith(BUNDLED)]
    assert [name for name in named if not any(ROOT.glob(name))] == []
