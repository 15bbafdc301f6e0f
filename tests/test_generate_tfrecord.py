"""generate_tfrecord.py on sound data and on every fault that users meet."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import generate_tfrecord
import show_records
from inspection.datasets import voc
from inspection.datasets.voc import Annotation, Box
from inspection.detection import record_builder, records
from inspection.detection.label_map import write_label_map

SCRIPT = Path(generate_tfrecord.__file__)
LEAK = Box("leak", 10, 20, 30, 50)
ORIENTATION_TAG = 0x0112


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
        arguments = (*source, "-i", self.images, "-o", self.out, *extra)
        command = [str(SCRIPT), *map(str, arguments)]
        self.monkeypatch.setattr(sys, "argv", command)
        code = 0
        try:
            generate_tfrecord.main()
        except SystemExit as end:
            code = end.code
        return code, *self.capsys.readouterr()

    def refused(self, *extra, source=None):
        """Run the command, which must fail and leave no file; return its errors."""
        code, out, err = self.run(*extra, source=source)
        assert (code, out) == (2, "")
        assert err.startswith("error: ")
        assert "Traceback" not in err
        assert not self.out.parent.exists() or not list(self.out.parent.iterdir())
        return err

    def written(self):
        return list(records.read_records(self.out))


@pytest.fixture
def data(tmp_path, monkeypatch, capsys):
    return DataSet(tmp_path, monkeypatch, capsys)


def test_a_sound_set(data):
    path = data.add("a.jpg", [LEAK, Box("puddle", 0, 0, 100, 80, True, True, "Left")])
    data.add("b.png", [])
    code, out, err = data.run()
    assert (code, err) == (0, "")
    assert "train.record: 2 pictures, 2 boxes: leak 1, puddle 1" in out
    assert "1 picture without objects, kept" in out
    first, second = data.written()
    assert first.encoded == path.read_bytes()
    assert (first.format, first.width, first.height) == ("jpeg", 100, 80)
    assert first.class_ids == (1, 2)
    assert first.class_names == ("leak", "puddle")
    expected = [[0.25, 0.1, 0.625, 0.3], [0, 0, 1, 1]]
    np.testing.assert_allclose(first.box_array(), expected, rtol=1e-6)
    assert (first.difficult, first.truncated) == ((False, True), (False, True))
    assert first.views == ("Unspecified", "Left")
    assert (second.format, second.filename, second.boxes) == ("png", "b.png", ())


def test_running_again_writes_the_same_file(data):
    data.add("a.jpg")
    data.run()
    first = data.out.read_bytes()
    assert data.run()[0] == 0
    assert data.out.read_bytes() == first


def test_many_pictures_on_all_cores_keep_their_order(data, monkeypatch):
    monkeypatch.setattr(record_builder, "MANY", 10)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    names = [f"{i:02d}.jpg" for i in range(20)]
    for name in names:
        data.add(name, [LEAK] if name != "07.jpg" else [])
    assert data.run()[0] == 0
    assert [record.filename for record in data.written()] == names


def test_shards_and_split(data):
    for name in ("a", "b", "c"):
        data.add(f"{name}.jpg")
    split = data.folder / "train.txt"
    split.write_text("c\na\n")
    assert data.run("--split", split, "--num_shards", "2")[0] == 0
    shards = sorted(data.out.parent.iterdir())
    read = [r.filename for shard in shards for r in records.read_records(shard)]
    assert (len(shards), read) == (2, ["c.jpg", "a.jpg"])


def test_no_shards(data):
    data.add("a.jpg")
    assert "0 shards asked for" in data.refused("--num_shards", "0")


def test_a_split_of_unknown_names(data):
    data.add("a.jpg")
    split = data.folder / "train.txt"
    split.write_text("a\nnowhere\n")
    err = data.refused("--split", split)
    assert "1 of 2 names" in err
    assert "nowhere" in err


# FAILURES 2: an empty record and a success message


def test_an_empty_folder(data):
    assert "0 annotations (.xml) found" in data.refused()


def test_the_wrong_folder(data):
    source = ("-x", data.folder / "nowhere", "-l", data.label_map)
    assert "nowhere is not a folder" in data.refused(source=source)


def test_annotations_without_any_object(data):
    data.add("a.jpg", [])
    assert "1 picture with 0 boxes: nothing was written" in data.refused()


# FAILURES 3: a class that the label map does not know


def test_unknown_classes_are_told_all_at_once(data):
    data.add("a.jpg")
    data.add("b.jpg", [Box("Leak", 1, 1, 9, 9), Box("Leak", 2, 2, 9, 9)])
    data.add("c.jpg", [Box("pudle", 1, 1, 9, 9)])
    data.add("d.jpg", [Box("Leak", 1, 1, 9, 9), Box("bolt", 1, 1, 9, 9)])
    err = data.refused()
    assert "the label map knows leak, puddle" in err
    assert "b.xml, d.xml: class 'Leak'" in err
    assert "(3 boxes), did you mean 'leak'?" in err
    assert "c.xml: class 'pudle'" in err
    assert "did you mean 'puddle'?" in err
    assert "d.xml: class 'bolt' is not in the label map (1 box)\n" in err


# FAILURES 4 and 5: odd XML, and names of pictures that are not quite right


def test_reordered_tags_floats_and_byte_order_mark(data):
    data.add("a.jpg")
    text = (
        "\ufeff<annotation><size><depth>3</depth><height>80</height><width>100</width>"
        "</size><object><bndbox><ymax>50.0000</ymax><xmax>30</xmax>"
        "<ymin>\ufeff20</ymin><xmin>10.5</xmin></bndbox><extra>1</extra>"
        "<name>leak</name></object><filename>A</filename></annotation>"
    )
    (data.xml / "a.xml").write_text(text, encoding="utf-8")
    assert data.run()[0] == 0
    box = data.written()[0].boxes[0]
    np.testing.assert_allclose(box, (0.25, 0.105, 0.625, 0.3), rtol=1e-6)


@pytest.mark.parametrize(
    "filename", ["a", "A.JPG", "a.png", "C:\\old pc\\a.jpg", "/home/x/a.jpg", ""]
)
def test_the_picture_is_found(data, filename):
    data.add("a.jpg")
    path = data.xml / "a.xml"
    path.rename(data.xml / "label 1.xml" if filename else path)
    for xml in data.xml.iterdir():
        text = xml.read_text().replace(">a.jpg<", f">{filename}<")
        xml.write_text(text)
    assert data.run()[0] == 0
    assert data.written()[0].filename == "a.jpg"


def test_missing_pictures_are_all_named(data):
    data.add("a.jpg")
    data.annotate("b")
    data.annotate("c")
    err = data.refused()
    assert "b.xml: has no picture" in err
    assert "c.xml: has no picture" in err


def test_two_annotations_of_one_picture(data):
    path = data.add("a.jpg")
    data.annotate("z", image=path)
    assert "z.xml: describes a.jpg, as a.xml does" in data.refused()


def test_broken_xml_is_told_with_the_rest(data):
    data.add("a.jpg", [Box("Leak", 1, 1, 9, 9)])
    (data.xml / "b.xml").write_text("<annotation><object>")
    err = data.refused()
    assert "b.xml: is not well-formed XML" in err
    assert "a.xml: class 'Leak'" in err


# FAILURES 6 and 8: any folder, any working directory, no generated code


def test_runs_from_any_folder_by_relative_paths(data):
    data.add("a.jpg")
    command = [sys.executable, str(SCRIPT), "-x", "annotations", "-i", "images"]
    command += ["-l", "label_map.pbtxt", "-o", "out put/ö.record"]
    done = subprocess.run(command, cwd=data.folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(records.read_records(data.folder / "out put" / "ö.record"))) == 1


def test_no_generated_code():
    assert not list(SCRIPT.parent.rglob("*_pb2.py"))


# FAILURES 7: a data step that needs the training framework


def test_neither_tensorflow_nor_pandas_is_imported(data):
    data.add("a.jpg")
    code = (
        "import json, sys; sys.path.insert(0, sys.argv.pop(1)); "
        "import generate_tfrecord; generate_tfrecord.main(); "
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    command = [sys.executable, "-c", code, str(SCRIPT.parent)]
    command += ["-x", str(data.xml), "-i", str(data.images), "-o", str(data.out)]
    command += ["-l", str(data.label_map)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    modules = set(json.loads(done.stdout.splitlines()[-1]))
    heavy = {"tensorflow", "keras", "object_detection", "pandas", "matplotlib"}
    assert not modules & heavy
    assert "PIL" in modules


# FAILURES 9: boxes without area or out of the picture

BAD_BOXES = [
    (Box("leak", 10, 20, 10, 50), "has no area"),
    (Box("leak", 30, 20, 10, 50), "ends before it begins"),
    (Box("leak", 100, 20, 120, 50), "lies outside the picture"),
    (Box("leak", 90, -5, 120, 50), "reaches out of the picture"),
]


def test_bad_boxes_are_dropped_or_clipped_and_listed(data):
    data.add("a.jpg", [LEAK, *(box for box, _ in BAD_BOXES)])
    code, out, _ = data.run()
    assert code == 0
    assert "1 picture, 2 boxes" in out
    for _, words in BAD_BOXES:
        assert words in out
    (record,) = data.written()
    clipped = record.box_array()[1]
    np.testing.assert_allclose(clipped, [0, 0.9, 0.625, 1], rtol=1e-6)


@pytest.mark.parametrize(("box", "words"), BAD_BOXES)
def test_strict_refuses_bad_boxes(data, box, words):
    data.add("a.jpg", [LEAK, box])
    err = data.refused("--strict")
    assert "a.xml: leak (" in err
    assert words in err


def test_a_box_to_the_last_pixel_is_no_fault(data):
    data.add("a.jpg", [Box("leak", 0, 0, 100, 80)])
    assert data.run("--strict")[0] == 0
    assert data.written()[0].boxes == ((0, 0, 1, 1),)


# FAILURES 11: label maps


def test_a_broken_label_map(data):
    data.add("a.jpg")
    data.label_map.write_text('item {\n  id: 0\n  name: "leak"\n}\n')
    assert '"leak" has id 0, which is the background' in data.refused()


def test_ids_are_those_of_the_label_map(data):
    write_label_map(["bolt", "puddle", "leak"], data.label_map)
    data.add("a.jpg")
    assert data.run()[0] == 0
    assert data.written()[0].class_ids == (3,)


# FAILURES 22 and 24: odd and broken pictures, EXIF orientation


@pytest.mark.parametrize(
    ("name", "mode", "save", "kept"),
    [
        ("a.jpg", "L", {}, "jpeg"),
        ("a.png", "RGBA", {}, "png"),
        ("a.png", "P", {}, "png"),
        ("a.jpg", "RGB", {"format": "PNG"}, "png"),
        ("a.png", "RGB", {"format": "JPEG"}, "jpeg"),
        ("a.jpg", "CMYK", {}, None),
        ("a.png", "I;16", {}, None),
        ("a.webp", "RGB", {}, None),
        ("a.bmp", "RGB", {}, None),
        ("a.tif", "RGB", {}, None),
        ("a.jpg", "RGB", {"format": "WEBP"}, None),
    ],
)
def test_formats(data, name, mode, save, kept):
    path = data.add(name, mode=mode, **save)
    code, out, _ = data.run()
    assert code == 0
    (record,) = data.written()
    assert record.format == (kept or "jpeg")
    assert (record.encoded == path.read_bytes()) is bool(kept)
    assert ("8-bit RGB" in out) is not bool(kept)
    assert record.image().shape == (80, 100, 3)


def test_sixteen_bits_are_scaled_not_cut(data):
    path = data.images / "a.png"
    Image.fromarray(np.full((80, 100), 30000, np.uint16)).save(path)
    data.annotate("a", image=path)
    assert data.run()[0] == 0
    assert abs(int(data.written()[0].image()[0, 0, 0]) - 30000 // 256) <= 1


def test_broken_pictures_are_left_out_and_listed(data):
    data.add("a.jpg")
    for name in ("b.jpg", "c.png"):
        path = data.add(name)
        path.write_bytes(path.read_bytes()[:-20])
    (data.images / "d.jpg").write_bytes(b"")
    data.annotate("d")
    (data.images / "e.jpg").write_text("<html>not found</html>")
    data.annotate("e")
    (data.images / "._a.jpg").write_bytes(b"\0\5\x16\7")
    code, out, _ = data.run()
    assert code == 0
    assert [record.filename for record in data.written()] == ["a.jpg"]
    assert "4 x picture that cannot be decoded" in out
    for name in ("b.jpg", "c.png", "d.jpg", "e.jpg"):
        assert name in out
    data.out.unlink()
    assert "b.jpg is cut off" in data.refused("--strict")


def test_nothing_but_broken_pictures(data):
    data.add("a.jpg").write_bytes(b"")
    err = data.refused()
    assert "0 pictures with 0 boxes: nothing was written" in err
    assert "a.jpg" in err


def exif(value):
    tags = Image.Exif()
    tags[ORIENTATION_TAG] = value
    return {"exif": tags.tobytes()}


def test_an_orientation_is_applied_to_the_pixels(data):
    path = data.images / "a.jpg"
    stored = np.zeros((80, 100, 3), np.uint8)
    stored[:, 60:] = 255  # right as stored, below when upright
    Image.fromarray(stored).save(path, quality=95, **exif(6))
    data.annotate("a", [Box("leak", 0, 60, 80, 100)], (80, 100), path)
    code, out, _ = data.run()
    assert code == 0
    assert "EXIF orientation 6" in out
    (record,) = data.written()
    assert (record.width, record.height, record.format) == (80, 100, "jpeg")
    pixels = record.image()
    assert pixels.shape == (100, 80, 3)
    assert pixels[70:].min() > 240
    assert pixels[:50].max() < 15
    np.testing.assert_allclose(record.boxes[0], (0.6, 0, 1, 1), rtol=1e-6)


def test_boxes_drawn_on_a_lying_picture_are_refused(data):
    data.add("a.jpg", size=(100, 80), **exif(6))
    err = data.refused()
    assert "a.xml: says 100x80, the picture is 80x100 upright (EXIF orient" in err


def test_a_senseless_orientation_is_none(data):
    path = data.add("a.jpg", **exif(65535))
    assert data.run()[0] == 0
    assert data.written()[0].encoded == path.read_bytes()


def test_another_size_than_the_annotated_is_refused(data):
    data.add("a.jpg", said=(200, 160))
    assert "a.xml: says 200x160, the picture is 100x80" in data.refused()


# the other script of that name: boxes from a CSV

HEAD = "filename,width,height,class,xmin,ymin,xmax,ymax\n"


@pytest.fixture
def write_csv(data):
    def write(text):
        path = data.folder / "train_labels.csv"
        path.write_text(text, encoding="utf-8")
        return (f"--csv_input={path}", f"--label_map={data.label_map}")

    return write


def test_csv(data, write_csv):
    data.add("a.jpg")
    data.add("b.jpg")
    rows = "b.jpg,100,80,puddle,1,2,3,4\na.jpg,100,80,leak,10,20,30,50.0\n"
    source = write_csv(HEAD + rows + "b.jpg,100,80,leak,10,20,30,50\n")
    code, out, _ = data.run(source=source)
    assert code == 0
    first, second = data.written()
    assert (first.filename, first.class_names) == ("a.jpg", ("leak",))
    assert second.class_names == ("puddle", "leak")
    np.testing.assert_allclose(first.boxes[0], (0.25, 0.1, 0.625, 0.3), rtol=1e-6)


def test_csv_with_semicolons_other_order_and_an_empty_picture(data, write_csv):
    data.add("a.jpg")
    data.add("b.jpg")
    head = "\ufeffclass;filename;xmin;xmax;ymin;ymax;width;height;mine\n"
    rows = "leak;a;10;30;20;50;;;1\n;b.JPG;;;;;100;80;\n"
    assert data.run(source=write_csv(head + rows))[0] == 0
    first, second = data.written()
    np.testing.assert_allclose(first.boxes[0], (0.25, 0.1, 0.625, 0.3), rtol=1e-6)
    assert (second.filename, second.boxes) == ("b.jpg", ())


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("", ["has no column filename, width"]),
        (HEAD, ["0 rows found"]),
        ("filename,class\na.jpg,leak\n", ["has no column width, height, xmin"]),
        (
            HEAD + "a.jpg,100,80,leak,1,2,x,4\na.jpg,100,80,,1,2,3,4\n",
            ["2 rows", "line 2: xmax 'x' is not a number", "line 3: no class"],
        ),
        (HEAD + "z.jpg,100,80,leak,1,2,3,4\n", ["z.jpg: has no picture"]),
        (HEAD + "a.jpg,100,80,Leak,1,2,3,4\n", ["a.jpg: class 'Leak'", "'leak'?"]),
    ],
)
def test_bad_csv(data, write_csv, text, messages):
    data.add("a.jpg")
    err = data.refused(source=write_csv(text))
    for message in messages:
        assert message in err


def test_csv_finds_the_label_map_beside_it(data, write_csv):
    data.add("a.jpg")
    csv_input, _ = write_csv(HEAD + "a.jpg,100,80,leak,1,2,3,4\n")
    assert data.run(source=(csv_input,))[0] == 0
    (data.folder / "other.pbtxt").write_text("")
    data.out.unlink()
    assert "which label map? Give it with --label_map" in data.refused(
        source=(csv_input,)
    )


def test_csv_written_along_gives_the_same_records(data):
    data.add("a.jpg", [LEAK, Box("puddle", -5, 0, 50, 80)])
    data.add("b.jpg", [Box("puddle", 1.25, 2, 3, 4)])
    path = data.folder / "boxes.csv"
    code, out, _ = data.run("-c", path)
    assert code == 0
    assert "boxes.csv: 3 boxes" in out
    first = data.written()
    source = (f"--csv_input={path}", "--labels_path", data.label_map)
    assert data.run(source=source)[0] == 0
    assert [r.boxes for r in data.written()] == [r.boxes for r in first]
    assert [r.class_ids for r in data.written()] == [r.class_ids for r in first]


# real data


def test_blood_cells(data, shared_data):
    write_label_map(["RBC", "WBC", "Platelets"], data.label_map)
    data.images = shared_data / "bccd" / "images"
    source = ("-x", shared_data / "bccd" / "annotations", "-l", data.label_map)
    code, out, err = data.run(source=source)
    assert (code, err) == (0, "")
    assert "364 pictures, 4,886 boxes: RBC 4,153, WBC 372, Platelets 361" in out
    assert "2 x box without area" in out
    assert "BloodImage_00338.xml: RBC (504, 337, 504, 337)" in out
    assert "BloodImage_00343.xml: RBC (181, 329, 181, 329)" in out
    read = data.written()
    assert (len(read), sum(len(r.boxes) for r in read)) == (364, 4886)
    first = data.images / read[0].filename
    assert read[0].encoded == first.read_bytes()
    boxes = np.concatenate([r.box_array() for r in read])
    assert boxes.min() >= 0 and boxes.max() <= 1
    assert (boxes[:, 2:] > boxes[:, :2]).all()
    assert data.run("--strict", source=source)[0] == 2
    assert len(data.written()) == 364  # the older file stays


def test_show_records(data, monkeypatch, capsys):
    for name in "abcde":
        data.add(f"{name}.jpg")
    data.run()
    sheet = data.folder / "sheet.png"
    command = ["show_records.py", str(data.out), "-o", str(sheet), "-n", "3"]
    monkeypatch.setattr(sys, "argv", command)
    show_records.main()
    assert "3 pictures, 3 boxes" in capsys.readouterr().out
    with Image.open(sheet) as image:
        assert image.format == "PNG"
        assert len(image.getcolors(1 << 20)) > 10
