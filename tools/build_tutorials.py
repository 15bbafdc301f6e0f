"""Write the table of docs/old_notebooks.md from the tests that go through the tutorials.

    python tools/build_tutorials.py
    python tools/build_tutorials.py --check

A tutorial is a module of tests/tutorials whose docstring says what to change. Its steps
are the functions with a docstring that its test calls.
"""

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.atomic_files import write_text
from inspection.common.errors import UserError, exit_on_error

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/old_notebooks.md"
TESTS = ROOT / "tests/tutorials"
CHANGE = "To change: "
BEGIN, END = "<!-- tutorials -->\n", "<!-- end of tutorials -->"
HEAD = "| tutorial | what runs, in this order | what to change |\n|---|---|---|\n"


@dataclass(frozen=True)
class Tutorial:
    """A tutorial as its test goes through it."""

    path: Path
    name: str
    change: str
    steps: list


def read_tutorials():
    """Return the tutorials by name; raise UserError for a step that no test makes."""
    found = [read_tutorial(path) for path in sorted(TESTS.glob("test_*.py"))]
    return sorted(filter(None, found), key=lambda tutorial: tutorial.name.lower())


def read_tutorial(path):
    """Return the Tutorial of a test's file, None for a test of something else."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name, _, change = (ast.get_docstring(tree) or "").partition(f"\n\n{CHANGE}")
    if not change:
        return None
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    steps = {f.name: ast.get_docstring(f) for f in functions if is_step(f)}
    made = {name for f in functions for name in calls_of(f)}
    if not steps or steps.keys() - made:
        raise UserError(f"{path} makes no use of its steps: {steps.keys() - made}")
    return Tutorial(path, name, " ".join(change.split()), list(steps.values()))


def is_step(function):
    """Tell whether a function has a docstring and is no fixture."""
    return bool(ast.get_docstring(function)) and not function.decorator_list


def calls_of(function):
    """Return the names that a function calls."""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {call.id for call in calls if isinstance(call, ast.Name)}


def page_text():
    """Return the page with its table made anew."""
    rows = [
        f"| [{t.name}](../{t.path.relative_to(ROOT).as_posix()}) | {'; '.join(t.steps)} "
        f"| {t.change} |\n"
        for t in read_tutorials()
    ]
    text = PAGE.read_text(encoding="utf-8")
    table = BEGIN + HEAD + "".join(rows) + END
    return re.sub(f"{BEGIN}.*?{END}", lambda _: table, text, flags=re.DOTALL)


@exit_on_error()
def main():
    parser = flags.parser(__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    arguments = parser.parse_args()
    text = page_text()
    if not arguments.check:
        write_text(PAGE, text)
        print("wrote docs/old_notebooks.md")
    elif PAGE.read_text(encoding="utf-8") != text:
        sys.exit(
            "error: docs/old_notebooks.md is out of step; run: python "
            "tools/build_tutorials.py"
        )


if __name__ == "__main__":
    main()
