"""generate_tfrecord.py on sound data, and on what users forget or mistype."""

import json
import os

import numpy as np
import pytest
from PIL import Image
from tqdm import tqdm

from helpers.commands import run_command, run_python
from helpers.record_set import LEAK, SCRIPT, DataSet
from inspection.common.errors import DatasetError
from inspection.datasets.voc import Box
from inspection.detection.config.label_map import write_label_map
from inspection.detection.records import record_builder, records, tfrecord


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
    monkeypatch.setattr(record_builder, "CHUNK", 2)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    names = [f"{i:02d}.jpg" for i in range(20)]
    for name in names:
        data.add(name, [LEAK] if name != "07.jpg" else [])
    assert data.run()[0] == 0
    assert [record.filename for record in data.written()] == names


def test_many_pictures_leave_nothing_behind_in_this_process(data, monkeypatch):
    monkeypatch.setattr(record_builder, "MANY", 10)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for i in range(12):
        data.add(f"{i:02d}.jpg")
    before = tqdm.monitor_interval
    assert data.run()[0] == 0
    assert tqdm.monitor_interval == before > 0
    assert record_builder._worker_converter is None


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
    code, out, err = data.run("--num_shards", "0")
    assert (code, out) == (2, "") and "--num_shards: 0 is not at least 1" in err
    with pytest.raises(DatasetError, match="0 shards asked for"):
        tfrecord.shard_paths(data.out, 0)


def test_a_split_of_unknown_names(data):
    data.add("a.jpg")
    split = data.folder / "train.txt"
    split.write_text("a\nnowhere\n")
    err = data.refused("--split", split)
    assert "1 of 2 names" in err
    assert "nowhere" in err


# an empty record and a success message


def test_an_empty_folder(data):
    assert "0 annotations (.xml) found" in data.refused()


def test_the_wrong_folder(data):
    source = ("-x", data.folder / "nowhere", "-l", data.label_map)
    assert "nowhere is not a folder" in data.refused(source=source)


def test_annotations_without_any_object(data):
    data.add("a.jpg", [])
    assert "1 picture with 0 boxes: nothing was written" in data.refused()


# a class that the label map does not know


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


# odd XML, and names of pictures that are not quite right


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


# any folder, any working directory, no generated code


def test_runs_from_any_folder_by_relative_paths(data):
    data.add("a.jpg")
    flags = ("-x", "annotations", "-i", "images")
    flags += ("-l", "label_map.pbtxt", "-o", "out put/ö.record")
    done = run_python(SCRIPT, *flags, cwd=data.folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(records.read_records(data.folder / "out put" / "ö.record"))) == 1


def test_no_generated_code():
    made = SCRIPT.parent.rglob("*_pb2.py")
    assert not [path for path in made if b"serialized" in path.read_bytes().lower()]


# a data step that needs the training framework


def test_neither_tensorflow_nor_pandas_is_imported(data):
    data.add("a.jpg")
    code = (
        "import json, sys; sys.path.insert(0, sys.argv.pop(1)); "
        "import generate_tfrecord; generate_tfrecord.main(); "
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    flags = ("-x", data.xml, "-i", data.images, "-o", data.out, "-l", data.label_map)
    done = run_python("-c", code, SCRIPT.parent, *flags)
    assert done.returncode == 0, done.stderr
    modules = set(json.loads(done.stdout.splitlines()[-1]))
    heavy = {"tensorflow", "keras", "object_detection", "pandas", "matplotlib"}
    assert not modules & heavy
    assert "PIL" in modules


# label maps


def test_a_broken_label_map(data):
    data.add("a.jpg")
    data.label_map.write_text('item {\n  id: 0\n  name: "leak"\n}\n')
    assert '"leak" has id 0, which is the background' in data.refused()


def test_ids_are_those_of_the_label_map(data):
    write_label_map(["bolt", "puddle", "leak"], data.label_map)
    data.add("a.jpg")
    assert data.run()[0] == 0
    assert data.written()[0].class_ids == (3,)


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
    flags = (data.out, "-o", sheet, "-n", 3)
    _, out, _ = run_command(monkeypatch, capsys, "show_records", *flags)
    assert "3 pictures, 3 boxes" in out
    with Image.open(sheet) as image:
        assert image.format == "PNG"
        assert len(image.getcolors(1 << 20)) > 10
