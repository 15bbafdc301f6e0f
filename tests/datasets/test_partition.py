"""partition_dataset.py: shares, classes, copies together, nothing half done."""

from collections import Counter

import pytest

from helpers import ROOT
from helpers.commands import run_command, run_python
from helpers.images import encode, sample_image
from helpers.sets.voc_sets import BOXES, VocSet
from inspection.common.errors import DatasetError
from inspection.datasets import voc
from inspection.datasets.checking import check
from inspection.datasets.splitting import partition, partition_files, split_lists
from inspection.detection.records import record_sources

SCRIPT = ROOT / "scripts" / "partition_dataset.py"


@pytest.fixture
def voc_set(tmp_path):
    return VocSet(tmp_path, count=10)


@pytest.fixture
def run(voc_set, monkeypatch, capsys):
    def run(*arguments):
        places = ("-i", voc_set.images, "--xml_dir", voc_set.annotations)
        return run_command(
            monkeypatch, capsys, "partition_dataset", *places, *arguments
        )

    return run


def test_every_class_gets_its_share_on_each_side():
    classes = (
        [{"common"}] * 80 + [{"common", "rare"}] * 10 + [{"other"}] * 40 + [set()] * 20
    )
    splits = partition.partition(classes, {"val": 0.1, "test": 0.2})
    assert sorted(i for chosen in splits.values() for i in chosen) == list(range(150))
    assert {split: len(chosen) for split, chosen in splits.items()} == {
        "train": 105,
        "val": 15,
        "test": 30,
    }
    counts = partition.count_classes(classes, splits)
    assert counts["test"] == {"common": 18, "rare": 2, "other": 8}
    assert counts["val"] == {"common": 9, "rare": 1, "other": 4}


def test_seed_decides():
    classes = [{"leak"}] * 50
    first = partition.partition(classes, {"test": 0.2}, seed=1)
    assert first == partition.partition(classes, {"test": 0.2}, seed=1)
    assert first != partition.partition(classes, {"test": 0.2}, seed=2)


@pytest.mark.parametrize("seed", range(5))
def test_groups_stay_together(seed):
    classes = [{"leak"}] * 30
    groups = [
        [0, 9, 20],
        [1, 2, 3, 4],
        *([i] for i in range(5, 30) if i not in (9, 20)),
    ]
    splits = partition.partition(classes, {"test": 0.2}, groups, seed)
    assert len(splits["test"]) == 6
    for group in groups:
        assert (
            len({split for split in splits for i in group if i in splits[split]}) == 1
        )


@pytest.mark.parametrize(
    "count, shares, sizes",
    [
        (10, {"test": 0.1}, (9, 1)),
        (5, {"test": 0.1}, (4, 1)),  # rounded up, as the well-known script does
        (10, {"val": 0.1, "test": 0.2}, (7, 1, 2)),
        (100, {"test": 0.07}, (93, 7)),  # .07 * 100 is a little more than 7
        (364, {"val": 0.0, "test": 0.2}, (291, 73)),
    ],
)
def test_sizes_of_sides(count, shares, sizes):
    assert tuple(partition.split_sizes(count, shares).values()) == sizes


@pytest.mark.parametrize(
    "shares", [{"test": 0}, {"test": 1.0}, {"val": 0.5, "test": 0.5}]
)
def test_refuses_senseless_shares(shares):
    with pytest.raises(DatasetError, match="less than 1"):
        partition.split_sizes(10, shares)


@pytest.mark.parametrize(
    "count, shares, groups, empty",
    [
        (1, {"test": 0.5}, None, "train"),
        (2, {"val": 0.2, "test": 0.2}, None, "train"),
        (4, {"test": 0.5}, [[0, 1, 2, 3]], "test"),
    ],
)
def test_refuses_empty_sides(count, shares, groups, empty):
    with pytest.raises(DatasetError, match=f"no picture is left for .*{empty}"):
        partition.partition([{"leak"}] * count, shares, groups)


def test_writes_lists(voc_set, run):
    status, out, _ = run("-r", 0.2, "--val", 0.1, "--splits", voc_set.root / "lists")
    assert status == 0
    assert "test  2 pictures: leak in 2, puddle in 2" in out
    lists = split_lists.read_splits([voc_set.root / "lists"])
    assert {split: len(stems) for split, stems in lists.items()} == {
        "train": 7,
        "val": 1,
        "test": 2,
    }
    stems = sorted(stem for split in lists.values() for stem in split)
    assert stems == [f"pipe_{number:02}" for number in range(10)]
    assert not (voc_set.images / "train").exists()


def test_copies_as_the_well_known_script_does(tmp_path, monkeypatch, capsys):
    voc_set = VocSet(tmp_path, count=10)
    folder = tmp_path / "all in one (1)"
    folder.mkdir()
    for path in [*voc_set.images.iterdir(), *voc_set.annotations.iterdir()]:
        path.rename(folder / path.name)
    status, out, _ = run_command(
        monkeypatch, capsys, "partition_dataset", "-x", "-i", folder, "-r", 0.2
    )
    assert status == 0 and f"copied into {folder / 'test'}" in out
    for split, count in (("train", 8), ("test", 2)):
        annotations = voc.read_folder(folder / split)
        assert len(annotations) == count
        assert all(annotation.image for annotation in annotations)
    assert len(list(folder.glob("*.jpg"))) == 10  # the originals stay


def test_splits_pictures_without_annotations(voc_set, monkeypatch, capsys, tmp_path):
    arguments = ("-i", voc_set.images, "-o", tmp_path / "out", "-r", 0.3)
    status, _, _ = run_command(monkeypatch, capsys, "partition_dataset", *arguments)
    assert status == 0
    found = Counter(path.parent.name for path in (tmp_path / "out").glob("*/*"))
    assert found == {"train": 7, "test": 3}


def test_copies_of_one_source_stay_together(voc_set, run):
    for number in range(3):
        voc_set.add(f"a_jpg.rf.{number}", seed=20 + number)
    voc_set.add(
        "dark", encode(sample_image(3).point(lambda value: value * 0.7), "JPEG")
    )
    status, out, _ = run("-r", 0.3, "--splits", voc_set.root / "lists")
    assert status == 0
    assert "2 groups of copies kept together" in out
    assert "  a_jpg.rf.0.jpg, a_jpg.rf.1.jpg, a_jpg.rf.2.jpg" in out
    assert "  dark.jpg, pipe_03.jpg" in out
    lists = split_lists.read_splits([voc_set.root / "lists"])
    split_of = {stem: split for split, stems in lists.items() for stem in stems}
    assert len({split_of[f"a_jpg.rf.{number}"] for number in range(3)}) == 1
    assert split_of["dark"] == split_of["pipe_03"]


def test_frames_of_one_video_stay_together(voc_set, run):
    for number in range(4):
        voc_set.add(f"film_frame{number}", seed=20 + number)
    _, out, _ = run("--source", "(.+)_frame", "--splits", voc_set.root / "lists")
    assert "1 group of copies kept together" in out


def test_tells_of_missing_classes_and_pictures_left_out(voc_set, run):
    voc_set.add("x", boxes=[voc.Box("stain", 1, 1, 20, 20)])
    (voc_set.images / "alone.png").write_bytes(encode(sample_image(99), "PNG"))
    _, out, _ = run("--splits", voc_set.root / "lists")
    assert "warning: test shows no stain: too few pictures of it" in out
    assert "warning: left out 1 picture without an annotation: alone.png" in out


@pytest.mark.parametrize(
    "break_it, arguments, message",
    [
        (lambda s: s.edit("pipe_01", ">4<", ">x<"), (), "pipe_01.xml: object 1 (leak)"),
        (
            lambda s: (s.images / "pipe_01.jpg").unlink(),
            (),
            "pipe_01.xml: has no picture",
        ),
        (lambda s: [p.unlink() for p in s.annotations.iterdir()], (), "0 annotations"),
        (lambda s: None, ("-r", 0.8, "--val", 0.4), "less than 1"),
        (lambda s: None, ("-r", 0), "must be positive"),
        (lambda s: None, ("--source", "pipe"), "has 0 groups"),
        (lambda s: None, ("--source", "(pipe"), "unterminated"),
        (lambda s: None, ("--source", "(pipe)"), "no picture is left for test"),
    ],
)
def test_refuses_and_leaves_nothing(voc_set, run, break_it, arguments, message):
    break_it(voc_set)
    before = voc_set.files()
    status, out, err = run(*arguments, "-o", voc_set.root / "out")
    assert (status, out) == (2, "")
    assert err.startswith("error: ") and message in err
    assert voc_set.files() == before


def test_refuses_a_folder_of_an_older_split(voc_set, run):
    arguments = ("-x", "-o", voc_set.root)
    assert run(*arguments)[0] == 0
    before = voc_set.files()
    status, _, err = run(*arguments, "--seed", 7)
    assert status == 2 and "holds 18 files already" in err
    assert voc_set.files() == before
    assert run(*arguments, "--overwrite")[0] == 0
    assert voc_set.files() == before
    (voc_set.root / "test" / "thesis.docx").touch()
    status, _, err = run(*arguments, "--overwrite")
    assert status == 2 and "thesis.docx" in err
    assert (voc_set.root / "test" / "thesis.docx").exists()


def test_the_same_split_again_is_done_already(voc_set, run):
    arguments = ("-x", "-o", voc_set.root)
    assert run(*arguments)[0] == 0
    before = voc_set.files()
    assert run(*arguments)[0] == 0
    assert voc_set.files() == before
    changed = next((voc_set.root / "train").glob("*.xml"))
    changed.write_text(changed.read_text() + "<!-- mended by hand -->")
    status, _, err = run(*arguments)
    assert status == 2 and "holds 18 files already" in err
    assert "mended by hand" in changed.read_text()


def test_leaves_nothing_when_copying_fails(voc_set, monkeypatch):
    parted = partition_files.split_folder(voc_set.images, voc_set.annotations)
    before = voc_set.files()
    (voc_set.images / "pipe_09.jpg").rename(voc_set.images / "away.jpg")
    with pytest.raises(FileNotFoundError):
        partition_files.copy_partition(parted, voc_set.root)
    (voc_set.images / "away.jpg").rename(voc_set.images / "pipe_09.jpg")
    assert voc_set.files() == before


def test_boxes_do_not_sway_the_shares(voc_set):
    voc_set.add("many", boxes=BOXES * 50)
    parted = partition_files.split_folder(
        voc_set.images, voc_set.annotations, {"test": 0.2}
    )
    assert {split: len(entries) for split, entries in parted.splits.items()} == {
        "train": 8,
        "test": 3,
    }
    assert parted.missing() == {}


def test_splits_bccd(shared_data):
    bccd = shared_data / "bccd"
    shares = {"val": 0.2, "test": 0.2}
    parted = partition_files.split_folder(bccd / "images", bccd / "annotations", shares)
    assert [len(entries) for entries in parted.splits.values()] == [218, 73, 73]
    assert parted.copies == (("BloodImage_00037.jpg", "BloodImage_00038.jpg"),)
    for name, share in (("Platelets", 201 / 5), ("RBC", 349 / 5), ("WBC", 358 / 5)):
        for split in ("val", "test"):
            assert abs(parted.classes[split][name] - share) <= 2


def test_runs_by_itself_from_any_folder(voc_set):
    done = run_python(SCRIPT, "-i", "images", "-o", ".", cwd=voc_set.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list((voc_set.root / "train").iterdir())) == 9


@pytest.mark.parametrize(
    "image, xml",
    [
        ("foto{}.jpg.jpg", "foto{}.jpg.xml"),
        ("foto{}.jpg", "foto{}.jpg.xml"),
        ("DSC{}.JPG", "DSC{}.XML"),
        ("k\u00fcche{}.jpg", "ku\u0308che{}.xml"),
        ("a  {}.jpg", "a  {}.xml"),
    ],
)
def test_lists_lead_back_to_the_annotations(voc_set, run, image, xml):
    for number in range(10):
        stem = f"pipe_{number:02}"
        voc_set.edit(stem, f"{stem}.jpg", "")
        (voc_set.images / f"{stem}.jpg").rename(voc_set.images / image.format(number))
        old = voc_set.annotations / f"{stem}.xml"
        old.rename(voc_set.annotations / xml.format(number))
    lists = voc_set.root / "lists"
    assert run("-r", 0.3, "--splits", lists)[0] == 0
    sources = voc.list_annotations(voc_set.annotations)
    chosen = [
        record_sources.select_split(sources, lists / f"{split}.txt")
        for split in ("train", "test")
    ]
    assert sorted(sum(chosen, [])) == sorted(sources)
    names = split_lists.read_splits([lists])
    report = check.check_dataset(voc_set.annotations, voc_set.images, splits=names)
    assert "listed-nowhere" not in report.by_kind()


def test_an_older_split_with_upper_case_names_is_replaced(voc_set, run):
    for path in sorted(voc_set.annotations.iterdir()):
        path.rename(path.with_suffix(".XML"))
    out = ("-x", "-o", voc_set.root / "out", "-r", 0.3)
    assert run(*out)[0] == 0
    status, _, err = run(*out, "--overwrite")
    assert (status, err) == (0, "")
