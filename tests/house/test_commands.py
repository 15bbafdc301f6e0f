"""All commands alike: their numbers are checked, they start fast, none needs another."""

import argparse
import ast
import functools
import runpy
import subprocess
import sys

import pytest

import build_commands
from helpers import ROOT
from inspection.common import arguments
from inspection.common.errors import UserError

COMMANDS = [
    path
    for folder in ("scripts", "tools")
    for path in sorted((ROOT / folder).glob("*.py"))
    if path.stem != "bootstrap"
]
BENCHMARKS = sorted((ROOT / "tests/benchmarks").glob("*.py"))
HEAVY = {
    *("tensorflow", "keras", "tf_keras", "ai_edge_litert", "pandas", "matplotlib"),
    *("scipy", "sklearn", "skimage", "IPython", "jupytext"),
    *("nbclient", "nbconvert", "nbformat", "papermill", "sphinx", "docutils"),
}
# a value that each type must refuse, beside those that all refuse
REFUSED = {
    arguments.positive_int: ("0", "1.5", "-1"),
    arguments.non_negative_int: ("-1", "1.5"),
    arguments.seed: ("-1", "1.5"),
    arguments.port: ("-1", "70000"),
    arguments.positive_float: ("0", "-1"),
    arguments.non_negative_float: ("-3",),
    arguments.learning_rate: ("0", "-1"),
    arguments.threshold: ("50", "-0.1"),
    arguments.share: ("1.5", "1", "-0.1"),
    arguments.overlap: ("0", "0.6", "-0.1"),
}
# what users' notebooks and tutorials hold: flags of earlier versions
OLDER = {
    "scripts/train_classifier.py": "d --out o",
    "scripts/compare_classifiers.py": "d --out o",
    "scripts/train_cifar10.py": "--out o",
    "scripts/train_segmenter.py": "--images i --masks m --model o",
    "scripts/export_segmenter.py": "--model m --out o",
    "scripts/segment.py": "--model m --input i --out o",
    "scripts/convert_to_tflite.py": "--saved_model_dir s --output_directory o",
    "scripts/download_model.py": "n --out o",
    "scripts/make_label_map.py": "--classes a --output_path o",
    "scripts/make_pipeline_config.py": "--output o",
    "scripts/show_records.py": "r --output_path o",
    "scripts/run_course.py": "--output o",
    "tools/make_cifar10_standin.py": "--out o",
    "tools/make_cracks.py": "--out o",
    "tools/make_leaks.py": "--out o",
    "tools/make_rust.py": "--out o",
    "tools/make_start_backbone.py": "--out o",
    "tools/make_start_checkpoint.py": "--output o",
    "tools/make_student_edition.py": "--output o",
    "tools/measure_style.py": "--out o",
}
NO_NUMBERS = ("nan", "inf", "-inf", "many", "")


class Parsed(BaseException):
    """The parser of a command, which then does nothing more."""


@functools.cache
def parser_of(path):
    """Return the parser of a command, which is not run any further."""

    def hand_out(parser, *_):
        raise Parsed(parser)

    with pytest.MonkeyPatch.context() as patch:
        for name in ("parse_args", "parse_known_args"):
            patch.setattr(argparse.ArgumentParser, name, hand_out)
        patch.setattr(sys, "argv", [str(path)])
        patch.syspath_prepend(path.parent)
        with pytest.raises(Parsed) as found:
            runpy.run_path(str(path), run_name="__main__")
    return found.value.args[0]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def numbers_of(path):
    """Return (flag, type) of each flag that takes a number."""
    return [
        (action.option_strings[-1], action.type)
        for action in parser_of(path)._actions
        if action.type in REFUSED
    ]


@pytest.mark.parametrize("path", COMMANDS, ids=name_of)
def test_numbers_that_cannot_be_are_refused_in_one_line(path, capsys):
    parser = parser_of(path)
    for flag, kind in numbers_of(path):
        for value in (*REFUSED[kind], *NO_NUMBERS):
            with pytest.raises(SystemExit) as end:
                parser.parse_args([f"{flag}={value}"])
            *usage, last = capsys.readouterr().err.splitlines()
            assert end.value.code == 2, f"{flag} {value}"
            assert usage[0].startswith("usage: ")
            assert ": error: argument " in last and flag in last


def test_there_are_numbers_to_check():
    assert sum(len(numbers_of(path)) for path in COMMANDS) > 80


@pytest.mark.parametrize("path", COMMANDS + BENCHMARKS, ids=name_of)
def test_no_number_goes_unchecked(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = [
        keyword.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "type"
    ]
    bare = [kind.id for kind in kinds if isinstance(kind, ast.Name)]
    assert {"int", "float", "complex"} & set(bare) == set()


@pytest.mark.parametrize("path", COMMANDS, ids=name_of)
def test_choices_refuse_the_misspelt_with_the_list(path, capsys):
    parser = parser_of(path)
    for action in parser._actions:
        if action.choices and action.type is None and action.option_strings:
            with pytest.raises(SystemExit):
                parser.parse_args([f"{action.option_strings[-1]}=tset"])
            *_, last = capsys.readouterr().err.splitlines()
            assert "'tset'" in last and all(choice in last for choice in action.choices)


@pytest.mark.parametrize("path", COMMANDS, ids=name_of)
def test_an_output_is_called_output(path):
    actions = {a.dest: a.option_strings for a in parser_of(path)._actions}
    assert "out" not in actions
    assert actions.get("output", ["-o", "--output"]) == ["-o", "--output"]


@pytest.mark.parametrize("name, line", OLDER.items(), ids=OLDER)
def test_older_flags_are_understood_and_not_shown(name, line):
    parser = parser_of(ROOT / name)
    assert str(parser.parse_args(line.split()).output) == "o"
    assert not {"--out", "--output_path", "--output_directory"} & set(
        parser.format_help().split("options:")[1].replace(",", " ").split()
    )


@pytest.mark.parametrize("path", COMMANDS, ids=name_of)
def test_no_command_imports_another(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    used |= {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert used & {other.stem for other in COMMANDS} == set()


@pytest.mark.parametrize("path", COMMANDS, ids=name_of)
def test_help_waits_for_no_heavy_library(path):
    code = (
        "import runpy, sys\n"
        f"sys.argv = [{str(path)!r}, '--help']\n"
        f"sys.path.insert(0, {str(path.parent)!r})\n"
        "try:\n"
        f"    runpy.run_path({str(path)!r}, run_name='__main__')\n"
        "except SystemExit as end:\n"
        "    assert not end.code\n"
        f"print('loaded:', *sorted({HEAVY!r} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_tensorflow_is_made_quiet_in_one_place():
    folders = (ROOT / "scripts", ROOT / "tools", ROOT / "tests/benchmarks")
    found = {
        name_of(path)
        for folder in folders
        for path in folder.rglob("*.py")
        if "TF_CPP_MIN_LOG_LEVEL" in path.read_text(encoding="utf-8")
    }
    assert found == {"scripts/inspection/__init__.py"}


def test_the_list_of_commands_is_in_step():
    page = build_commands.PAGE.read_text(encoding="utf-8")
    assert page == build_commands.page_text(), "run: python tools/build_commands.py"
    listed = [line for line in page.splitlines() if line.startswith("| [")]
    assert len(listed) == len(COMMANDS)


def test_a_command_without_a_section_is_named(monkeypatch):
    sections = {**build_commands.SECTIONS, "Run": ("detect", "segments")}
    monkeypatch.setattr(build_commands, "SECTIONS", sections)
    with pytest.raises(
        UserError, match="differ in: .*classify, .*segment, segments, serve"
    ):
        build_commands.page_text()
