"""What the title cell of a notebook promises, and how long its reader will need."""

import re

from inspection.publishing import notebook_sync
from inspection.publishing.page import BADGE, first_text

FOLDED = re.compile(r"<details>.*?</details>", re.DOTALL)
WORDS_A_MINUTE = 200  # of prose, for adults who read to learn
LINES_A_MINUTE = 15  # of code, to follow what each line does
COVER = re.compile(r"!\[([^\]]*)\]\(attachment:cover\.jpg\)")
TABLE_MARKS = re.compile(r"[|\-:`*#<>/]+")


def minutes(notebook):
    """Return the minutes of attentive reading, without exercises' work or runs.

    Cells of claims and solutions are folded, and not read.
    """
    shown = [c for c in notebook.cells if not notebook_sync.holds_claims(c)]
    prose = [FOLDED.sub(" ", c.source) for c in shown if c.cell_type == "markdown"]
    code = [c.source for c in shown if c.cell_type == "code"]
    words = sum(len(TABLE_MARKS.sub(" ", text).split()) for text in prose)
    lines = sum(bool(line.strip()) for text in code for line in text.splitlines())
    return max(1, round(words / WORDS_A_MINUTE + lines / LINES_A_MINUTE))


def costs(notebook):
    """Return run time and memory in both modes, as the title cell states them."""
    facts = BADGE.sub("", first_text(notebook)).split("\n\n")[1]
    return " ".join(facts.split(" · ")[0].split())


def cover_text(notebook):
    """Return what the picture of the title cell shows, in words."""
    found = COVER.search(first_text(notebook))
    return found[1].replace('"', "&quot;") if found else ""
