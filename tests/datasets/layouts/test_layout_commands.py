"""The commands take a whole set as the web has it, and use the split it brings."""

import csv
import shutil

import pytest

from helpers.commands import run_command
from helpers.kill_points import contents
from helpers.sets.public_sets import (
    DIVIDED,
    add_devkit_lists,
    add_litter,
    add_pair,
    lay_out,
    zip_folder,
)
from inspection.datasets import voc
from inspection.datasets.layouts.opening import open_boxes
from inspection.datasets.splitting.split_lists import read_splits
from inspection.detection.config.label_map import write_label_map
from inspection.detection.records import records

LAYOUTS = ["parts outside", "parts inside", "kaggle doubled", "a folder for each class"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    write_label_map(["leak", "puddle"], tmp_path / "label_map.pbtxt")

    def run(name, *words):
        return run_command(monkeypatch, capsys, name, *words)

    return run


@pytest.fixture
def make_records(run, tmp_path):
    def make_records(*words):
        target = tmp_path / "out.record"
        label_map = ("-l", tmp_path / "label_map.pbtxt")
        status, out, err = run("generate_tfrecord", *words, *label_map, "-o", target)
        read = list(records.read_records([target])) if status == 0 else []
        return read, out + err

    return make_records


@pytest.mark.parametrize("layout", DIVIDED)
def test_check_dataset_looks_at_the_whole_set(layout, tmp_path, run):
    lay_out(tmp_path / "set", layout)
    add_litter(tmp_path / "set")
    status, out, err = run("check_dataset", "-x", tmp_path / "set")
    assert (status, err) == (0, "")
    assert "its own split is taken: train 6, val 3, test 3" in out
    assert "12 annotations, 12 pictures, 24 boxes" in out


def test_check_dataset_takes_a_zip(tmp_path, run):
    lay_out(tmp_path / "set", "roboflow")
    path = zip_folder(tmp_path / "set", tmp_path / "leaks.zip")
    status, out, _ = run("check_dataset", "-x", path)
    assert status == 0
    assert out.startswith("leaks.zip: 12 pictures, 12 annotations; its own split")


def test_check_dataset_finds_copies_across_the_parts(tmp_path, run):
    lay_out(tmp_path / "set", "parts outside")
    for name in ("images/copy.jpg", "annotations/copy.xml"):
        original = tmp_path / "set/train" / name.replace("copy", "pipe 000")
        shutil.copy(original, tmp_path / "set/test" / name)
    status, out, _ = run("check_dataset", "-x", tmp_path / "set")
    assert status == 1
    assert "on both sides of the split" in out and "copy.jpg" in out


@pytest.mark.parametrize("layout", DIVIDED)
def test_records_of_each_part(layout, tmp_path, make_records):
    dealt = lay_out(tmp_path / "set", layout)
    for part, stems in dealt.items():
        read, _ = make_records("-x", tmp_path / "set", "--split", part)
        assert [record.filename for record in read] == [f"{stem}.jpg" for stem in stems]


def test_records_of_parts_with_the_same_names(tmp_path, make_records):
    lay_out(tmp_path / "set", "parts outside", same_names=True)
    read, _ = make_records("-x", tmp_path / "set", "--split", "test")
    original = tmp_path / "set/test/images/pipe 001.jpg"
    assert read[1].encoded == original.read_bytes()


def test_records_ask_which_part(tmp_path, make_records):
    lay_out(tmp_path / "set", "roboflow")
    _, said = make_records("-x", tmp_path / "set")
    assert (
        "has a split of its own (train, val, test): give one of them with --split"
        in said
    )


def test_records_of_a_set_without_split(tmp_path, make_records):
    lay_out(tmp_path / "set", "images and annotations")
    read, _ = make_records("-x", tmp_path / "set")
    assert len(read) == 6


def test_copies_across_the_parts_are_refused(tmp_path, make_records):
    lay_out(tmp_path / "set", "roboflow")
    add_pair(tmp_path / "set/test", tmp_path / "set/test", "copy", 0)  # as pipe 000
    _, said = make_records("-x", tmp_path / "set", "--split", "train")
    assert "on two sides of the split" in said
    assert str(tmp_path / "set") in said


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_table_for_each_part_and_records_of_it(layout, tmp_path, run, make_records):
    dealt = lay_out(tmp_path / "set", layout, same_names=True)
    status, out, err = run("xml_to_csv", "-i", tmp_path / "set")
    assert (status, err) == (0, "")
    for part, stems in dealt.items():
        path = tmp_path / f"set/{part}_labels.csv"
        rows = list(csv.DictReader(path.read_text().splitlines()))
        assert len(rows) == 2 * len(stems)
        read, _ = make_records("--csv_input", path, "-i", tmp_path / "set")
        assert len(read) == len(stems)


def test_tables_of_a_devkit(tmp_path, run):
    stems = lay_out(tmp_path / "set", "devkit")[""]
    add_devkit_lists(tmp_path / "set", {"train": stems[:4], "val": stems[4:]})
    status, out, _ = run("xml_to_csv", "-i", tmp_path / "set", "-o", tmp_path / "out")
    assert status == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "train_labels.csv",
        "val_labels.csv",
    ]


def test_lists_of_the_set_that_overlap_are_refused(tmp_path, run):
    stems = lay_out(tmp_path / "set", "devkit")[""]
    add_devkit_lists(tmp_path / "set", {"train": stems[:4], "val": stems[3:]})
    status, _, err = run("xml_to_csv", "-i", tmp_path / "set", "-o", tmp_path / "out")
    assert status == 2 and "in two lists" in err


def test_one_table_of_a_set_without_split(tmp_path, run):
    lay_out(tmp_path / "set", "images and annotations")
    status, out, _ = run("xml_to_csv", "-i", tmp_path / "set", "-o", tmp_path / "a.csv")
    assert status == 0 and "12 boxes of 6 pictures" in out


def test_a_set_without_split_is_split(tmp_path, run):
    stems = lay_out(tmp_path / "set", "images and annotations")[""]
    words = ("-i", tmp_path / "set", "-r", "0.3")
    status, _, _ = run("partition_dataset", *words, "--splits", tmp_path / "lists")
    assert status == 0
    lists = read_splits([tmp_path / "lists"])
    assert sorted(sum(lists.values(), [])) == stems
    status, _, err = run("partition_dataset", *words)
    assert status == 2 and "say with --splits or -o" in err
    status, _, _ = run("partition_dataset", *words, "-x", "-o", tmp_path / "parted")
    assert status == 0
    found = open_boxes(tmp_path / "parted", into=tmp_path / "into")
    assert len(voc.read_folder(found.partners, found.images)) == 6


def test_a_set_with_a_split_is_not_split_again(tmp_path, run):
    lay_out(tmp_path / "set", "roboflow")
    words = ("-i", tmp_path / "set", "--splits", tmp_path / "lists")
    status, _, err = run("partition_dataset", *words)
    assert status == 2 and "has a split of its own: take it" in err


def folder_and_zip(tmp_path, layout):
    """Return a set as a folder, and as a .zip with one folder around everything."""
    lay_out(tmp_path / "outer/set", layout)
    add_litter(tmp_path / "outer/set")
    (tmp_path / "zipped").mkdir()
    packed = zip_folder(tmp_path / "outer", tmp_path / "zipped/my set.zip")
    return tmp_path / "outer/set", packed


@pytest.mark.parametrize("layout", ["images and annotations", "roboflow", *LAYOUTS[:2]])
def test_a_zip_becomes_the_tables_of_its_folder(tmp_path, run, layout):
    folder, packed = folder_and_zip(tmp_path, layout)
    for source, out in ((folder, "a"), (packed, "b")):
        (tmp_path / out).mkdir()
        several = layout != "images and annotations"
        place = tmp_path / out if several else tmp_path / out / "labels.csv"
        status, _, err = run("xml_to_csv", "-i", source, "-o", place)
        assert status == 0, err
    assert contents(tmp_path / "a") == contents(tmp_path / "b") != {}


def test_the_table_of_a_zip_lies_beside_it(tmp_path, run):
    packed = folder_and_zip(tmp_path, "images and annotations")[1]
    before = packed.read_bytes()
    status, out, err = run("xml_to_csv", "-i", packed)
    assert status == 0 and f"wrote {packed.parent / 'labels.csv'}" in out, err
    assert packed.read_bytes() == before
    found = sorted(path.name for path in packed.parent.iterdir())
    assert found == ["labels.csv", "my set.zip"]


def test_faults_in_a_zip_are_said_of_the_zip(tmp_path, run):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty/a.txt").touch()
    packed = zip_folder(tmp_path / "empty", tmp_path / "empty.zip")
    for words in (
        ("xml_to_csv", "-i", packed),
        ("partition_dataset", "-i", packed, "--splits", tmp_path / "lists"),
    ):
        status, _, err = run(*words)
        assert status == 2 and str(packed) in err and "set-" not in err
    packed.write_bytes(packed.read_bytes()[:-9])
    status, _, err = run("xml_to_csv", "-i", packed)
    assert status == 2 and "empty.zip" in err and "Traceback" not in err


def test_a_zip_is_split_as_its_folder(tmp_path, run):
    folder, packed = folder_and_zip(tmp_path, "images and annotations")
    plain = zip_folder(folder / "images", tmp_path / "plain.zip")
    for name, source in (("a", folder), ("b", packed), ("c", plain)):
        words = ("-i", source, "-r", 0.3, "--splits", tmp_path / name / "lists")
        words += ("-o", tmp_path / name / "copies")
        if name == "c":
            xml = zip_folder(folder / "annotations", tmp_path / "xml.zip")
            words += ("--xml_dir", xml)
        status, _, err = run("partition_dataset", *words, "-x")
        assert status == 0, err
    wanted = contents(tmp_path / "a")
    assert len(wanted) > 12 and contents(tmp_path / "b") == wanted
    assert contents(tmp_path / "c") == wanted


def test_a_zip_is_no_place_for_its_split(tmp_path, run):
    packed = folder_and_zip(tmp_path, "images and annotations")[1]
    before = packed.read_bytes()
    status, _, err = run("partition_dataset", "-i", packed)
    assert status == 2 and "is a .zip: say with --splits or -o where" in err
    assert packed.read_bytes() == before
    assert [path.name for path in packed.parent.iterdir()] == [packed.name]


def test_folders_that_hold_nothing_are_named_as_before(tmp_path, run):
    (tmp_path / "empty/inner").mkdir(parents=True)
    status, _, err = run("check_dataset", "-x", tmp_path / "empty")
    assert status == 2 and "no pictures with annotations found" in err
    status, _, err = run("partition_dataset", "-i", tmp_path / "empty")
    assert status == 2 and "0 pictures found in" in err
    status, _, err = run("check_dataset", "-x", tmp_path / "nowhere")
    assert status == 2 and "is not a folder" in err


def test_blood_cells_as_a_zip_of_roboflow(shared_data, tmp_path):
    bccd = shared_data / "bccd"
    dealt = read_splits([bccd / "splits"])
    top = tmp_path / "set"
    for part, stems in dealt.items():
        folder = top / {"val": "valid"}.get(part, part)
        folder.mkdir(parents=True)
        for stem in stems:
            shutil.copy(bccd / "annotations" / f"{stem}.xml", folder)
            shutil.copy(bccd / "images" / f"{stem}.jpg", folder)
    add_litter(top)
    found = open_boxes(zip_folder(top, tmp_path / "bccd.zip"), into=tmp_path / "into")
    assert read_splits([found.splits]) == dealt
    annotations = voc.read_folder(found.partners, found.images)
    assert len(annotations) == sum(map(len, dealt.values()))
    assert all(annotation.image for annotation in annotations)
