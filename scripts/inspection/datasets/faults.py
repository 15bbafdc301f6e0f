"""The kinds of fault a set of annotated pictures can have, each with its mend.

error: the next step stops on it or goes without the picture, or figures become false;
warning: the next step goes on, but drops or changes something;
note: nothing is lost, it is only worth knowing.
"""

from dataclasses import dataclass
from pathlib import Path

from inspection.datasets.fault_kinds import (
    OF_CLASSES,
    OF_MASKS,
    OF_SPLITS,
    SEVERITIES,
    FaultKind,
)

__all__ = ["KINDS", "SEVERITIES", "Fault", "FaultKind"]


@dataclass(frozen=True)
class Fault:
    """One thing to mend: its kind (a key of KINDS), the file's name and the detail.

    `images` are the pictures that show it, `boxes` the `voc.Box` at fault.
    """

    kind: str
    file: str
    detail: str
    images: tuple[Path, ...] = ()
    boxes: tuple = ()

    @property
    def severity(self):
        """One of SEVERITIES."""
        return KINDS[self.kind].severity

    @property
    def title(self):
        """What the kind is called."""
        return KINDS[self.kind].title

    @property
    def mend(self):
        """What to do about it."""
        return KINDS[self.kind].mend

    def __str__(self):
        return f"{self.file}: {self.detail}"


KINDS = {
    # errors
    "unreadable-xml": FaultKind(
        "error",
        "annotation cannot be read",
        "export it again from the annotation tool as Pascal VOC, in UTF-8",
    ),
    "bad-object": FaultKind(
        "error",
        "object without one name and four numbers",
        "draw the box again in the annotation tool, or mend its <object> in the XML",
    ),
    "one-picture-twice": FaultKind(
        "error",
        "two annotations of one picture",
        "keep the right XML and delete the other",
    ),
    "ambiguous-picture": FaultKind(
        "error",
        "two pictures of one name",
        "delete one of them, or write the right one's name into <filename>",
    ),
    "no-picture": FaultKind(
        "error",
        "annotation without a picture",
        "put the picture into the image folder under the XML's name, or delete the XML",
    ),
    "broken-picture": FaultKind(
        "error",
        "picture that cannot be decoded",
        "copy it again from the camera, save HEIC and AVIF as JPEG, or delete it "
        "together with its XML or mask",
    ),
    "unknown-class": FaultKind(
        "error",
        "class that the label map does not know",
        "correct <name> in the XML, or add the class at the end of the label map",
    ),
    "lying-boxes": FaultKind(
        "error",
        "boxes drawn on a picture lying on its side (EXIF orientation)",
        "draw the boxes again in a tool that shows the picture upright; or, if they "
        "fit the picture as it lies, remove its turn: exiftool -Orientation= FILE",
    ),
    "wrong-size": FaultKind(
        "error",
        "size in the XML is not the picture's",
        "put back the picture that was annotated, or scale the boxes and <size> alike",
    ),
    "huge-picture": FaultKind(
        "error",
        "picture too large to decode",
        "cut it into tiles, and draw boxes or masks on these",
    ),
    "both-sides": FaultKind(
        "error",
        "one picture, or copies of one source, on both sides of the split",
        "keep one copy, or split again: partition_dataset.py and the training commands "
        "keep copies together",
    ),
    "listed-nowhere": FaultKind(
        "error",
        "name in a split list that has no annotation or mask",
        "split again with partition_dataset.py, or delete the line",
    ),
    # warnings
    "zero-area": FaultKind(
        "warning",
        "box without area: left out of the records",
        "delete it, or draw it again where an object was meant",
    ),
    "inverted-box": FaultKind(
        "warning",
        "box that ends before it begins: left out of the records",
        "exchange xmin and xmax (or ymin and ymax), or draw it again",
    ),
    "outside-box": FaultKind(
        "warning",
        "box wholly outside its picture: left out of the records",
        "delete it, or draw it again",
    ),
    "clipped-box": FaultKind(
        "warning",
        "box that reaches out of its picture: cut at the edge",
        "draw it again within the picture if the cut is more than a few pixels",
    ),
    "deleted-object": FaultKind(
        "warning",
        "object that its annotation tool marks as deleted: left out",
        "nothing, if it was meant so; else draw it again",
    ),
    "enclosing-box": FaultKind(
        "warning",
        "rotated box or polygon: the upright box around it is taken",
        "nothing, if it fits; else draw an upright box",
    ),
    "similar-classes": FaultKind(
        "warning",
        "class names that may mean the same",
        "give them one spelling in every XML; case and spaces count",
    ),
    "unused-class": FaultKind(
        "warning",
        "class of the label map without a box",
        "draw some, or leave the class out before the first training",
    ),
    "no-annotation": FaultKind(
        "warning",
        "picture without an annotation: not used",
        "annotate it; if it shows nothing, save an XML without objects: empty "
        "pictures teach the network where nothing is",
    ),
    "odd-picture": FaultKind(
        "warning",
        "picture that is converted to 8-bit RGB when it is used",
        "nothing, if it looks right in the HTML report; else save it as JPEG yourself",
    ),
    "black-picture": FaultKind(
        "warning",
        "picture that is nearly black",
        "look at it: a lens cap, or values that another program scaled; save it anew "
        "from the original",
    ),
    "same-picture": FaultKind(
        "warning",
        "the same picture more than once",
        "keep one copy, with its XML or mask",
    ),
    "near-both-sides": FaultKind(
        "warning",
        "near-duplicates on both sides of the split",
        "split again: partition_dataset.py and the training commands keep them together",
    ),
    # notes
    "wrong-extension": FaultKind(
        "note",
        "picture whose extension names another format: read by its bytes",
        "rename it, other programs go by the extension",
    ),
    "transparent": FaultKind(
        "note",
        "picture with transparency, which is dropped",
        "nothing, if it looks right in the HTML report; else save it as JPEG yourself",
    ),
    "other-filename": FaultKind(
        "note",
        "<filename> is not the picture's name: found all the same",
        "nothing to do here; other programs may look for the name in the XML",
    ),
    "no-size": FaultKind(
        "note",
        "annotation without <size>: the picture's own is used",
        "nothing to do here",
    ),
    "wrong-depth": FaultKind(
        "note",
        "<depth> is not the picture's number of channels",
        "nothing to do here, nothing reads it",
    ),
    "turned-picture": FaultKind(
        "note",
        "picture with an EXIF orientation that its size does not betray: used upright",
        "see in the HTML report that boxes or masks lie on the objects",
    ),
    "large-picture": FaultKind(
        "note",
        "large picture, which is decoded whole whenever it is used",
        "write the records with generate_tfrecord.py --max_width 640: ten times faster, "
        "boxes stay as they are; without records, --fix writes a copy of the set with "
        "smaller pictures; if the objects become too small, cut tiles",
    ),
    "near-duplicates": FaultKind(
        "note",
        "pictures nearly alike",
        "keep them on one side of the split: partition_dataset.py and the training "
        "commands do",
    ),
    "double-box": FaultKind(
        "note",
        "the same box twice",
        "delete one of the two",
    ),
    "tiny-boxes": FaultKind(
        "note",
        "boxes too small for the network",
        "photograph closer, cut large pictures into tiles, or train at a larger size",
    ),
    "no-objects": FaultKind(
        "note",
        "picture without objects: kept as background",
        "nothing to do if it shows none",
    ),
    "not-a-picture": FaultKind(
        "note",
        "file that macOS left behind (._name): ignored",
        "delete it",
    ),
}
KINDS |= OF_CLASSES | OF_MASKS | OF_SPLITS
