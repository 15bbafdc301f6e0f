"""What a set holds: sizes, classes, boxes, on small sets and on a real one."""

import pytest

from helpers.sets.voc_sets import BOXES, leak_boxes
from inspection.datasets.checking import check

LEAK, PUDDLE = BOXES


def test_missing_size_is_taken_from_the_picture(voc_set):
    voc_set.add("x", seed=9, width=None, height=None, boxes=leak_boxes({"xmax": 90}))
    report = check.check_dataset(voc_set.annotations, voc_set.images)
    assert sorted(fault.kind for fault in report.faults) == ["clipped-box", "no-size"]
    assert report.statistics.usable_boxes == 9


def test_wrong_size_does_not_blame_the_boxes(voc_set):
    voc_set.add("x", seed=9, width=32, height=24)
    report = check.check_dataset(voc_set.annotations, voc_set.images)
    assert [fault.kind for fault in report.faults] == ["wrong-size"]


def test_box_sizes_are_those_at_the_input_size(voc_set):
    count = check.check_dataset(voc_set.annotations, voc_set.images, input_size=320)
    leak, puddle = count.statistics.classes
    # 26x34 of 64x48 pixels, when both sides become 320
    assert leak.median_size == pytest.approx((26 / 64 * 34 / 48) ** 0.5 * 320)
    assert (puddle.boxes, puddle.images, puddle.tiny) == (4, 4, 0)


def test_bccd_has_its_two_boxes_without_area(shared_data, run, monkeypatch):
    bccd = shared_data / "bccd"
    report = check.check_dataset(bccd / "annotations", bccd / "images")
    found = report.by_kind()
    assert [str(fault) for fault in found["zero-area"]] == [
        "BloodImage_00338.xml: box 13 (RBC) (504, 337) to (504, 337)",
        "BloodImage_00343.xml: box 4 (RBC) (181, 329) to (181, 329)",
    ]
    assert sorted(found) == ["near-duplicates", "tiny-boxes", "zero-area"]
    count = report.statistics
    assert (count.boxes, count.usable_boxes, count.images) == (4888, 4886, 364)
    assert {c.name: c.boxes for c in count.classes} == {
        "Platelets": 361,
        "RBC": 4153,
        "WBC": 372,
    }
    assert (report.exit_code(), report.exit_code(strict=True)) == (0, 1)
