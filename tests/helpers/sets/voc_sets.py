"""Small annotated sets for tests."""

import struct
import zlib
from dataclasses import replace
from pathlib import Path

from helpers.images import encode, sample_image
from inspection.datasets import voc

SIZE = (64, 48)
BOXES = (
    voc.Box("leak", 4.0, 6.0, 30.0, 40.0),
    voc.Box("puddle", 32.0, 20.0, 60.0, 44.0),
)


def leak_boxes(*changes):
    """Return the first of BOXES for each dict of changes."""
    return [replace(BOXES[0], **change) for change in changes]


def huge_png(width, height):
    """Return the start of a PNG: Pillow refuses the size before it reads on."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    length, checksum = (
        struct.pack(">I", len(head)),
        struct.pack(">I", zlib.crc32(chunk)),
    )
    return b"\x89PNG\r\n\x1a\n" + length + chunk + checksum + b"\0\0\0\1IDAT\0"


class VocSet:
    """A folder `my data/ü b (1)` with `images` and `annotations` in it."""

    def __init__(self, folder, count=0):
        self.root = Path(folder) / "my data" / "ü b (1)"
        self.images = self.root / "images"
        self.annotations = self.root / "annotations"
        self.images.mkdir(parents=True)
        self.annotations.mkdir()
        for number in range(count):
            self.add(f"pipe_{number:02}", seed=number)

    def add(self, stem, data=None, boxes=BOXES, extension=".jpg", seed=None, **changes):
        """Add a picture (its bytes, or one drawn from the seed or name) and its XML."""
        image = self.images / f"{stem}{extension}"
        if data is None:
            seed = zlib.crc32(stem.encode()) if seed is None else seed
            data = encode(sample_image(seed), "JPEG")
        image.write_bytes(data)
        path = self.annotations / f"{stem}.xml"
        annotation = voc.Annotation(path, image, *SIZE, tuple(boxes), 3, image.name)
        voc.write_annotation(replace(annotation, **changes), path)
        return path

    def edit(self, stem, old, new):
        """Replace text in an XML, where it stands first."""
        path = self.annotations / f"{stem}.xml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def files(self):
        """Return the names of all files, to see what a command left behind."""
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*"))
