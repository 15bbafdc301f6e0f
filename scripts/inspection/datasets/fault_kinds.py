"""What a kind of fault is, and those that folders of classes and masks alone can have."""

from dataclasses import dataclass

SEVERITIES = ("error", "warning", "note")


@dataclass(frozen=True)
class FaultKind:
    """How grave a kind of fault is, what it is called, and how to mend it."""

    severity: str
    title: str
    mend: str


OF_CLASSES = {
    "empty-class": FaultKind(
        "error",
        "class folder without pictures",
        "put pictures into it, or delete the folder",
    ),
    "split-inside-class": FaultKind(
        "error",
        "part of a split inside a class",
        "put the split outside: train/crack instead of crack/train",
    ),
    "two-classes": FaultKind(
        "error",
        "one picture in two classes",
        "keep the right one",
    ),
    "near-two-classes": FaultKind(
        "warning",
        "pictures nearly alike in two classes",
        "look at them side by side: one of them may lie in the wrong folder",
    ),
    "odd-good": FaultKind(
        "warning",
        "picture among good parts that looks like none of the others",
        "look at it: what is learnt as good will never be found",
    ),
    "few-pictures": FaultKind(
        "warning",
        "class of few pictures",
        "collect more of them: one more or less right moves its figures by much",
    ),
    "not-read": FaultKind(
        "note",
        "file in a class folder that is no picture by its name: not read",
        "rename it if it is a picture, else move it away",
    ),
    "class-subfolder": FaultKind(
        "note",
        "folder in a class folder: its pictures count as that class",
        "nothing, if it is meant so; else give it a place beside the class folder",
    ),
    "turned-upright": FaultKind(
        "note",
        "picture with an EXIF orientation: used upright",
        "nothing to do here; other programs may take it as it lies, --fix turns it",
    ),
}

OF_MASKS = {
    "no-mask": FaultKind(
        "error",
        "picture without a mask",
        "draw one, an empty one where nothing is to be found, or move the picture away",
    ),
    "lonely-mask": FaultKind(
        "error",
        "mask without a picture",
        "name the picture like its mask (pipe.jpg, pipe.png), or delete the mask",
    ),
    "several-masks": FaultKind(
        "error",
        "several masks of one picture",
        "keep one; pieces of one mask end in numbers: pipe_mask_1, pipe_mask_2",
    ),
    "second-picture": FaultKind(
        "error",
        "two pictures of one name, and one mask",
        "rename one of them, together with its mask",
    ),
    "mask-size": FaultKind(
        "error",
        "mask of another size than its picture",
        "export it at the size of the picture, or put back the picture it was drawn on",
    ),
    "lying-mask": FaultKind(
        "error",
        "mask drawn on a picture as it lies (EXIF orientation)",
        "turn the mask as the picture is: --fix writes a copy with both upright",
    ),
    "broken-mask": FaultKind(
        "error",
        "mask that cannot be read as one",
        "export it again as PNG, one mask a file, or repaint it in one colour",
    ),
    "mask-values": FaultKind(
        "error",
        "values of which it is not clear what counts",
        "say what counts: --foreground 2, or all, or '#ff0000'; or paint it white and "
        "all else black",
    ),
    "inverted-masks": FaultKind(
        "warning",
        "masks that mark most of the pictures",
        "look at them: if they were painted the other way round, exchange black and "
        "white",
    ),
    "thin-lines": FaultKind(
        "warning",
        "mask whose lines vanish at the size that is trained",
        "take a larger size, cut the pictures into tiles, or draw the lines wider",
    ),
    "empty-mask": FaultKind(
        "note",
        "mask without foreground: its picture is background",
        "nothing to do if the picture shows nothing",
    ),
}

OF_SPLITS = {
    "no-val": FaultKind(
        "warning",
        "split without val",
        "name pictures for it: thresholds and the end of training are chosen on val; "
        "from class folders without one, a part of train is taken",
    ),
    "missing-in-split": FaultKind(
        "warning",
        "class that a part of the split does not show",
        "split again, or add pictures of it: nothing can be learnt or said of it there",
    ),
    "imbalance": FaultKind(
        "warning",
        "class far rarer than another",
        "collect more of the rare one; else judge by its own figures: whoever always "
        "says the other is nearly always right",
    ),
}
