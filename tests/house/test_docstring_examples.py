"""The examples in docstrings: those of the functions that notebooks call are run."""

import ast
import doctest
import importlib

import pytest

from helpers import ROOT

PACKAGE = ROOT / "scripts" / "inspection"
WITH_EXAMPLES = [
    path for path in sorted(PACKAGE.rglob("*.py")) if ">>> " in path.read_text("utf-8")
]


def module_of(path):
    """Return the dotted name of a module's file."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=module_of)
def test_examples_show_what_they_say(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    result = doctest.testmod(importlib.import_module(module_of(path)))
    assert result.attempted and not result.failed


def test_thirty_functions_have_an_example():
    finder = doctest.DocTestFinder(exclude_empty=True)
    modules = [importlib.import_module(module_of(path)) for path in WITH_EXAMPLES]
    examples = [t for m in modules for t in finder.find(m) if t.examples]
    assert len(examples) >= 30


def functions_with_an_example():
    for path in WITH_EXAMPLES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and ">>>" in (
                ast.get_docstring(node) or ""
            ):
                yield path, node


def test_what_has_an_example_says_its_types():
    bare = []
    for path, function in functions_with_an_example():
        arguments = [*function.args.args, *function.args.kwonlyargs]
        typed = all(a.annotation for a in arguments if a.arg != "self")
        if not typed or function.returns is None:
            bare.append(f"{path.stem}.{function.name}")
    assert bare == []
