"""The walls of the house: who may import whom, and what no file may hold."""

import ast
import graphlib
import re

import pytest

from helpers import ROOT
from helpers.commands import run_python
from helpers.source_tree import (
    FLOORS,
    MODULES,
    OLD_NAMES,
    PACKAGE,
    SCRIPTS,
    imports_of,
    name_of,
)
from inspection.common.pythons import SUITED

TOOLS = ROOT / "tools"
COMMANDS = sorted(
    [*SCRIPTS.glob("*.py"), *TOOLS.glob("[!b]*.py"), *TOOLS.glob("build*.py")]
)
WORKFLOWS = ROOT / ".github" / "workflows"
SOURCES = MODULES + COMMANDS + sorted(OLD_NAMES.rglob("*.py"))

LIGHT = ("common", "datasets", "imaging", "synthetic", "deploy")  # no TensorFlow
MOST_FILES = 25  # in a folder
HEAVY = {"tensorflow", "keras", "tf_keras"}
LONGEST_FUNCTION = 40
LONGEST_FILE = 400

MACHINE_PATH = re.compile(
    r"(?<![\w.])(/home/|/root/|/Users/|/work/|/tmp/|[A-Z]:\\\\?\w)"
)
REGISTRY = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|anaconda\.org")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")


def room_of(module):
    """Return the first folder of a dotted name below `inspection`, None for others."""
    parts = module.split(".")
    return parts[1] if parts[0] == "inspection" and len(parts) > 1 else None


def test_every_room_has_a_floor():
    rooms = {p.name for p in PACKAGE.iterdir() if (p / "__init__.py").exists()}
    assert set().union(*FLOORS) == rooms
    assert [p.name for p in PACKAGE.glob("*.py")] == ["__init__.py"]


@pytest.mark.parametrize("path", MODULES[1:], ids=name_of)
def test_rooms_use_only_what_stands_below(path):
    room = path.relative_to(PACKAGE).parts[0]
    height = next(i for i, floor in enumerate(FLOORS) if room in floor)
    below = set().union(*FLOORS[height + 1 :])
    used = {room_of(name) for name in imports_of(path)} - {None}
    assert used <= below | {room}


def test_nothing_of_the_course_uses_the_names_of_the_api():
    texts = sorted((ROOT / "notebooks/text").glob("*.py"))
    found = {
        name_of(path)
        for path in [*MODULES, *COMMANDS, *texts]
        if any(name.split(".")[0] == OLD_NAMES.name for name in imports_of(path))
    }
    assert found == set()


def module_of(path):
    """Return the dotted name of a module's file."""
    parts = path.relative_to(SCRIPTS).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def imports_between(name):
    """Return {name(module): names of what it imports}, without itself."""
    modules = {module_of(path): path for path in MODULES}
    graph = {}
    for module, path in modules.items():
        for used in imports_of(path):
            used = used if used in modules else used.rpartition(".")[0]
            if used in modules and name(used) != name(module):
                graph.setdefault(name(module), set()).add(name(used))
    return graph


@pytest.mark.parametrize(
    "name",
    [str, lambda module: module.rpartition(".")[0]],
    ids=["modules", "folders"],
)
def test_nothing_imports_in_a_circle(name):
    graph = imports_between(name)
    # a folder and the folders in it are one room
    graph = {
        one: {u for u in used if not one.startswith(f"{u}.") and u != "inspection"}
        for one, used in graph.items()
    }
    order = list(graphlib.TopologicalSorter(graph).static_order())  # raises in a circle
    assert set(graph) <= set(order)


def test_no_folder_is_crowded():
    folders = [f for top in (PACKAGE, ROOT / "tests") for f in [top, *top.rglob("*")]]
    counts = {
        name_of(f): sum(p.is_file() for p in f.iterdir()) for f in folders if f.is_dir()
    }
    crowded = {name: count for name, count in counts.items() if count > MOST_FILES}
    assert {n: c for n, c in crowded.items() if "__pycache__" not in n} == {}


def light_modules():
    return [p for p in MODULES[1:] if p.relative_to(PACKAGE).parts[0] in LIGHT]


def test_light_rooms_import_no_network_library():
    found = {
        name_of(path): used
        for path in light_modules()
        if (used := {n.split(".")[0] for n in imports_of(path)} & HEAVY)
    }
    assert found == {}


def test_light_rooms_start_without_tensorflow():
    names = map(module_of, light_modules())
    code = f"import sys; sys.path.insert(0, {str(SCRIPTS)!r})\n"
    code += "\n".join(f"import {name}" for name in names)
    code += f"\nassert not {HEAVY!r} & set(sys.modules)"
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", COMMANDS, ids=name_of)
def test_help_shows_an_example(path, tmp_path):
    done = run_python(path, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"python {name_of(path)}" in done.stdout


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
    folders = [
        SCRIPTS,
        TOOLS,
        ROOT / "notebooks",
        ROOT / "docs",
        ROOT / ".ci",
        WORKFLOWS,
    ]
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
        r"(?:scripts|tools|tests)/[\w/]+\.py", (ROOT / "Makefile").read_text()
    )
    assert recipe and [name for name in recipe if not (ROOT / name).exists()] == []


def test_workflow_runs_the_tests_on_every_python():
    text = (WORKFLOWS / "test.yml").read_text()
    pythons = re.search(r"python: \[(.+)\]", text)[1].replace('"', "").split(", ")
    suited = {f"{major}.{minor}" for major, minor in SUITED}
    assert set(pythons) == suited
    assert "run: .ci/run" in text


@pytest.mark.parametrize("path", sorted(WORKFLOWS.glob("*.yml")), ids=name_of)
def test_workflows_use_actions_by_their_commit(path):
    used = re.findall(r"uses: (\S+)", path.read_text())
    assert used and all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name) for name in used)


def test_workflow_publishes_what_make_builds():
    text = (WORKFLOWS / "site.yml").read_text()
    assert "run: make site" in text and "path: build/site\n" in text
    assert "folder of the site (build/site)" in (TOOLS / "build_site.py").read_text()
