"""The walls of the house: who may import whom, and what no file may hold."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import setup_env
from inspection.course import error_guide

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"
PACKAGE = SCRIPTS / "inspection"
MODULES = sorted(PACKAGE.rglob("*.py"))
COMMANDS = sorted(SCRIPTS.glob("*.py"))
WORKFLOWS = ROOT / ".github" / "workflows"
SOURCES = MODULES + COMMANDS
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]

# a part may import itself and what stands beside its name
WALLS = {
    "datasets": set(),
    "tflite": {"datasets"},
    "detection": {"datasets", "tflite"},
    "classification": {"datasets", "tflite"},
    "segmentation": {"datasets", "tflite"},
    "model_garden": {"datasets", "tflite", "detection"},
    "deploy": {"datasets"},
    "course": {"datasets", "detection", "classification", "segmentation", "deploy"},
}
SHARED = {path.stem for path in PACKAGE.glob("*.py")}  # for all parts
HEAVY = {"tensorflow", "keras", "tf_keras"}
LONGEST_FUNCTION = 40
LONGEST_FILE = 400

MACHINE_PATH = re.compile(
    r"(?<![\w.])(/home/|/root/|/Users/|/work/|/tmp/|[A-Z]:\\\\?\w)"
)
REGISTRY = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|anaconda\.org")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def imports_of(path):
    """Return the absolute dotted names that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = from_base(path, node)
            names |= {f"{base}.{alias.name}" for alias in node.names}
    return names


def from_base(path, node):
    """Return the module a `from ... import` names, relative ones made absolute."""
    if not node.level:
        return node.module
    package = path.relative_to(SCRIPTS).parent.parts
    parts = package[: len(package) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_parts_do_not_know_each_other(path):
    part = path.relative_to(PACKAGE).parts[0]
    known = {n.split(".")[1] for n in imports_of(path) if n.startswith("inspection.")}
    others = {"datasets"} if path.parent == PACKAGE else WALLS[part] | SHARED
    assert known <= others | {part}


def test_deploy_and_datasets_import_no_network_library():
    light = [
        p for p in MODULES if p.relative_to(PACKAGE).parts[0] in ("deploy", "datasets")
    ]
    roots = {
        name_of(p): {n.split(".")[0] for n in imports_of(p)} & HEAVY for p in light
    }
    assert {name: found for name, found in roots.items() if found} == {}


def test_data_tools_start_without_tensorflow():
    names = [".".join(p.relative_to(SCRIPTS).with_suffix("").parts) for p in MODULES]
    names = [
        n for n in names if n.startswith(("inspection.datasets", "inspection.deploy"))
    ]
    code = f"import sys; sys.path.insert(0, {str(SCRIPTS)!r})\n"
    code += "\n".join(f"import {n.removesuffix('.__init__')}" for n in names)
    code += f"\nassert not {HEAVY!r} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", COMMANDS, ids=name_of)
def test_help_shows_an_example(path, tmp_path):
    done = subprocess.run(
        [sys.executable, path, "--help"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert f"python scripts/{path.name}" in done.stdout


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_functions_and_files_are_short(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, kinds)]
    too_long = {
        f.name: length_of(f) for f in functions if length_of(f) > LONGEST_FUNCTION
    }
    assert too_long == {}


def length_of(function):
    """Return the lines of a function without its docstring."""
    docstring = function.body[0] if ast.get_docstring(function) else None
    spared = docstring.end_lineno - docstring.lineno + 1 if docstring else 0
    return function.end_lineno - function.lineno + 1 - spared


def own_texts():
    """Return the files that people read or run, without tests and made files."""
    kinds = ("*.py", "*.j2", "*.html", "*.md", "*.txt", "*.toml", "*.yml", "*.cfg")
    folders = [SCRIPTS, ROOT / "notebooks", ROOT / "docs", ROOT / ".ci", WORKFLOWS]
    found = [p for folder in folders for kind in kinds for p in folder.rglob(kind)]
    found += [p for kind in kinds for p in ROOT.glob(kind)]
    return [*found, ROOT / "Makefile", ROOT / ".ci" / "run"]


@pytest.mark.parametrize("pattern", [MACHINE_PATH, REGISTRY, UNFINISHED], ids=str)
def test_no_file_holds(pattern):
    found = {
        f"{name_of(path)}:{number}": line.strip()
        for path in own_texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    }
    assert found == {}


def test_every_requirement_is_locked():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    wanted = [line.split("#")[0].strip() for line in lines if "==" in line]
    lock = (ROOT / "constraints.txt").read_text().splitlines()
    pins = {line.split(";")[0].strip() for line in lock}
    assert wanted and set(wanted) <= pins
    assert all("#" in line for line in lines if "==" in line), "say why it is needed"


def test_make_lines_run_without_make():
    recipe = re.findall(
        r"(?:scripts|tests)/[\w/]+\.py", (ROOT / "Makefile").read_text()
    )
    commands = [line for line in recipe if line.startswith("scripts/")]
    assert all((ROOT / command).exists() for command in commands)


def test_workflow_runs_the_tests_on_every_python():
    text = (WORKFLOWS / "test.yml").read_text()
    pythons = re.search(r"python: \[(.+)\]", text)[1].replace('"', "").split(", ")
    suited = {f"{major}.{minor}" for major, minor in setup_env.SUITED}
    assert set(pythons) == suited
    assert "run: .ci/run" in text
    used = re.findall(r"uses: (\S+)", text)
    assert used and all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name) for name in used)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_and_commands_of_pages_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)\s]+)\)", text)
    links += re.findall(r'(?:src|href)="(?!https?:)(.+?)"', text)
    files = [link.split("#")[0] for link in links]
    assert [name for name in files if not (page.parent / name).exists()] == []
    commands = re.findall(r"python ((?:scripts|tests)/[\w/]+\.py)", text)
    assert [name for name in commands if not (ROOT / name).exists()] == []


def test_pages_link_to_headings_that_there_are():
    lost = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for name, heading in re.findall(r"\]\(([^)\s#]*\.md)#([^)\s]+)\)", text):
            there = (page.parent / name).read_text(encoding="utf-8")
            headings = re.findall(r"^#+ (.+)$", there, re.MULTILINE)
            if heading not in map(error_guide.anchor, headings):
                lost.append(f"{page.name}: {name}#{heading}")
    assert lost == []
