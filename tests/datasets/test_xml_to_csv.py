"""xml_to_csv.py: the columns of the well-known scripts, and nothing silently lost."""

import csv
from dataclasses import replace

import pytest

from helpers import ROOT
from helpers.commands import run_command, run_python
from helpers.images import encode, sample_image
from helpers.sets.voc_sets import BOXES, VocSet

LEAK, PUDDLE = BOXES
SCRIPT = ROOT / "scripts" / "xml_to_csv.py"
HEAD = "filename width height class xmin ymin xmax ymax".split()


@pytest.fixture
def voc_set(tmp_path):
    return VocSet(tmp_path, count=2)


@pytest.fixture
def table(voc_set):
    return voc_set.root / "out" / "labels.csv"


@pytest.fixture
def run(voc_set, table, monkeypatch, capsys):
    def run(*arguments, images=voc_set.images):
        places = ("-i", voc_set.annotations, "-o", table)
        places += ("--image_dir", images) if images else ()
        return run_command(monkeypatch, capsys, "xml_to_csv", *places, *arguments)

    return run


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_writes_one_line_for_each_box(run, table):
    status, out, err = run()
    assert (status, err) == (0, "")
    assert out == f"wrote {table}: 4 boxes of 2 pictures (leak 2, puddle 2)\n"
    assert read(table) == [
        HEAD,
        ["pipe_00.jpg", "64", "48", "leak", "4", "6", "30", "40"],
        ["pipe_00.jpg", "64", "48", "puddle", "32", "20", "60", "44"],
        ["pipe_01.jpg", "64", "48", "leak", "4", "6", "30", "40"],
        ["pipe_01.jpg", "64", "48", "puddle", "32", "20", "60", "44"],
    ]
    assert table.read_bytes().count(b"\r") == 0


def test_names_are_those_of_the_files(voc_set, run, table):
    voc_set.add(
        "泄漏, 1", extension=".PNG", boxes=[replace(LEAK, xmin=4.25, name="ü, b")]
    )
    voc_set.edit("泄漏, 1", "泄漏, 1.PNG", "C:\\x\\else")
    run()
    line = ["泄漏, 1.PNG", "64", "48", "ü, b", "4.25", "6", "30", "40"]
    assert line in read(table)


def test_coordinates_keep_their_digits(voc_set, run, table):
    box = replace(LEAK, xmin=1024.5, xmax=1999.75)
    voc_set.add("wide", boxes=[box], width=2000)
    assert run(images=None)[0] == 0
    assert ["wide.jpg", "2000", "48", "leak", "1024.5", "6", "1999.75", "40"] in read(
        table
    )


def test_without_pictures_the_xml_is_believed(voc_set, run, table):
    voc_set.edit("pipe_00", "pipe_00.jpg", "/home/ann/a b.jpg")
    status, _, _ = run(images=None)
    assert status == 0
    assert read(table)[1] == ["a b.jpg", "64", "48", "leak", "4", "6", "30", "40"]
    voc_set.edit("pipe_01", "pipe_01.jpg", "")
    voc_set.edit("pipe_00", "<width>64</width>", "")
    status, _, err = run(images=None)
    assert status == 2
    assert "pipe_01.xml: has no <filename>, and no picture is there to tell" in err
    assert "pipe_00.xml: has no <size>, and no picture is there to tell" in err


def test_odd_boxes_are_cut_or_left_out_and_listed(voc_set, run, table):
    odd = [
        replace(LEAK, xmax=70, ymin=-1),
        replace(LEAK, xmax=4),
        replace(LEAK, ymax=1),
        replace(LEAK, xmin=64, xmax=90),
    ]
    voc_set.add("x", boxes=odd)
    voc_set.add("y", boxes=[])
    status, out, _ = run()
    assert status == 0
    assert [row for row in read(table) if row[0] == "x.jpg"] == [
        ["x.jpg", "64", "48", "leak", "4", "0", "64", "40"]
    ]
    assert "box that reaches out of its picture: cut at the edge: x.xml: box 1" in out
    assert "box without area: left out of the records: x.xml: box 2 (leak)" in out
    assert (
        "box that ends before it begins: left out of the records: x.xml: box 3" in out
    )
    assert (
        "box wholly outside its picture: left out of the records: x.xml: box 4" in out
    )
    assert "1 picture without objects: not in a CSV" in out


def test_strict_refuses_them(voc_set, run):
    voc_set.add("x", boxes=[LEAK, replace(LEAK, xmax=4)])
    before = voc_set.files()
    status, _, err = run("--strict")
    assert status == 2 and "error: 1 box to mend (--strict)\n  x.xml: box 2" in err
    assert voc_set.files() == before


@pytest.mark.parametrize(
    "break_it, message",
    [
        (
            lambda s: [p.unlink() for p in s.annotations.iterdir()],
            "0 annotations (.xml)",
        ),
        (lambda s: [p.unlink() for p in s.images.iterdir()], "0 pictures found in"),
        (
            lambda s: [s.add(f"pipe_0{i}", boxes=[]) for i in (0, 1)],
            "0 usable boxes in 2 annotations: no CSV written",
        ),
        (
            lambda s: s.edit("pipe_01", "</object>", ""),
            "pipe_01.xml: is not well-formed",
        ),
        (lambda s: s.edit("pipe_01", ">4<", ">(88, 100)<"), "<xmin> '(88, 100)'"),
        (
            lambda s: (s.images / "pipe_01.jpg").unlink(),
            "pipe_01.xml: no picture called",
        ),
        (
            lambda s: s.edit("pipe_01", "<width>64<", "<width>640<"),
            "pipe_01.xml: says 640x48, the picture is 64x48",
        ),
        (lambda s: s.add("pipe_01", b"<html>"), "pipe_01.jpg: is no picture"),
    ],
)
def test_refuses_and_leaves_nothing(voc_set, run, break_it, message):
    break_it(voc_set)
    before = voc_set.files()
    status, out, err = run("-l", voc_set.root / "label_map.pbtxt")
    assert (status, out) == (2, "")
    assert err.startswith("error: ") and message in err
    assert voc_set.files() == before


def test_all_faults_are_told_at_once(voc_set, run):
    voc_set.add("x", data=b"")
    voc_set.edit("pipe_00", ">4<", "><")
    (voc_set.images / "pipe_01.jpg").unlink()
    _, _, err = run()
    assert err.startswith("error: 3 of 3 annotations cannot be used\n")
    assert err.count("  mend: ") == 3


@pytest.mark.parametrize("names", [("train", "test"), ("train_labels", "test_labels")])
def test_folder_with_train_and_test(tmp_path, monkeypatch, capsys, names):
    for number, name in enumerate(names):
        part = VocSet(tmp_path / name)
        part.add("pipe", seed=number)
        part.annotations.rename(tmp_path / name / "xml")
        for path in [*part.images.iterdir(), *(tmp_path / name / "xml").iterdir()]:
            path.rename(tmp_path / name / path.name)
    monkeypatch.chdir(tmp_path)
    label_map = tmp_path / "label_map.pbtxt"
    status, out, err = run_command(
        monkeypatch, capsys, "xml_to_csv", "-l", "label_map.pbtxt"
    )
    assert (status, err) == (0, "")
    for name in ("train_labels.csv", "test_labels.csv"):
        assert [row[0] for row in read(tmp_path / name)] == [
            "filename",
            *["pipe.jpg"] * 2,
        ]
    assert label_map.read_text().index("leak") < label_map.read_text().index("puddle")


def test_split_lists_make_a_csv_each(voc_set, monkeypatch, capsys):
    out = voc_set.root / "out"
    for split, stem in (("train", "pipe_01"), ("test", "pipe_00.jpg")):
        (voc_set.root / f"{split}.txt").write_text(stem)
    arguments = ("-i", voc_set.annotations, "--image_dir", voc_set.images, "-o", out)
    arguments += ("--splits", voc_set.root)
    assert run_command(monkeypatch, capsys, "xml_to_csv", *arguments)[0] == 0
    assert {row[0] for row in read(out / "train_labels.csv")[1:]} == {"pipe_01.jpg"}
    assert {row[0] for row in read(out / "test_labels.csv")[1:]} == {"pipe_00.jpg"}
    (voc_set.root / "test.txt").write_text("pipe_00\nnobody")
    status, _, err = run_command(monkeypatch, capsys, "xml_to_csv", *arguments)
    assert status == 2 and "no annotation for 1 name of test\n  nobody" in err


def test_label_map_is_made_once_and_then_held_against(voc_set, run):
    label_map = voc_set.root / "label_map.pbtxt"
    assert run("-l", label_map)[1].startswith(f"wrote {label_map}: leak, puddle\n")
    made = label_map.read_text()
    assert run("-l", label_map)[0] == 0
    assert label_map.read_text() == made
    voc_set.add("x", boxes=[replace(LEAK, name="Leak "), replace(LEAK, name="stain")])
    before = voc_set.files()
    status, _, err = run("-l", label_map)
    assert status == 2 and "class 'Leak', nearest is 'leak'" in err
    assert "class 'stain'" in err
    assert label_map.read_text() == made and voc_set.files() == before


def test_turned_picture_has_its_upright_size(voc_set, run, table):
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    voc_set.add(
        "x",
        encode(sample_image(1), "JPEG", exif=exif),
        boxes=[LEAK],
        width=48,
        height=64,
    )
    assert run()[0] == 0
    assert ["x.jpg", "48", "64", "leak", "4", "6", "30", "40"] in read(table)


def test_converts_bccd(shared_data, tmp_path, monkeypatch, capsys):
    bccd = shared_data / "bccd"
    arguments = ("-i", bccd / "annotations", "--image_dir", bccd / "images")
    arguments += ("-o", tmp_path / "a.csv")
    status, out, _ = run_command(monkeypatch, capsys, "xml_to_csv", *arguments)
    assert status == 0
    assert "4,886 boxes of 364 pictures (Platelets 361, RBC 4,153, WBC 372)" in out
    assert out.count("box without area") == 2
    assert len(read(tmp_path / "a.csv")) == 4887


def test_runs_by_itself_from_any_folder(voc_set):
    flags = ("-i", "annotations", "--image_dir", "images")
    done = run_python(SCRIPT, *flags, cwd=voc_set.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(read(voc_set.annotations / "labels.csv")) == 5


def test_without_pictures_folders_tell_names_apart(voc_set, run, table):
    voc_set.edit("pipe_00", "pipe_00.jpg", "hall_a\\scene1.png")
    voc_set.edit("pipe_01", "pipe_01.jpg", "hall_b/scene1.png")
    assert run(images=None)[0] == 0
    names = [row[0] for row in read(table)[1:]]
    assert {"hall_a/scene1.png", "hall_b/scene1.png"} <= set(names)
    assert "scene1.png" not in names
    voc_set.edit("pipe_00", "hall_a\\scene1.png", "/x/scene1.png")
    voc_set.edit("pipe_01", "hall_b/scene1.png", "D:/y/scene1.png")
    status, _, err = run(images=None)
    assert status == 2
    assert "pipe_01.xml: describes scene1.png, as pipe_00.xml does" in err
