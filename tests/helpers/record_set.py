"""A small set of annotated pictures, and generate_tfrecord.py on it."""

from PIL import Image

from helpers import ROOT
from helpers.commands import run_command
from inspection.datasets import voc
from inspection.datasets.voc import Annotation, Box
from inspection.detection.config.label_map import write_label_map
from inspection.detection.records import records

SCRIPT = ROOT / "scripts/generate_tfrecord.py"
LEAK = Box("leak", 10, 20, 30, 50)


class DataSet:
    """A small set in a folder with a space and an umlaut, and the command on it."""

    def __init__(self, folder, monkeypatch, capsys):
        self.folder = folder / "my data" / "ü b"
        self.images, self.xml = self.folder / "images", self.folder / "annotations"
        self.out = self.folder / "out" / "train.record"
        self.images.mkdir(parents=True)
        self.xml.mkdir()
        self.label_map = self.folder / "label_map.pbtxt"
        write_label_map(["leak", "puddle"], self.label_map)
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def add(self, name, boxes=(LEAK,), size=(100, 80), mode="RGB", said=None, **save):
        """Write a picture and its XML; `said` is the size that the XML tells."""
        path = self.images / name
        value = {"RGB": (90, 120, 30), "CMYK": (10, 90, 20, 5)}.get(mode, 90)
        Image.new(mode, size, value).save(path, **save)
        self.annotate(path.stem, boxes, said or size, path)
        return path

    def annotate(self, stem, boxes=(LEAK,), size=(100, 80), image=None):
        path = self.xml / f"{stem}.xml"
        voc.write_annotation(Annotation(path, image, *size, tuple(boxes), 3), path)
        return path

    def run(self, *extra, source=None):
        """Run the command; return its exit code, output and errors."""
        source = source or ("-x", self.xml, "-l", self.label_map)
        places = (*source, "-i", self.images, "-o", self.out)
        return run_command(
            self.monkeypatch, self.capsys, "generate_tfrecord", *places, *extra
        )

    def refused(self, *extra, source=None):
        """Run the command, which must fail and leave no file; return its errors."""
        code, out, err = self.run(*extra, source=source)
        assert (code, out) == (2, "")
        # threads that other tests of this process have left may write there as well
        _, begun, said = err.partition("error: ")
        assert begun and "Traceback" not in said, err
        assert not self.out.parent.exists() or not list(self.out.parent.iterdir())
        return begun + said

    def written(self):
        return list(records.read_records(self.out))
