"""Measure what the notebooks teach, and write docs/teaching.md.

    python tools/measure_teaching.py
    python tools/measure_teaching.py --check

Counted are formulas, references with an address, layers of networks that a cell calls,
claims that hold sentences to figures, exercises and how many of their solutions run,
words of docs/glossary.md, cells, and the minutes of reading. --check writes nothing:
the exit status is 1 where the page is not what would be written, or where a notebook
falls short of what each of them should have: five references, and an exercise to write,
one by hand and one to predict, with solutions that run; from 01b to 07 more.
"""

import re
import sys
from pathlib import Path

import bootstrap  # noqa: F401
from inspection.common import arguments as flags
from inspection.common.atomic_files import write_text

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "teaching.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
HEAD = """# What the notebooks teach, in numbers

Made by `python tools/measure_teaching.py` from the texts of the notebooks. A formula is whatever
is set as one; a layer is a call that makes or applies one, in a cell that is read; a claim is a
sentence that a figure of the run holds, or the notebook fails; a solution runs where the tests
execute it. Words are those of the [glossary](glossary.md). The last lines are three pages of d2l
that set the standard here, counted once: [anchors](https://d2l.ai/chapter_computer-vision/anchor.html),
[SSD](https://d2l.ai/chapter_computer-vision/ssd.html),
[ResNet](https://d2l.ai/chapter_convolutional-modern/resnet.html).

"""
ANCHORS = {  # d2l: formulas, references, layers
    "d2l, anchors": (129, 1, 0),
    "d2l, SSD": (54, 4, 12),
    "d2l, ResNet": (83, 16, 49),
}
FORMULA = re.compile(r"\$\$.+?\$\$|(?<![\\$])\$[^$\n]+\$", re.DOTALL)
REFERENCE = re.compile(r"^\d+\. .*?\]\(https?://", re.MULTILINE | re.DOTALL)
LAYER = re.compile(
    r"\b(?:layers|small_resnet)\.(?:[A-Z]\w+|conv|bottleneck|basic_block)\("
)
CLAIM = re.compile(r"^ {8}\([\"'\n]", re.MULTILINE)
QUESTION = re.compile(r"^\*\*\d+\.\*\*", re.MULTILINE)
SOLUTION = re.compile(r"<summary>Solution</summary>(.*?)</details>", re.DOTALL)
KINDS = ("Write it", "By hand", "Predict")
WHOLE = re.compile(r"0(1b|[2-7])_")  # the notebooks on how networks work
LEAST = {"references": 5, "words": 5}
LEAST_OF_WHOLE = LEAST | {"formulas": 1, "claims": 1}
COLUMNS = (
    *("formulas", "references", "layers", "claims", "exercises", "solutions run"),
    *("words", "cells", "minutes to read"),
)


def words_of(page):
    """Return the words that the glossary explains, each as ways to write it."""
    rows = re.findall(r"^\| (?!word \|)([^|-][^|]*?) \|", page, re.MULTILINE)
    return {row: [way.strip(" )") for way in re.split(r"[,(]", row)] for row in rows}


def uses(prose, ways):
    """Tell whether a text has a word of the glossary, in one of its ways."""
    found = (re.search(rf"\b{re.escape(way)}", prose, re.IGNORECASE) for way in ways)
    return any(found)


def measure(text):
    """Return {column: number} of the text of a notebook."""
    from inspection.publishing import notebook_sync, reading

    notebook = notebook_sync.read_text(text)
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    code = [c for c in notebook.cells if c.cell_type == "code"]
    claims = "\n".join(c.source for c in code if notebook_sync.holds_claims(c))
    shown = [c.source for c in code if not notebook_sync.holds_claims(c)]
    plain = " ".join(prose.split())
    glossary = words_of(GLOSSARY.read_text(encoding="utf-8"))
    return dict(
        zip(
            COLUMNS,
            (
                len(FORMULA.findall(prose)),
                len(REFERENCE.findall(prose)),
                sum(len(LAYER.findall(source)) for source in shown),
                len(CLAIM.findall(claims)),
                len(QUESTION.findall(prose)),
                sum("```python" in part for part in SOLUTION.findall(prose)),
                sum(uses(plain, ways) for ways in glossary.values()),
                len(notebook.cells),
                reading.minutes(notebook),
            ),
        )
    )


def kinds_of(text):
    """Return the kinds of exercises that a notebook's text has."""
    source = Path(text).read_text(encoding="utf-8")
    return {kind for kind in KINDS if f"** {kind}." in source}


def measure_all():
    """Return {text: {column: number}} of all notebooks, in order."""
    from inspection.publishing import notebook_sync, runner

    texts = runner.find_notebooks((), notebook_sync.TEXTS, ".py")
    return {text: measure(text) for text in texts}


def page_of(measured):
    """Return the page with a line for each notebook, and for the pages beside them."""
    lines = [["notebook", *COLUMNS], ["---"] * (len(COLUMNS) + 1)]
    for text, values in measured.items():
        number = text.stem.split("_")[0]
        link = f"[{number}](../notebooks/{text.stem}.ipynb)"
        lines.append([link, *(str(values[name]) for name in COLUMNS)])
    empty = [""] * (len(COLUMNS) - 3)
    lines += [[name, *map(str, found), *empty] for name, found in ANCHORS.items()]
    return HEAD + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def lacking(measured):
    """Return a line for each thing that a notebook should have, and has not."""
    found = []
    for text, values in measured.items():
        wanted = LEAST_OF_WHOLE if WHOLE.match(text.name) else LEAST
        few = [name for name, least in wanted.items() if values[name] < least]
        few += [kind for kind in KINDS if kind not in kinds_of(text)]
        if values["solutions run"] < values["exercises"]:
            few.append("solutions that run")
        found += [f"{text.name}: too few: {', '.join(few)}"] if few else []
    return found


def main():
    parser = flags.parser(__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    arguments = parser.parse_args()
    measured = measure_all()
    text = page_of(measured)
    faults = lacking(measured)
    print(text[text.index("|") :], *faults, sep="\n")
    if not arguments.check:
        write_text(PAGE, text)
        return 0
    if PAGE.read_text(encoding="utf-8") != text:
        faults.append("docs/teaching.md is old; run: python tools/measure_teaching.py")
        print(faults[-1])
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
