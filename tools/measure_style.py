"""Measure notebooks and modules against the course's targets of style.

    python tools/measure_style.py
    python tools/measure_style.py --all
    python tools/measure_style.py -o build/style.json

Printed is what lies outside of a target, with the reason where there is one; --all
prints every measure. The exit status is 1 where something lies outside without reason.
Targets are those of what the course takes as models: the Keras guides, d2l, the
scikit-image gallery, nanoGPT, the references of torchvision.
"""

import ast
import fnmatch
import io
import json
import statistics
import sys
import tokenize
from dataclasses import dataclass
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags

ROOT = Path(__file__).resolve().parent.parent

EIGHT = ["Setup", "Settings", "Data", "Model", "Train", "Evaluate", "Use it", "Summary",
         "Exercises", "Where to go next"]  # fmt: skip


@dataclass(frozen=True)
class Target:
    """What a measure should lie between."""

    name: str
    low: float
    high: float

    def holds(self, value):
        return self.low <= value <= self.high


NOTEBOOK = [
    Target("cells", 25, 60),
    Target("code lines", 100, 200),
    Target("KB stripped", 0, 50),
    Target("cell median", 4, 7),
    Target("cell p90", 0, 15),
    Target("cell max", 0, 25),
    Target("words per code line", 7, 14),
    Target("comments %", 5, 12),
    Target("function max", 0, 40),
    Target("prose width", 0, 100),
    Target("other headings", 0, 0),
    Target("settings without a why", 0, 0),
]
MODULE = [
    Target("lines", 80, 250),
    Target("function median", 0, 10),
    Target("function max", 0, 40),
    Target("comments %", 5, 12),
    Target("public without docstring", 0, 0),
    Target("code width", 0, 88),
    Target("prose width", 0, 100),
]
FEW = 5  # functions, of which a median says little


@dataclass(frozen=True)
class Reason:
    """Why files may lie outside of a target, on one side of it."""

    files: str  # a pattern
    measure: str
    why: str
    below: bool = False  # what is too small is excused, else what is too large


REASONS = [
    Reason("*.py", "lines", "one topic, and no more to say about it", below=True),
    Reason("*.py", "comments %", "names and docstrings say what, few whys are left",
           below=True),
    Reason("scripts/[a-z]*.py", "public without docstring",
           "the docstring of the command is its --help"),
    Reason("scripts/[a-z]*.py", "function median", "a list of flags is one function"),
    Reason("*/synthetic/*.py", "function median",
           "what is drawn in one go is one function, stroke after stroke"),
    *(Reason(f"scripts/inspection/{name}.py", "function median",
             "a figure or a table is one function")
      for name in ("classification/figures", "detection/evaluation/evaluation_plots",
                   "publishing/results/*", "datasets/checking/check_report")),
    *(Reason(f"scripts/inspection/{name}.py", "function median", why)
      for name, why in {
          "course/project": "what is typed is checked, each check with its message",
          "datasets/checking/check_images": "a rule stands with the faults that it reports",
          "deploy/service/server": "two of five tell waitress and logging what to do",
          "detection/evaluation/coco_metrics": "arrays become tables, a column on each line",
          "detection/model/network": "a part of the network is built layer after layer",
          "detection/training/training_loop": "checks with messages, calls with many arguments",
          "model_garden/experiment": "a tree of settings, one on each line",
      }.items()),
    Reason("*/deploy/service/server.py", "comments %",
           "limits and locks: each needs its why"),
    Reason("*/model_garden/__init__.py", "comments %", "three lines, and their why"),
    Reason("*/synthetic/leaks/surfaces.py", "lines", "one material after the other"),
    Reason("*/synthetic/pictograms/animals.py", "lines", "one animal after the other"),
    Reason("*/detection/config/pipeline_settings.py", "lines",
           "one dataclass for each block of the file"),
    Reason("*/datasets/voc.py", "lines", "reading and writing a format belong together"),
    Reason("*/00_*.py", "code lines", "nothing is trained there", below=True),
    Reason("*/00_*.py", "words per code line", "its solutions are code in folded text"),
    *(Reason("notebooks/text/0[1-7]*.py", name,
             "how a network works is written out, each piece with its test")
      for name in ("code lines", "cell median", "cell p90")),
]  # fmt: skip


def lines_of(source):
    """Return the lines that are not blank."""
    return [line for line in source.splitlines() if line.strip()]


def commented(source):
    """Return the number of lines with a comment."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return len({t.start[0] for t in tokens if t.type == tokenize.COMMENT})


def function_lengths(tree):
    """Return the lines of each function, its docstring left out."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [length_of(n) for n in ast.walk(tree) if isinstance(n, kinds)]


def length_of(function):
    spared = 0
    if ast.get_docstring(function):
        docstring = function.body[0]
        spared = docstring.end_lineno - docstring.lineno + 1
    return function.end_lineno - function.lineno + 1 - spared


def percentile(values, share):
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure_notebook(text):
    """Return {measure: value} of a notebook's text."""
    import nbformat

    from inspection.publishing import notebook_sync

    notebook = notebook_sync.read_text(text)
    # claims are folded: nobody reads them
    shown = [c for c in notebook.cells if not notebook_sync.holds_claims(c)]
    code = [c.source for c in shown if c.cell_type == "code"]
    prose = [c.source for c in shown if c.cell_type == "markdown"]
    sizes = [len(lines_of(source)) for source in code]
    words = sum(len(source.split()) for source in prose)
    headings = [line[3:] for p in prose for line in p.splitlines() if line[:3] == "## "]
    lengths = [n for source in code for n in function_lengths(ast.parse(source))]
    return {
        "cells": len(notebook.cells),
        "code lines": sum(sizes),
        "KB stripped": round(len(nbformat.writes(notebook).encode()) / 1000, 1),
        "cell median": statistics.median(sizes),
        "cell p90": percentile(sizes, 0.9),
        "cell max": max(sizes),
        "words per code line": round(words / sum(sizes), 1),
        "comments %": share(sum(map(commented, code)), sum(sizes)),
        "function max": max(lengths, default=0),
        "prose width": max(map(len, plain_lines(prose))),
        "other headings": len([h for h in headings if h not in EIGHT]),
        "settings without a why": settings_without_why(notebook),
    }


def plain_lines(prose):
    """Return the lines of prose that can be broken: no tables, no long links."""
    lines = [line for source in prose for line in source.splitlines()]
    return [line for line in lines if not line.startswith("|") and "](" not in line]


def settings_without_why(notebook):
    """Return how many lines of the settings cell assign without a comment."""
    tagged = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    lines = [line for cell in tagged for line in cell.source.splitlines()]
    return len([line for line in lines if " = " in line and "#" not in line])


def share(part, whole):
    return round(100 * part / max(whole, 1), 1)


def measure_module(path):
    """Return {measure: value} of a module or a command."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    lengths = function_lengths(tree)
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [n for n in tree.body if isinstance(n, kinds) and n.name[0] != "_"]
    code_width, prose_width = widths(source)
    return {
        "lines": len(source.splitlines()),
        "function median": statistics.median(lengths) if len(lengths) >= FEW else 0,
        "function max": max(lengths, default=0),
        "comments %": share(commented(source), len(lines_of(source))),
        "public without docstring": sum(not ast.get_docstring(n) for n in public),
        "code width": code_width,
        "prose width": prose_width,
    }


def widths(source):
    """Return the longest line of code, and of those with words in them."""
    names = ("STRING", "FSTRING_MIDDLE", "COMMENT")
    kinds = {getattr(tokenize, name) for name in names if hasattr(tokenize, name)}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    words = {
        number
        for token in tokens
        if token.type in kinds
        for number in range(token.start[0], token.end[0] + 1)
    }
    sizes = {True: 0, False: 0}
    for number, line in enumerate(source.splitlines(), 1):
        sizes[number in words] = max(sizes[number in words], len(line))
    return sizes[False], sizes[True]


def measure_all():
    """Return {file: (targets, {measure: value})} of all notebooks and modules."""
    from inspection.publishing import notebook_sync, runner

    texts = runner.find_notebooks((), notebook_sync.TEXTS, ".py")
    modules = sorted((ROOT / "scripts").rglob("*.py"))
    measured = {text: (NOTEBOOK, measure_notebook(text)) for text in texts}
    for path in modules:
        if lines_of(path.read_text(encoding="utf-8")):
            measured[path] = (MODULE, measure_module(path))
    return {p.relative_to(ROOT).as_posix(): found for p, found in measured.items()}


def outside(name, targets, values):
    """Return (measure, value, target, reason or None) of what a file misses."""
    return [
        (target.name, values[target.name], target, reason_for(name, target, values))
        for target in targets
        if not target.holds(values[target.name])
    ]


def reason_for(name, target, values):
    """Return why a file may miss a target, or None."""
    for reason in REASONS:
        fits = fnmatch.fnmatch(name, reason.files) and target.name == reason.measure
        # a command lies in scripts/ itself; fnmatch lets * cross folders
        fits = fits and ("/[" not in reason.files or name.count("/") == 1)
        if fits and reason.below == (values[target.name] < target.low):
            return reason.why
    return None


def report(measured):
    """Print what lies outside; return the number of misses without a reason."""
    excused, bare = {}, 0
    for name, (targets, values) in measured.items():
        for measure, value, target, why in outside(name, targets, values):
            if why:
                excused.setdefault((measure, why), []).append(name)
                continue
            bare += 1
            print(f"{name:58} {measure:24} {value:>6}  ({target.low} to {target.high})")
    print()
    for (measure, why), names in excused.items():
        print(f"{len(names):4} files outside of {measure}: {why}")
    missed = f"{bare} measures outside without a reason"
    print(f"{len(measured)} files measured; {missed}")
    return bare


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("--all", action="store_true", help="print every measure")
    flags.add_output(
        parser,
        "--out",
        required=False,
        type=Path,
        metavar="JSON",
        help="write every measure",
    )
    arguments = parser.parse_args()
    measured = measure_all()
    if arguments.all:
        for name, (_, values) in measured.items():
            print(
                name, *(f"  {key}: {value}" for key, value in values.items()), sep="\n"
            )
    if arguments.output:
        values = {name: values for name, (_, values) in measured.items()}
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        arguments.output.write_text(json.dumps(values, indent=1), encoding="utf-8")
    return 1 if report(measured) else 0


if __name__ == "__main__":
    sys.exit(main())
