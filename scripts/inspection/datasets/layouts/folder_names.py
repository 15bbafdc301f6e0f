"""What the names of folders say: which part of a split, pictures, boxes or masks."""

import re

SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "validate": "val",
    "eval": "val",
    "evaluation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}
IMAGE_WORDS = frozenset(
    "images image imgs img jpegimages pngimages pictures pics photos rgb".split()
)
BOX_WORDS = frozenset(
    "annotations annotation annots annot anns xmls xml labels label bboxes boxes".split()
)
MASK_WORDS = frozenset(
    "masks mask segmentationclass segmentationobject segmentation segmentations seg gt "
    "groundtruth labels label annotations annotation targets".split()
)
ROLES = IMAGE_WORDS | BOX_WORDS | MASK_WORDS
FILLERS = ROLES | {"zip", "set", "data", "dataset", "ground", "truth"}
GLUED = re.compile(r"^(train|training|test|val|validation)(set|data|images|masks)$")


def split_of(name: str) -> str | None:
    """Return "train", "val" or "test" where a folder's name says so, else None.

    >>> [split_of(name) for name in ("valid", "train_zip", "test2017", "trains")]
    ['val', 'train', 'test', None]
    """
    words = words_of(name)
    found = {SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES}
    rest = [word for word in words if word not in SPLIT_NAMES]
    return found.pop() if len(found) == 1 and FILLERS.issuperset(rest) else None


def words_of(name):
    """Return the words of a name in lower case, `trainset` as two, without numbers."""
    words = re.findall(r"[^\W\d_]+", name.lower())
    parts = [GLUED.match(word) for word in words]
    return [
        piece
        for word, part in zip(words, parts, strict=True)
        for piece in (part.groups() if part else (word,))
    ]


def holds_masks(parts):
    """Tell whether the folders on the way to a file say that it is a mask.

    The last one that says anything counts: `labels/images/` holds pictures.
    """
    for part in reversed(parts):
        words = set(words_of(part))
        if words & IMAGE_WORDS:
            return False
        if words & MASK_WORDS or {"ground", "truth"} <= words:
            return True
        if any(word.endswith(("mask", "masks")) for word in words):  # PedMasks
            return True
    return False
