"""The source tree as tests look at it: its modules, their floors, what they import."""

import ast

from helpers import ROOT

SCRIPTS = ROOT / "scripts"
PACKAGE = SCRIPTS / "inspection"
MODULES = sorted(PACKAGE.rglob("*.py"))
# for notebooks of the Object Detection API, which import a package of this name
OLD_NAMES = SCRIPTS / "object_detection"

# a room may use itself and those below its floor; detection is below model_garden
FLOORS = [
    {"publishing"},
    {"course"},
    {"model_garden", "at_scale"},
    {"detection", "classification", "segmentation", "anomaly"},
    {"tflite", "deploy", "synthetic"},
    {"keras_shared", "datasets", "imaging"},
    {"common"},
]


def name_of(path):
    """Return the path of a file from the top of the repository on."""
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
