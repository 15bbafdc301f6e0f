"""The page docs/errors.md: every error that a user can meet, its cause and mend."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from inspection.common.atomic_files import write_text
from inspection.course import paths
from inspection.datasets import faults
from inspection.publishing.error_sources import find_messages

PAGE = paths.ROOT / "docs" / "errors.md"
GUIDE = Path(__file__).with_suffix(".toml")
HEAD = """# Errors

Made by `python tools/build_error_guide.py` from the errors in the source. A command that stops
prints `error:` and one of these messages and ends with status 2; in a notebook it is the last line.
`<...>` stands for names and numbers of your case. A command that ends in a traceback has a
bug: please report it.

"""
FAULTS = """## Faults of a set of annotated pictures

`check_dataset.py` finds them in sets of boxes, of class folders and of masks, and notebook 01 shows
those of boxes. An error stops the next step or makes figures false, a warning loses or changes
something, a note loses nothing. Some it mends itself, in a copy: `--fix FOLDER`.

| | fault | mend |
|---|---|---|
"""


@dataclass
class Explained:
    """Errors of one cause, with the messages that they have in the source."""

    name: str
    says: list[str]
    cause: str
    mend: str
    messages: list[str] = field(default_factory=list)


def write_guide(page=PAGE):
    """Write the page and return its path."""
    write_text(page, guide_text())
    return page


def guide_text():
    """Return the text of the page; raises ValueError for what nobody explained."""
    topics = read_topics()
    unexplained = assign(topics)
    if unexplained:
        raise ValueError(
            f"not explained in {GUIDE.name}:\n  " + "\n  ".join(unexplained)
        )
    unused = [e.name for errors in topics.values() for e in errors if not e.messages]
    if unused:
        raise ValueError(f"no longer in the source: {', '.join(unused)}")
    contents = "".join(f"* [{name}](#{anchor(name)})\n" for name in topics)
    sections = "".join(map(section, topics, topics.values()))
    return HEAD + contents + "\n" + sections + FAULTS + fault_rows()


def read_topics():
    """Return {topic: [Explained]} of the guide beside this module."""
    topics = tomllib.loads(GUIDE.read_text(encoding="utf-8"))["topic"]
    return {t["name"]: [Explained(**error) for error in t["error"]] for t in topics}


def assign(topics):
    """Give each message to the first error that explains it; return the others."""
    errors = [error for errors in topics.values() for error in errors]
    unexplained = []
    for message in find_messages():
        error = next((e for e in errors if explains(e, message.text)), None)
        if error is None:
            unexplained.append(f"{message.module}: {message.text}")
        elif message.text not in error.messages:
            error.messages.append(message.text)
    return unexplained


def explains(error, message):
    """Return whether one of an error's patterns is found in a message."""
    return any(re.search(pattern, message) for pattern in error.says)


def section(name, errors):
    """Return the part of the page about one topic."""
    return f"## {name}\n\n" + "".join(map(entry, errors))


def entry(error):
    """Return the lines about errors of one cause."""
    said = "\n".join(error.messages)
    return (
        f"### {error.name}\n\n```text\n{said}\n```\n\n"
        f"**Why:** {error.cause}\n\n**Mend:** {error.mend}\n\n"
    )


def fault_rows():
    """Return the lines of the table of faults, the gravest first."""
    kinds = faults.KINDS.values()
    return "".join(
        f"| {kind.severity} | {in_table(kind.title)} | {in_table(kind.mend)} |\n"
        for kind in sorted(kinds, key=lambda k: faults.SEVERITIES.index(k.severity))
    )


def in_table(text):
    """Return a text whose <tags> are shown, and whose bars end no cell."""
    return text.replace("<", "&lt;").replace("|", "\\|")


def anchor(heading):
    """Return the name by which GitHub links to a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
