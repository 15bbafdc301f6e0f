"""Copies and sources on both sides of a split, as check_dataset finds them."""

from helpers.images import encode, sample_image
from helpers.sets.voc_sets import leak_boxes
from inspection.datasets.checking import check


def test_finds_one_source_on_both_sides(voc_set, run):
    voc_set.add("a_jpg.rf.0123", seed=10)
    voc_set.add("a_jpg.rf.4567", seed=11)
    voc_set.add("b", seed=12)
    voc_set.add("c", seed=12)
    dark = encode(sample_image(2).point(lambda value: value * 0.7), "JPEG")
    voc_set.add("d", dark)
    lists = voc_set.root / "lists"
    lists.mkdir()
    (lists / "train.txt").write_text(
        "a_jpg.rf.0123\nb\nd.jpg\npipe_00\npipe_01\ngone\n"
    )
    (lists / "test.txt").write_text("a_jpg.rf.4567\nc\npipe_02\npipe_01\n")
    status, out, _ = run("--splits", lists)
    assert status == 1
    assert "a_jpg.rf.0123.jpg: in train; a_jpg.rf.4567.jpg in test" in out
    assert "b.jpg: in train; c.jpg in test" in out
    assert "d.jpg: in train; pipe_02.jpg in test" in out
    assert "pipe_01: listed in train and test" in out
    assert "gone: listed in train, has no annotation" in out


def test_same_source_on_one_side_is_no_fault(voc_set):
    voc_set.add("a_jpg.rf.0123", seed=10)
    voc_set.add("a_jpg.rf.4567", seed=11)
    splits = {"train": ["a_jpg.rf.0123", "a_jpg.rf.4567"], "test": ["pipe_00"]}
    report = check.check_dataset(voc_set.annotations, voc_set.images, splits=splits)
    assert report.faults == []


def test_video_frames_are_told_by_a_pattern(voc_set, run):
    voc_set.add("film1_frame01", seed=10)
    voc_set.add("film1_frame99", seed=11)
    splits = {"train": ["film1_frame01"], "test": ["film1_frame99"]}
    for name, stems in splits.items():
        (voc_set.root / f"{name}.txt").write_text("\n".join(stems))
    lists = ("--splits", voc_set.root / "train.txt", voc_set.root / "test.txt")
    assert run(*lists)[0] == 0
    assert run(*lists, "--source", "(.+)_frame")[0] == 1
    status, _, err = run(*lists, "--source", ".+_frame")
    assert status == 2 and "put ( ) around" in err


def test_a_rare_class_and_a_part_without_it(voc_set, run):
    for number in range(20):
        voc_set.add(f"x{number}", seed=100 + number, boxes=leak_boxes({}))
    voc_set.add("rare", seed=200, boxes=leak_boxes({"name": "stain"}, {}))
    lists = voc_set.root / "lists"
    lists.mkdir()
    (lists / "train.txt").write_text("pipe_00\nrare\nx0\n")
    (lists / "val.txt").write_text("pipe_01\nx1\n")
    status, out, _ = run("--splits", lists)
    assert status == 0
    assert "warning: class far rarer than another (1)\n  stain: 1 picture, 25 of" in out
    assert "does not show (1)\n  val: holds no stain" in out
