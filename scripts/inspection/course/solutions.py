"""The solutions of the exercises, run at the end of their notebook where tests ask for it."""

import os
import re

from inspection.course import paths

WANTED = "INSPECTION_SOLUTIONS"  # set in the environment by `pytest --nbval`
FOLDED = re.compile(r"^# <details><summary>Solution</summary>(.*?)^# </details>",
                    re.DOTALL | re.MULTILINE)  # fmt: skip
CODE = re.compile(r"^# ```python\n(.*?)^# ```", re.DOTALL | re.MULTILINE)


def read(text):
    """Return the code of the solutions in a text of notebooks/text, one entry a block."""
    parts = FOLDED.findall(text.read_text(encoding="utf-8"))
    blocks = [block for part in parts for block in CODE.findall(part)]
    return [re.sub(r"^# ?", "", block, flags=re.MULTILINE) for block in blocks]


def find_text(number):
    """Return the path of a notebook's text, such as that of "06"."""
    (text,) = (paths.ROOT / "notebooks" / "text").glob(f"{number}_*.py")
    return text


def run_if_wanted(number, names):
    """Run the solutions of a notebook on copies of its names, each after the last.

    Raises what a solution raises: its own assertions, too.
    """
    if not os.environ.get(WANTED):
        return
    own = dict(names)
    for place, code in enumerate(read(find_text(number)), 1):
        exec(compile(code, f"solution {place} of notebook {number}", "exec"), own)
