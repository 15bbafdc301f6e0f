import numpy as np
import pytest

from inspection.common.detections import (
    NO_DETECTIONS,
    Detections,
    GroundTruth,
    class_names_by_id,
)

BOX = (0.1, 0.2, 0.3, 0.4)


def detections(*scores):
    """Return a detection for each score; the class id tells its place."""
    boxes = [(0, 0, 0.1 * (i + 1), 1) for i in range(len(scores))]
    class_ids = range(1, len(scores) + 1)
    return Detections(boxes=boxes, scores=scores, class_ids=[*class_ids])


def test_fields_are_named_not_counted():
    with pytest.raises(TypeError):
        Detections([BOX], [0.5], [1])
    with pytest.raises(TypeError):
        GroundTruth([BOX], [1], 10, 10)
    with pytest.raises(TypeError, match="classes"):
        Detections(boxes=[BOX], scores=[0.5], classes=[1])


def test_fields_are_arrays_of_one_type_whatever_comes():
    found = Detections(
        boxes=np.float32([BOX]), scores=np.float32([0.5]), class_ids=np.float32([2])
    )
    kinds = [a.dtype.name for a in (found.boxes, found.scores, found.class_ids)]
    assert kinds == ["float64", "float64", "int64"]
    assert NO_DETECTIONS.boxes.shape == (0, 4)
    assert NO_DETECTIONS.scores.shape == NO_DETECTIONS.class_ids.shape == (0,)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"boxes": [BOX, BOX]}, "2 boxes but 1 scores"),
        ({"scores": [0.5, 0.5]}, "1 boxes but 2 scores"),
        ({"class_ids": []}, "1 boxes but 0 class_ids"),
        ({"scores": [[0.5]]}, r"1 boxes but \[1, 1\] scores"),
        ({"scores": [np.nan]}, "scores has values that are not finite"),
        ({"class_ids": [np.nan]}, "class_ids has values that are not finite"),
        ({"boxes": [(0, 0, np.inf, 1)]}, "boxes has values that are not finite"),
        ({"boxes": BOX}, r"of shape \[N, 4\], not \[4\]"),
        ({"boxes": [(*BOX, 1)]}, r"of shape \[N, 4\], not \[1, 5\]"),
    ],
)
def test_fields_that_do_not_fit_are_refused(wrong, message):
    fields = {"boxes": [BOX], "scores": [0.5], "class_ids": [1]}
    with pytest.raises(ValueError, match=message):
        Detections(**fields | wrong)


def test_ground_truth_is_checked_alike():
    fields = {"boxes": [BOX], "class_ids": [1], "width": 20, "height": 10}
    drawn = GroundTruth(**fields)
    assert drawn.crowd.tolist() == [False] and len(drawn) == 1
    assert drawn.pixel_areas == pytest.approx(0.2 * 0.2 * 20 * 10)
    with pytest.raises(ValueError, match="1 boxes but 2 class_ids"):
        GroundTruth(**fields | {"class_ids": [1, 2]})
    with pytest.raises(ValueError, match="1 boxes but 2 crowd"):
        GroundTruth(**fields, crowd=[True, False])


@pytest.mark.parametrize(
    "keep, wanted",
    [
        (1, [2]),
        (-1, [3]),
        (slice(2), [1, 2]),
        ([2, 0], [3, 1]),
        ([], []),
        (np.array([True, False, True]), [1, 3]),
    ],
)
def test_detections_are_indexed_row_by_row(keep, wanted):
    kept = detections(0.2, 0.9, 0.5)[keep]
    assert kept.class_ids.tolist() == wanted and len(kept) == len(wanted)
    assert kept.boxes[:, 2] == pytest.approx(0.1 * np.array(wanted))


def test_above_keeps_the_order_and_best_first_sorts():
    found = detections(0.2, 0.5, 0.9, 0.5)
    assert found.above(0.5).class_ids.tolist() == [2, 3, 4]
    assert found.best_first().class_ids.tolist() == [3, 2, 4, 1]
    assert found.best_first(0.5).class_ids.tolist() == [3, 2, 4]
    assert len(found.above(0.91)) == 0 and len(NO_DETECTIONS.best_first()) == 0


def test_names_come_from_a_label_map_or_a_list():
    assert class_names_by_id({"leak": 1, "crack": 7}) == {1: "leak", 7: "crack"}
    assert class_names_by_id(("leak", "puddle")) == {1: "leak", 2: "puddle"}
    assert class_names_by_id([]) == {}
