"""Hold sentences of a notebook to its figures: a new run cannot contradict them.

A claim is (sentence, figure, least, most), or (sentence, truth). The sentence is a part
of the notebook's prose, word by word; a test looks for it there. The claims of a cell
stay in its output with their figures, so that stored notebooks can be checked as well.
"""

import ast
import re
from pathlib import Path

from IPython.display import display

from inspection.course import solutions

MIME = "application/vnd.inspection.claims+json"
SETTINGS = re.compile(
    r'^# %% tags=\["parameters"\]\n(.*?)^# %%', re.DOTALL | re.MULTILINE
)


def hold(claims):
    """Keep claims with the figures of this run in the output of the cell.

    Raises AssertionError with each sentence that a figure contradicts.
    """
    rows = [as_row(*claim) for claim in claims]
    if found := broken(rows):
        raise AssertionError("\n".join(found))
    shown = f"{len(rows)} sentences hold to the figures"
    display({"text/plain": shown, MIME: rows}, raw=True)


def as_row(sentence, figure, least=None, most=None):
    """Return a claim as JSON knows it; of a bare truth the figure is 1."""
    if least is None and most is None:
        least = most = 1
    return {"sentence": sentence, "figure": float(figure), "least": least, "most": most}


def broken(rows):
    """Return a line for each claim whose figure lies outside of its limits, or is NaN."""
    return [told(**row) for row in rows if not is_within(**row)]


def is_within(sentence, figure, least, most):
    """Tell whether a figure lies within its limits; None is no limit."""
    high_enough = least is None or figure >= least
    return high_enough and (most is None or figure <= most) and figure == figure


def told(sentence, figure, least, most):
    """Return which sentence is wrong, and why."""
    if least == most == 1:
        return f'"{sentence}" is not so any more'
    words = " and ".join(
        f"{side} {limit:g}"
        for side, limit in (("at least", least), ("at most", most))
        if limit is not None
    )
    return f'"{sentence}" needs {words}; the figure is {figure:.4g}'


def collect(notebook):
    """Return the claims that the outputs of a notebook hold, in order."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return [row for o in outputs for row in o.get("data", {}).get(MIME, [])]


def tell_of_this_run(number, names):
    """Tell whether the settings are still those that the notebook's sentences tell of.

    number: the notebook's, such as "06". names: `globals()` of the notebook.
    """
    cell = SETTINGS.search(solutions.find_text(number).read_text(encoding="utf-8"))[1]
    stored = {s.targets[0].id: ast.literal_eval(s.value) for s in ast.parse(cell).body}
    of_run = names["MODE"]
    return all(same(names[name], value, of_run) for name, value in stored.items())


def same(now, stored, of_run="quick"):
    """Tell whether a setting is as stored: untouched, picked for a mode, or opened.

    The first cells of a notebook pick {"quick": ..., "full": ...}; an opened folder is
    a path.
    """
    picked = stored.get(of_run, stored) if isinstance(stored, dict) else stored
    opened = isinstance(now, Path) and now.as_posix() == picked
    return opened or now in (stored, picked)
