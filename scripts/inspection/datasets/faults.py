"""The kinds of fault a set of annotated pictures can have, each with its mend.

error: the next step stops on it, or every figure after it would be false;
warning: the next step goes on, but drops or changes something;
note: nothing is lost, it is only worth knowing.
"""

from dataclasses import dataclass
from pathlib import Path

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class Kind:
    severity: str
    title: str
    mend: str


@dataclass(frozen=True)
class Fault:
    """One thing to mend: its kind (a key of KINDS), the file's name and the detail."""

    kind: str
    file: str
    detail: str
    image: Path | None = None
    boxes: tuple = ()

    @property
    def severity(self):
        return KINDS[self.kind].severity

    @property
    def mend(self):
        return KINDS[self.kind].mend

    def __str__(self):
        return f"{self.file}: {self.detail}"


KINDS = {
    "unreadable-xml": Kind(
        "error",
        "annotation cannot be read",
        "open the XML in the annotation tool and save it again as Pascal VOC",
    ),
    "bad-object": Kind(
        "error",
        "object without a name or without four numbers",
        "draw the box again in the annotation tool, or delete the <object> from the XML",
    ),
    "one-picture-twice": Kind(
        "error",
        "two annotations of one picture",
        "keep the right XML and delete the other",
    ),
    "ambiguous-picture": Kind(
        "error",
        "two pictures of one name",
        "keep one of them, or write the right one into <filename>",
    ),
}
