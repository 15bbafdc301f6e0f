"""check_dataset.py --fix on boxes: what is mended, what is left, and nothing in place."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from helpers.commands import run_command
from helpers.images import encode, encode_oriented, quarters, sample_image
from helpers.sets.voc_sets import BOXES, VocSet
from inspection.datasets import voc
from inspection.datasets.checking import check
from inspection.datasets.images.image_file import image_size, read_rgb
from inspection.datasets.splitting.split_lists import read_splits

LEAK, PUDDLE = BOXES


def contents(folder):
    """Return {relative path: bytes} of all files of a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def made(tmp_path):
    return VocSet(tmp_path, count=3)


@pytest.fixture
def fix(made, tmp_path, monkeypatch, capsys):
    def fix(*arguments):
        """Return (status, output, folder of the copy)."""
        before, target = contents(made.root), tmp_path / "out" / "mended"
        places = ("-x", made.annotations, "-i", made.images, "--fix", target)
        done = run_command(monkeypatch, capsys, "check_dataset", *places, *arguments)
        assert contents(made.root) == before
        assert done[2] == ""
        return done[0], done[1], target

    return fix


def read_copy(target, stem):
    path = target / "annotations" / f"{stem}.xml"
    return voc.read_annotation(path, target / "images")


def corners(box):
    return [box.xmin, box.ymin, box.xmax, box.ymax]


def test_the_boxes_of_bccd_without_area_go(shared_data, tmp_path, monkeypatch, capsys):
    bccd = shared_data / "bccd"
    places = (
        "-x",
        bccd / "annotations",
        "-i",
        bccd / "images",
        "--fix",
        tmp_path / "new",
    )
    status, out, _ = run_command(monkeypatch, capsys, "check_dataset", *places)
    assert status == 0 and "boxes without area left out: 2" in out
    before, after = (
        contents(bccd / "annotations"),
        contents(tmp_path / "new/annotations"),
    )
    changed = [name for name in before if before[name] != after[name]]
    assert changed == ["BloodImage_00338.xml", "BloodImage_00343.xml"]
    assert contents(bccd / "images") == contents(tmp_path / "new/images")


def test_a_good_set_is_copied_byte_for_byte(made, fix):
    status, out, target = fix("--strict")
    assert status == 0
    assert contents(target) == contents(made.root)
    assert "mended:\n  nothing, it needed no mend\nleft for you: nothing" in out


def test_large_pictures_shrink_with_their_boxes(made, fix):
    data = encode(sample_image(9, (2560, 1920)), "JPEG")
    drawn = [replace(LEAK, xmin=256, ymin=192, xmax=2561.5, ymax=960)]
    made.add("big", data, boxes=drawn, width=2560, height=1920)
    status, out, target = fix()
    assert status == 0
    assert "pictures shrunk to at most 1280 pixels on a side: 1" in out
    assert "boxes clipped at the edge of their picture: 1" in out
    found = read_copy(target, "big")
    assert (found.width, found.height) == image_size(found.image) == (1280, 960)
    assert corners(found.boxes[0]) == [128, 96, 1280, 480]
    report = check.check_dataset(target / "annotations", target / "images")
    assert {"large-picture", "clipped-box"}.isdisjoint(report.by_kind())
    before, after = (read_rgb(p) for p in (made.images / "big.jpg", found.image))
    small = np.asarray(Image.fromarray(before).resize((1280, 960)))
    assert np.abs(small.astype(int) - after).mean() < 3


@pytest.mark.parametrize("orientation", [2, 3, 4, 5, 6, 7, 8])
def test_turned_pictures_come_out_upright(made, fix, orientation):
    data = encode_oriented(quarters(), orientation, quality=95)
    (made.images / "x.jpg").write_bytes(data)
    size = image_size(made.images / "x.jpg")
    made.add("x", data, width=size[0], height=size[1], boxes=[LEAK])
    status, out, target = fix()
    assert status == 0 and "pictures turned upright (EXIF): 1" in out
    found = read_copy(target, "x")
    before, after = read_rgb(made.images / "x.jpg"), read_rgb(found.image)
    assert np.abs(before.astype(int) - after).mean() < 3
    with Image.open(found.image) as image:
        assert image.size == size and image.getexif().get(0x0112, 1) == 1
    assert corners(found.boxes[0]) == corners(LEAK)


def test_boxes_drawn_on_the_lying_picture_are_left_to_a_person(made, fix):
    made.add("x", encode_oriented(sample_image(9), 6))
    status, out, target = fix()
    assert status == 1
    for name in ("images/x.jpg", "annotations/x.xml"):
        assert (target / name).read_bytes() == (made.root / name).read_bytes()
    assert (
        "error: boxes drawn on a picture lying on its side" in out.split("left for")[1]
    )


def test_boxes_without_area_go_and_those_of_unclear_meaning_stay(made, fix):
    odd = [
        replace(LEAK, xmax=4.0),
        replace(LEAK, xmax=1.0),
        replace(LEAK, xmin=70, xmax=80),
    ]
    made.add("x", boxes=[LEAK, *odd])
    status, out, target = fix()
    assert status == 0 and "boxes without area left out: 1" in out
    assert read_copy(target, "x").boxes == (LEAK, *odd[1:])
    left = out.split("left for you")[1]
    assert "ends before it begins" in left and "wholly outside" in left
    assert "without area" not in left


def test_a_size_that_is_not_the_pictures_is_left_alone(made, fix):
    made.add("x", encode(sample_image(9, (2000, 1500)), "JPEG"), width=640, height=480)
    status, out, target = fix()
    assert status == 1
    assert image_size(target / "images/x.jpg") == (2000, 1500)
    assert "size in the XML is not the picture's" in out.split("left for you")[1]


def test_xml_of_another_encoding_keeps_all_of_its_tags(made, fix):
    path = made.add("x", boxes=[replace(LEAK, name="Lück")])
    text = path.read_text(encoding="utf-8").replace(
        "</object>", "<mine>ü</mine></object>"
    )
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    path.write_bytes((head + text).encode("latin-1"))
    status, out, target = fix()
    assert status == 0 and "XML written anew in UTF-8: 1" in out
    written = (target / "annotations/x.xml").read_bytes().decode("utf-8")
    assert "<mine>ü</mine>" in written and "ISO" not in written
    assert read_copy(target, "x").boxes[0].name == "Lück"


def test_pictures_get_the_ending_of_their_format(made, fix):
    made.add("x", encode(sample_image(9), "PNG"))
    made.add(
        "y", encode(sample_image(10, (2000, 1000)), "BMP"), width=2000, height=1000
    )
    status, out, target = fix()
    assert status == 0 and "pictures named after their format: 2" in out
    assert read_copy(target, "x").filename == "x.png"
    assert (target / "images/x.png").read_bytes() == (
        made.images / "x.jpg"
    ).read_bytes()
    with Image.open(target / "images/y.png") as image:
        assert (image.format, image.size) == ("PNG", (1280, 640))


def test_a_name_that_another_picture_has_is_not_taken(made, fix):
    made.add("x", encode(sample_image(9), "PNG"))
    made.add("x", encode(sample_image(10), "PNG"), extension=".png")
    _, _, target = fix()
    assert sorted(p.name for p in (target / "images").iterdir())[3:] == [
        "x.jpg",
        "x.png",
    ]


def test_broken_files_are_carried_over_and_named(made, fix):
    made.add("x", b"no picture")
    (made.annotations / "y.xml").write_text("<annotation><object>")
    (made.images / "alone.jpg").write_bytes(encode(sample_image(9), "JPEG"))
    (made.images / "notes.doc").write_text("notes")
    status, out, target = fix()
    assert status == 1
    for name in ("images/x.jpg", "annotations/y.xml", "images/alone.jpg"):
        assert (target / name).read_bytes() == (made.root / name).read_bytes()
    assert "files of another kind, not copied: 1" in out
    left = out.split("left for you")[1]
    for text in ("cannot be decoded", "cannot be read", "without an annotation"):
        assert text in left


def test_a_picture_whose_xml_cannot_be_read_stays_as_large(made, fix):
    for name in ("bad", "twice"):
        data = encode(sample_image(ord(name[0]), (2000, 1500)), "JPEG")
        made.add(name, data, width=2000, height=1500)
    made.edit("bad", "<xmin>4</xmin>", "")
    (made.annotations / "other.xml").write_bytes(
        (made.annotations / "twice.xml").read_bytes()
    )
    status, out, target = fix()
    assert status == 1 and "shrunk" not in out
    for name in ("bad", "twice"):
        assert image_size(target / f"images/{name}.jpg") == (2000, 1500)
    assert (target / "annotations/other.xml").is_file()


def test_split_lists_are_carried_over(made, fix):
    lists = made.root / "splits"
    lists.mkdir()
    (lists / "train.txt").write_text("pipe_00\npipe_01.jpg\n")
    (lists / "test.txt").write_text("pipe_02\n")
    status, _, target = fix("--splits", lists)
    assert status == 0
    assert read_splits([target / "splits"]) == {
        "train": ["pipe_00", "pipe_01"],
        "test": ["pipe_02"],
    }


def test_names_that_are_no_utf8_become_so(made, fix):
    for folder, ending in ((made.images, ".jpg"), (made.annotations, ".xml")):
        (folder / f"pipe_00{ending}").rename(folder / f"caf\udce9{ending}")
    status, out, target = fix()
    assert status == 0 and "names made UTF-8: 2" in out
    assert read_copy(target, "caf_e9").boxes == BOXES


def test_the_longest_side_is_chosen(made, fix):
    made.add("x", encode(sample_image(9, (300, 900)), "JPEG"), width=300, height=900)
    _, out, target = fix("--max_side", "450")
    assert image_size(target / "images/x.jpg") == (150, 450)
    assert "at most 450 pixels" in out


def test_a_side_on_which_nothing_is_seen_is_refused(
    made, tmp_path, monkeypatch, capsys
):
    places = ("-x", made.annotations, "-i", made.images, "--fix", tmp_path / "new")
    command = ("check_dataset", *places, "--max_side", 8)
    status, _, err = run_command(monkeypatch, capsys, *command)
    assert status == 2 and "max_side 8: take at least 32 pixels" in err
    assert not (tmp_path / "new").exists()


def test_the_output_must_be_new_and_elsewhere(made, tmp_path, monkeypatch, capsys):
    def status_of(output):
        places = ("-x", made.annotations, "-i", made.images, "--fix", output)
        status, _, err = run_command(monkeypatch, capsys, "check_dataset", *places)
        return status, err

    before = contents(made.root)
    assert status_of(made.images)[0] == 2
    status, err = status_of(made.images / "new")
    assert status == 2 and "is part of the set: name a folder outside" in err
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    status, err = status_of(tmp_path / "full")
    assert status == 2 and "is there already; name a new folder" in err
    assert contents(made.root) == before
    assert (tmp_path / "full/mine.txt").read_text() == "mine"


def test_a_copy_that_fails_leaves_nothing(made, tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError("No space left on device")

    made.add(
        "x", encode(sample_image(9, (2000, 1500)), "JPEG"), width=2000, height=1500
    )
    monkeypatch.setattr(voc, "write_annotation", full)
    places = (
        "-x",
        made.annotations,
        "-i",
        made.images,
        "--fix",
        tmp_path / "o" / "new",
    )
    status, _, err = run_command(monkeypatch, capsys, "check_dataset", *places)
    assert status == 2 and "No space left" in err
    assert list((tmp_path / "o").iterdir()) == []
