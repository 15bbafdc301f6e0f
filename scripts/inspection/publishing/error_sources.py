"""Find in the source which errors a user can meet, and what they say."""

import ast
import re
from dataclasses import dataclass

from inspection.course import paths

PACKAGE = paths.ROOT / "scripts" / "inspection"
BASE = "UserError"


@dataclass(frozen=True)
class ErrorMessage:
    """What an error says: <...> stands for what differs from case to case."""

    module: str  # such as datasets.archives
    text: str


def find_messages():
    """Return every message of a UserError or one of its kinds, in order of modules."""
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    names = user_errors(trees.values())
    found = [
        ErrorMessage(module_of(path), text)
        for path, tree in trees.items()
        for text in messages_of(tree, names)
    ]
    return list(dict.fromkeys(found))


def user_errors(trees):
    """Return the names of UserError and of all classes below it."""
    bases = {
        node.name: {name_of(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    names = {BASE}
    while True:
        more = {name for name, parents in bases.items() if parents & names} - names
        if not more:
            return names
        names |= more


def module_of(path):
    """Return the dotted name of a module within the package."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def messages_of(tree, names):
    """Return the messages of the errors that a file makes, raised there or returned."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name_of(node.func) in names and node.args
    ]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    texts = [text_of(call.args[0], assigned(tree, call)) for call in calls]
    return [text for text in texts if re.search(r"\w{3}", hollow(text))]


def name_of(node):
    """Return the last part of a name: DatasetError of errors.DatasetError."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def assigned(tree, call):
    """Return {name: value} of what is assigned above a call in its function."""
    functions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.lineno <= call.lineno <= node.end_lineno
    ]
    inner = max(functions, key=lambda node: node.lineno, default=tree)
    return {
        node.targets[0].id: node.value
        for node in ast.walk(inner)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.lineno < call.lineno
    }


def text_of(node, known):
    """Return what an expression says, with <name> for what is not fixed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part, known) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return text_of(node.value, known)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return text_of(node.left, known) + text_of(node.right, known)
    if isinstance(node, ast.Name) and is_text(known.get(node.id)):
        rest = {name: value for name, value in known.items() if name != node.id}
        return text_of(known[node.id], rest)
    return f"<{word_of(node)}>"


def is_text(node):
    """Return whether an expression is a string, an f-string or a sum of such."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and is_text(node.left)
    return isinstance(node, (ast.Constant, ast.JoinedStr))


def word_of(node):
    """Return one word for what an expression stands for."""
    names = [name_of(part) for part in ast.walk(node)]
    names = [name.strip("_") for name in names if name.strip("_")]
    plain = [name for name in names if name not in ("str", "len", "join", "sorted")]
    return (plain or ["..."])[0]


def hollow(text):
    """Return a message without what differs from case to case."""
    return re.sub(r"<[^>]*>", "", text)
